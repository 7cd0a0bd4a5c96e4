"""The forecast that is scored was made while nobody knew the answer."""

from datetime import date

import pytest

from forecast.scoring.choice import choose_forecast, known_from
from forecast.study.models import Pair, Question, Resolution

EVENT = "max_rung >= lethal by state"
QUESTION = Question(
    id="Q1",
    title="Arms?",
    event=EVENT,
    pair=Pair("CHN", "RUS"),
    opens=date(2023, 1, 1),
    closes=date(2023, 12, 31),
    rule="",
)
KNOWN = date(2023, 8, 1)


def run(as_of, probability, name="", status="converged", **changes):
    asked = {"id": "Q1", "pair": "CHN->RUS", "event": EVENT}
    asked |= {"opens": "2023-01-01", "closes": "2023-12-31", "probability": probability, **changes}
    return {"run": name or as_of, "as_of": as_of, "status": status, "questions": [asked]}


def resolution(resolved_on, known_at, outcome="yes", question="Q1"):
    days = {
        "resolved_on": date.fromisoformat(resolved_on),
        "known_at": date.fromisoformat(known_at),
    }
    return Resolution(question=question, outcome=outcome, **days)


def chosen(*runs, at="last"):
    found = choose_forecast(QUESTION, KNOWN, runs, at=at)
    return found.run, found.probability


def test_the_answer_is_out_from_the_earliest_day_that_any_resolution_names():
    first, corrected = (
        resolution("2023-08-01", "2023-08-02"),
        resolution("2023-09-01", "2023-09-02"),
    )
    assert known_from("Q1", [corrected, first]) == date(2023, 8, 1)
    # Announced before the day to which it is dated: known is known.
    assert known_from("Q1", [resolution("2023-12-31", "2023-08-05")]) == date(2023, 8, 5)
    assert known_from("Q1", [resolution("2023-08-01", "2023-08-02", question="Q2")]) is None


def test_the_newest_run_before_the_answer_is_scored_or_the_one_at_the_opening():
    runs = [run("2023-03-31", 0.2), run("2023-07-31", 0.3), run("2023-01-01", 0.1)]
    assert chosen(*runs) == ("2023-07-31", 0.3)
    assert chosen(*runs, at="opening") == ("2023-01-01", 0.1)


@pytest.mark.parametrize("at", ["last", "opening"])
@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (run("2023-08-01", 0.9), "answer was out"),
        (run("2023-11-30", 0.9), "answer was out"),
        (run("2022-12-31", 0.9), "no run as of a day in its window"),
        (run("2024-01-01", 0.9), "no run as of a day in its window"),
        (run("2023-05-01", 0.9, status="failed"), "not fit to publish"),
        (run("2023-05-01", None, reason="no indicator"), "no indicator"),
        (run("2023-05-01", 0.9, event="rung == troops"), "something else"),
        (run("2023-05-01", 0.9, closes="2024-12-31"), "something else"),
        (run("2023-05-01", 0.9, pair="NA->RUS"), "something else"),
    ],
)
def test_what_cannot_be_scored_is_passed_over_with_the_reason(late, reason, at):
    found = choose_forecast(QUESTION, KNOWN, [late], at=at)
    assert (found.run, found.probability) == ("", None)
    assert reason in found.reason
    assert chosen(run("2023-03-31", 0.2), late, at=at) == ("2023-03-31", 0.2)


@pytest.mark.parametrize("at", ["last", "opening"])
def test_of_runs_as_of_one_day_the_last_name_is_taken_whatever_it_says(at):
    runs = [run("2023-03-31", 0.9, "b"), run("2023-03-31", 0.1, "c"), run("2023-03-31", 0.5, "a")]
    assert chosen(*runs, at=at) == ("c", 0.1)


def test_a_doubtful_run_counts():
    assert chosen(run("2023-03-31", 0.2, status="doubtful")) == ("2023-03-31", 0.2)


def test_a_run_that_was_not_asked_is_no_forecast():
    other = run("2023-03-31", 0.2) | {"questions": []}
    assert choose_forecast(QUESTION, KNOWN, [other]).reason == "no run as of a day in its window"
