"""Which rows a study wants, and the account of the others."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from forecast.evidence.readers.wanted import Wanted
from tests.evidence.readers.support import study_of

DAY = date(2020, 1, 1)


@pytest.fixture
def wanted() -> Wanted:
    return Wanted(
        study_of("dcad", "CHN", "RUS"),
        "file.csv",
        names={"Wales": "GBR", "Cathay": "CHN"},
        not_states=["NATO**"],
        actors={"SUN": "RUS"},
    )


def test_rows_of_other_states_are_dropped_and_keep_their_numbers(wanted: Wanted) -> None:
    frame = pd.DataFrame(
        {
            "a": ["China", "Cathay", "Japan", "NATO**", "", "China", "China"],
            "b": ["Russia", "Soviet Union", "Russia", "Russia", "Russia", "Wales", "Rusia"],
        }
    )
    assert list(wanted.keep(frame, ("a", "b")).index) == [0, 1]
    assert wanted.skipped == {"blank row": 1, "not a state": 2, "pair outside the study": 2}
    (problem,) = wanted.problems.problems
    assert (problem.what, problem.line, problem.field) == ("unknown state 'Rusia'", 8, "b")


def test_an_unknown_state_is_noted_once(wanted: Wanted) -> None:
    assert not wanted.is_state("Rusia", "name", row=2, field="a")
    assert not wanted.is_state("Rusia", "name", row=3, field="a")
    assert not wanted.is_state("999", "cow", row=4, field="b")
    found = [problem.what for problem in wanted.problems.problems]
    assert found == ["unknown state 'Rusia'", "unknown state '999' (cow code)"]


def test_one_column_of_states_is_counted_as_such(wanted: Wanted) -> None:
    frame = pd.DataFrame({"a": ["365", "2"]})
    assert list(wanted.keep(frame, ["a"], "cow").index) == [0]
    assert wanted.skipped == {"state outside the study": 1}


@pytest.mark.parametrize(
    ("text", "system", "on", "code"),
    [
        ("China", "name", DAY, "CHN"),
        ("Cathay", "name", DAY, "CHN"),
        ("365", "cow", date(1980, 1, 1), "RUS"),
        ("Japan", "name", DAY, None),
        ("Nowhere", "name", DAY, None),
    ],
)
def test_codes_are_those_of_the_study(
    wanted: Wanted, text: str, system: str, on: date, code: str | None
) -> None:
    assert wanted.code(text, system, on) == code  # type: ignore[arg-type]
    assert wanted.code(text, system, on) == code  # type: ignore[arg-type]


def test_a_dyad_counts_in_either_direction(wanted: Wanted) -> None:
    assert wanted.dyad("365", "710", "cow", DAY)
    assert wanted.dyad("710", "365", "cow", DAY)
    assert not wanted.dyad("710", "2", "cow", DAY)
    assert not wanted.dyad("710", "710", "cow", DAY)


def test_two_names_may_mean_one_state(wanted: Wanted) -> None:
    assert wanted.same_state("USA", "United States")
    assert wanted.same_state("Wales", "United Kingdom")
    assert not wanted.same_state("Wales", "Shanghai Municipality")
    assert not wanted.same_state("Shanghai", "Shandong")


def test_notes_are_kept_once_and_zero_is_no_skip(wanted: Wanted) -> None:
    wanted.note("a fault")
    wanted.note("a fault")
    wanted.skip("nothing", 0)
    assert wanted.notes == ["a fault"]
    assert wanted.skipped == {}
