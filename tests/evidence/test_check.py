import pytest

from forecast.evidence.check import check_record, parse_value, read_record
from forecast.study.models import Indicator
from forecast.study.problems import Collector, Row
from tests.tiny import ARMS, PATROL, record


def faults(study, base=PATROL, **changes):
    return check_record(Row(12, base | changes), study)


def test_a_good_row_has_no_problem_and_becomes_a_record(tiny_study):
    assert faults(tiny_study) == []
    made = record(tiny_study)
    assert (made.number, made.grade, made.pair.label) == (1.0, "B1", "CHN->RUS")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("id", "", "is empty"),
        ("source_name", " ", "is empty"),
        ("event_date", "2022-05", "precision day"),
        ("date_precision", "week", "day, month, quarter, half-year, year"),
        ("known_at", "soon", "not a date"),
        ("known_at_basis", "guess", "exact, month_end, file_vintage"),
        ("supporter", "XXX", "unknown actor 'XXX'"),
        ("recipient", "", "is empty"),
        ("indicator", "parade", "unknown indicator 'parade'"),
        ("mutual", "0", "contradicts indicators.csv"),
        ("mutual", "yes", "contradicts indicators.csv"),
        ("value", "", "not a finite number"),
        ("attribution", "company", "state, firm, unknown"),
        ("source_reliability", "G", "one of A, B"),
        ("source_reliability", "b", "one of A, B"),
        ("credibility", "0", "one of 1, 2"),
    ],
)
def test_a_bad_cell_is_named_with_line_field_expectation_and_remedy(
    tiny_study, field, value, words
):
    problems = faults(tiny_study, **{field: value})
    assert [(one.line, one.field) for one in problems] == [(12, field)]
    assert words in str(problems[0])
    assert problems[0].expected
    assert problems[0].remedy


def test_all_bad_cells_of_a_row_are_named_at_once(tiny_study):
    problems = faults(tiny_study, event_date="x", value="-1", credibility="9", supporter="ZZZ")
    assert {one.field for one in problems} == {"event_date", "value", "credibility", "supporter"}


def test_a_pair_outside_the_study_is_refused(tiny_study):
    problems = faults(tiny_study, ARMS, supporter="RUS", recipient="NA")
    assert "RUS->NA is not among the pairs" in problems[0].what


def test_a_mutual_record_may_be_written_in_either_direction(tiny_study):
    assert faults(tiny_study, supporter="RUS", recipient="CHN") == []


def test_a_mutual_record_needs_both_directions_in_the_study(tiny_study):
    problems = faults(tiny_study, supporter="NA")
    assert "RUS->NA is not among the pairs of the study, which the mutual" in problems[0].what


def test_a_report_on_the_ladder_must_say_state_or_firm(tiny_study):
    assert faults(tiny_study, ARMS) == []
    assert [one.field for one in faults(tiny_study, ARMS, attribution="")] == ["attribution"]


def indicator(kind, **changes):
    return Indicator(name="x", domain="military", kind=kind, **changes)


VOTE = indicator("ordinal", levels=("-1", "0", "1"))


@pytest.mark.parametrize(
    ("one", "text", "number"),
    [
        (indicator("binary"), "1.0", 1),
        (indicator("binary"), "0", 0),
        (indicator("count"), "12", 12),
        (indicator("count"), "2.0", 2),
        (indicator("continuous"), "-0.5", -0.5),
        (indicator("continuous", transform="log"), "1e-3", 0.001),
        (indicator("ordinal", levels=("low", "mid", "high")), "mid", 1),
        (indicator("ordinal", levels=("low", "mid", "high")), "2", 2),
        (VOTE, "0", 1),
        (VOTE, "-1", 0),
    ],
)
def test_a_value_means_a_number_by_its_kind(one, text, number):
    assert parse_value(text, one) == number


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (indicator("binary"), "0.5"),
        (indicator("binary"), "2"),
        (indicator("binary"), "yes"),
        (indicator("count"), "-1"),
        (indicator("count"), "1.5"),
        (indicator("continuous"), "nan"),
        (indicator("continuous"), "inf"),
        (indicator("continuous", transform="log"), "0"),
        (indicator("ordinal", levels=("low", "mid", "high")), "3"),
        (indicator("ordinal", levels=("low", "mid", "high")), "-1"),
        (indicator("ordinal", levels=("low", "mid", "high")), "1.5"),
        (indicator("ordinal", levels=("low", "mid", "high")), "Mid"),
    ],
)
def test_a_value_that_does_not_fit_its_kind_is_refused(one, text):
    with pytest.raises(ValueError, match="Expected"):
        parse_value(text, one)


def test_a_row_that_is_refused_gives_no_record(tiny_study):
    out = Collector("evidence.csv")
    assert read_record(Row(2, PATROL | {"value": "x"}), tiny_study, out) is None
    assert len(out.problems) == 1
