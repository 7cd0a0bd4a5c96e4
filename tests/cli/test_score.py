"""What the command prints of scores; how they are worked out is tested with the runs."""

import pytest

from tests.runs.test_track_record import QUESTIONS, RATES, RESOLUTIONS, write
from tests.tiny import write_study


@pytest.fixture
def study(workplace):
    place = write_study(workplace / "tiny", questions_csv=QUESTIONS, resolutions_csv=RESOLUTIONS)
    (place / "base_rates.csv").write_text(RATES, encoding="utf-8")
    return place


def test_each_question_and_the_means_are_printed(program, study):
    write(study, "2023-06-30", Q1=0.2, Q2=0.4, made="2023-09-01")
    out = program("score", "tiny").out
    lines = out.splitlines()
    assert "newest run as of a day before the answer was out" in lines[0]
    (row,) = [line.split() for line in lines if line.startswith("Q2")]
    assert row[:7] == ["Q2", "2023-08-01", "yes", "2023-06-30*", "40.0", "%", "0.3600"]
    (means,) = [line.split() for line in lines if line.startswith("model")]
    assert means == ["model", "0.2000", "0.5697", "0"]
    assert "Not scored, void: 1 (Q4)" in out
    assert "Not scored, unresolved: 1 (Q5)" in out
    assert "* 1 made when the answer was out" in out


def test_json_holds_the_same_and_is_strict(program, study):
    write(study, "2023-06-30", Q1=0.2, Q2=0.0)
    found = program("score", "tiny", "--json").json
    assert (found["format"], found["study"], found["at"]) == ("scores/1", "tiny", "last")
    first, second, third = found["questions"]
    assert (first["model"], first["signed"], first["brier_model"]) == (
        0.2,
        None,
        pytest.approx(0.04),
    )
    assert second["log_model"] == "infinite"
    assert (third["model"], third["base_rate"]) == (None, 0.5)
    assert [row["forecaster"] for row in found["common"]] == ["model", "base rate"]
    assert found["common"][0]["log"] == "infinite"
    assert found["common"][0]["infinite"] == 1
    assert found["common_with_signed"] == []
    assert found["not_scored"] == {"ambiguous": [], "void": ["Q4"], "unresolved": ["Q5"]}


def test_the_opening_is_scored_on_request(program, study):
    write(study, "2023-01-31", Q1=0.3, Q2=0.1)
    write(study, "2023-06-30", Q1=0.2, Q2=0.4)
    found = program("score", "tiny", "--at", "opening", "--json").json
    assert [row["as_of"] for row in found["questions"]] == ["2023-01-31", "2023-01-31", ""]


def test_without_runs_it_says_how_to_make_one(program, study):
    (study / "base_rates.csv").unlink()
    outcome = program("score", "tiny")
    assert outcome.code == 0
    assert "forecast run tiny --as-of" in outcome.out
    assert program("score", "tiny", "--at", "never").code == 2


def test_a_study_without_an_answer_has_no_scores(program, blank_study):
    assert program("score", "mine").code == 0
    assert program("score", "mine", "--json").json["questions"] == []
