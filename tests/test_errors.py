import pytest

from forecast import errors
from forecast.errors import ForecastError, Problem, ProblemsError

PROBLEM = Problem(
    severity="error",
    name="unknown",
    file="evidence.csv",
    line=12,
    field="supporter",
    what="unknown actor 'XYZ'",
    expected="one of CHN, RUS",
    remedy="correct the code",
)


def test_an_error_says_what_where_expected_remedy():
    error = ForecastError("it broke", where="a.toml", expected="a number", remedy="write one")
    assert str(error) == "it broke (a.toml). Expected a number. Remedy: write one"
    assert str(ForecastError("it broke")) == "it broke"


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("StudyError", ValueError),
        ("EvidenceError", ValueError),
        ("LedgerError", RuntimeError),
        ("IntegrityError", RuntimeError),
        ("PriorError", ValueError),
        ("QuestionError", ValueError),
        ("ModelError", ValueError),
        ("FitError", RuntimeError),
        ("RunError", LookupError),
        ("BusyError", RuntimeError),
    ],
)
def test_every_error_can_be_caught_as_ours_or_as_the_builtin_it_specialises(name, builtin):
    error = getattr(errors, name)
    with pytest.raises(builtin) as caught:
        raise error("x")
    assert isinstance(caught.value, ForecastError)


def test_a_problem_reads_as_file_line_field_what_expected_remedy():
    assert str(PROBLEM) == (
        "evidence.csv:12 [supporter] unknown actor 'XYZ'; expected one of CHN, RUS; "
        "correct the code"
    )


def test_problems_are_listed_one_a_line():
    error = ProblemsError([PROBLEM, PROBLEM])
    assert str(error) == f"2 problems found:\n{PROBLEM}\n{PROBLEM}"
    assert str(ProblemsError([PROBLEM])).startswith("1 problem found:")
    assert isinstance(error, ValueError)
