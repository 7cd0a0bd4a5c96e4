"""What the command makes of days; the days themselves are stood in for, as each takes seconds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecast.runs.replay_days import Day

ASKED = ("replay", "mine", "--from", "2026-03-01", "--to", "2026-03-02")


def day(name: str, path: str, **about: Any) -> Day:
    """Return a day with one question, one rung and one record."""
    row = {"date": name, "path": path, "fit": "r1", "k_hat": 0.25, "ess": 512.4, "records": 1}
    return Day(
        about=row | {"why": ""} | about,
        questions=(
            {"date": name, "question": "Q01", "pair": "AAA->BBB", "probability": 0.125, "low": 0.05}
            | {"high": 0.3, "before": 0.1, "time": -0.005, "evidence": 0.03, "change": 0.025},
        ),
        rungs=(
            {"date": name, "pair": "AAA->BBB", "period": "2026-Q1", "track": "any"}
            | {"rung": "none", "probability": 0.9},
        ),
        records=({"date": name, "cause": "evidence", "record": "E1", "note": "a \x1b[31mnote"},),
    )


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch, blank_study: Path) -> dict[str, Any]:
    """Stand in for the days: note how they were asked for; an error comes after the first."""
    made: dict[str, Any] = {"error": None}

    def replay_days(study: Any, ledger: Any, first: date, last: date, **asked: Any) -> Any:
        made.update(first=first, last=last, **asked)
        asked["tell"](first, 0, 2)
        asked["say"]("Fitting as of 2026-02-28")
        yield day("2026-02-28", "base", k_hat=None, records=0)
        if made["error"] is not None:
            raise made["error"]
        yield day("2026-03-01", "refitted", why="k-hat 0.91 is above 0.70")

    monkeypatch.setattr("forecast.runs.replay.replay_days", replay_days)
    return made


def test_days_are_told_one_a_line(program, days):
    outcome = program(*ASKED)
    assert outcome.code == 0
    base, refitted = outcome.out.splitlines()[1:]
    assert base.split()[:2] == ["2026-02-28", "base"]
    assert refitted.startswith("2026-03-01  refitted  0.25")
    assert "12.5 %" in refitted or "12 %" in refitted or "13 %" in refitted
    assert refitted.endswith("k-hat 0.91 is above 0.70")
    assert "Fitting as of 2026-02-28" in outcome.err
    assert (days["first"], days["last"]) == (date(2026, 3, 1), date(2026, 3, 2))
    assert days["choices"].refit == "gate"
    assert days["choices"].pairs == ()
    assert days["run"] is None


def test_choices_reach_the_replay(program, days):
    more = ("--pair", "AAA->BBB", "--refit", "never", "--seed", "7", "--draws", "90")
    assert program(*ASKED, *more).code == 0
    assert days["choices"].pairs == ("AAA->BBB",)
    assert days["choices"].refit == "never"
    assert (days["choices"].settings.seed, days["choices"].settings.draws) == (7, 90)


def test_json_is_one_document(program, days):
    document = program(*ASKED, "--json").json
    assert document["format"] == "replay/1"
    assert document["study"] == "mine"
    assert [one["path"] for one in document["days"]] == ["base", "refitted"]
    assert document["days"][0]["k_hat"] is None
    assert document["questions"][0]["probability"] == 0.125


def test_tables_are_written_into_a_directory(program, days, workplace):
    outcome = program(*ASKED, "-o", "out")
    assert outcome.code == 0
    assert outcome.out == ""
    for name in ("days", "questions", "rungs", "records"):
        assert f"Wrote out/{name}.csv" in outcome.err
        assert len(pd.read_csv(workplace / "out" / f"{name}.csv")) == 2


def test_what_is_done_before_an_interruption_is_kept_and_told(program, days, workplace):
    days["error"] = KeyboardInterrupt()
    outcome = program(*ASKED, "-o", "out")
    assert outcome.code == 130
    assert "interrupted after 2026-02-28; the same command goes on from there" in outcome.err
    assert list(pd.read_csv(workplace / "out" / "days.csv")["date"]) == ["2026-02-28"]


def test_an_interrupted_document_is_not_printed(program, days):
    days["error"] = KeyboardInterrupt()
    outcome = program(*ASKED, "--json")
    assert outcome.code == 130
    assert outcome.out == ""


@pytest.mark.parametrize(
    "wrong", [("--from", "March"), ("--from", "2026-03-01", "--to", "soon"), ("--to", "2026-03-02")]
)
def test_days_are_iso_dates_and_both_are_needed(program, blank_study, wrong):
    assert program("replay", "mine", *wrong).code == 2


def test_a_run_that_is_not_there_is_named(program, days):
    outcome = program(*ASKED, "--run", "2020-01-01-00000000")
    assert outcome.code == 1
    assert "no run" in outcome.err
