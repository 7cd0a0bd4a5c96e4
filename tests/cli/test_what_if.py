"""The command that imagines records, as it is typed."""

import pytest

RECORD = "CHN->RUS military_training=1 2023-06-30 grade=B2"


def test_scenarios_stand_side_by_side_and_nothing_is_written(program, fitted, workplace, head):
    before = head()
    file = workplace / "two.csv"
    file.write_text(
        "scenario,pair,indicator,date,value,grade\n"
        "mild,CHN->RUS,military_training,2023-06-30,1,E5\n"
        "strong,CHN->RUS,military_training,2023-06-30,1,B2\n"
    )
    words = ("--record", RECORD, "--scenario", "two.csv", "--no-refit")
    outcome = program("what-if", "tiny", "Q4", *words)
    assert outcome.code == 0, outcome.err
    for text in ("Q4 Training by mid-2024?", "nothing new", "imagined", "mild", "strong"):
        assert text in outcome.out
    # What was left open is said: the state's own support would weigh far more.
    assert (
        "Scenario mild:\n  CHN->RUS military_training=1, 2023-06-30, grade E5, attribution unknown "
        "(say attribution=state or attribution=firm if it is told), known on 2023-06-30"
    ) in outcome.out
    found = program("what-if", "tiny", "Q4", *words, "--json").json
    assert (found["format"], found["as_of"]) == ("what-if/1", "2023-06-30")
    assert list(found["understood"]) == ["imagined", "mild", "strong"]
    p = {one["scenario"]: one["probability"] for one in found["scenarios"]}
    assert p["nothing new"] == pytest.approx(found["now"])
    assert p["nothing new"] < p["mild"] < p["strong"]
    assert p["strong"] == pytest.approx(p["imagined"], abs=1e-6)
    assert head() == before
    assert [one.name for one in fitted.parent.iterdir()] == [fitted.name]


def test_every_problem_of_a_record_is_told_at_once(program, fitted):
    outcome = program("what-if", "tiny", "Q4", "--record", "XX->RUS nothing=1 2023-13 grade=Z9")
    assert (outcome.code, outcome.out) == (1, "")
    assert "problems found" in outcome.err
    assert "imagined record 1 [pair]" in outcome.err
    for text in ("XX", "nothing", "2023-13", "Z9"):
        assert text in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "record", ["", "CHN->RUS", "CHN->RUS patrol 2023-06-30", "a 'b", RECORD + " colour=red"]
)
def test_a_record_without_the_form_says_how_to_write_it(program, fitted, record):
    outcome = program("what-if", "tiny", "Q4", "--record", record)
    assert (outcome.code, outcome.out) == (1, "")
    assert "imagined record" in outcome.err or "is not understood" in outcome.err


def test_bad_rows_of_a_file_are_named_by_line(program, fitted, workplace):
    (workplace / "bad.csv").write_text(
        "scenario,pair,indicator,date,value\n"
        "a,CHN->RUS,military_training,2023-06-30,1\n"
        "a,CHN->RUS,military_training,never,1\n"
        ",CHN->RUS,military_training,2023-06-30,1\n"
    )
    outcome = program("what-if", "tiny", "Q4", "--scenario", "bad.csv")
    assert (outcome.code, outcome.out) == (1, "")
    assert "bad.csv:3" in outcome.err
    assert "bad.csv:4" in outcome.err
    assert "bad.csv:2" not in outcome.err


@pytest.mark.parametrize("text", ["", "scenario,pair,indicator,date,value\n", "a,b\n1,2\n"])
def test_a_file_without_scenarios_is_refused(program, fitted, workplace, text):
    (workplace / "empty.csv").write_text(text)
    outcome = program("what-if", "tiny", "Q4", "--scenario", "empty.csv")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err


def test_a_file_that_is_not_there_is_told(program, fitted):
    outcome = program("what-if", "tiny", "Q4", "--scenario", "none.csv")
    assert outcome.code == 1
    assert "none.csv" in outcome.err


def test_an_unknown_question_lists_those_there_are(program, fitted):
    outcome = program("what-if", "tiny", "Q99", "--record", RECORD)
    assert outcome.code == 1
    assert "one of Q1, Q2, Q3" in outcome.err


def test_without_a_record_it_is_a_usage_error(program, fitted):
    assert program("what-if", "tiny", "Q4").code == 2
