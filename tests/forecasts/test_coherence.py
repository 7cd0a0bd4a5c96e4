"""200 random questions: wider windows, lower rungs and the looser track are never less likely."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.forecasts.events import event_chance, highest_rungs
from forecast.forecasts.window import make_window
from forecast.study.events import parse_event
from forecast.study.models import Pair
from tests.forecasts import worlds
from tests.forecasts.worlds import RUNGS

PAIRS = tuple(map(Pair, ("CHN", "NA", "002", "RUS"), ("RUS", "RUS", "RUS", "CHN")))
FIRST, LAST = date(2021, 7, 1), date(2025, 6, 30)


@dataclass(frozen=True)
class Asked:
    """A random question, and the same with a window that holds its own."""

    pair: Pair
    opens: date
    closes: date
    wider_opens: date
    wider_closes: date
    rung: int
    by: str


def random_questions(count):
    rng = np.random.default_rng(2022)
    days = (LAST - FIRST).days
    for _ in range(count):
        a, b, c, d = (FIRST + timedelta(days=int(n)) for n in sorted(rng.integers(0, days + 1, 4)))
        yield Asked(
            pair=PAIRS[rng.integers(4)],
            opens=b,
            closes=c,
            wider_opens=a,
            wider_closes=d,
            rung=int(rng.integers(1, 6)),
            by=("any", "state")[rng.integers(2)],
        )


QUESTIONS = list(random_questions(200))


@pytest.fixture(scope="module")
def world(fit_prior):
    """Return a world of 60 draws from the prior, with the study's records."""
    draws = replace(
        fit_prior.draws,
        values={name: values[:60] for name, values in fit_prior.draws.values.items()},
    )
    return worlds.make(fit_prior.panel, draws, paths=30)


def chance(world, asked, event, *, wide=False, record=False):
    opens, closes = (asked.wider_opens, asked.wider_closes) if wide else (asked.opens, asked.closes)
    window = make_window(world.panel.study.calendar, opens, closes)
    return event_chance(world, parse_event(event), asked.pair, window, record=record)


def at_least(asked, rung=None, by=None):
    track = " by state" if (by or asked.by) == "state" else ""
    return f"max_rung >= {RUNGS[asked.rung if rung is None else rung]}{track}"


def test_the_questions_are_of_every_make():
    assert {(one.pair, one.by) for one in QUESTIONS} == {
        (p, b) for p in PAIRS for b in ("any", "state")
    }
    assert {one.rung for one in QUESTIONS} == {1, 2, 3, 4, 5}
    assert sum((one.closes - one.opens).days < 90 for one in QUESTIONS) > 20


def test_a_wider_window_is_at_least_as_likely(world):
    found = [
        (chance(world, one, at_least(one)), chance(world, one, at_least(one), wide=True))
        for one in QUESTIONS
    ]
    assert all((narrow <= wide).all() for narrow, wide in found)
    assert sum(narrow.mean() < wide.mean() for narrow, wide in found) > 150


def test_a_higher_rung_is_at_most_as_likely(world):
    for one in QUESTIONS:
        by_rung = [chance(world, one, at_least(one, rung)) for rung in range(6)]
        assert (by_rung[0] == 1.0).all()
        assert all((higher <= lower).all() for lower, higher in itertools.pairwise(by_rung))


def test_the_state_does_at_most_what_anyone_does(world):
    for one in QUESTIONS:
        state, anyone = (chance(world, one, at_least(one, by=by)) for by in ("state", "any"))
        assert (state <= anyone).all()


def test_the_rungs_of_a_window_exclude_each_other_and_one_of_them_is_the_highest(world):
    for one in QUESTIONS:
        track = " by state" if one.by == "state" else ""
        each = [chance(world, one, f"max_rung == {rung}{track}") for rung in RUNGS]
        np.testing.assert_array_equal(sum(each), 1.0)
        above = sum(each[one.rung :])
        np.testing.assert_array_equal(above, chance(world, one, at_least(one)))


def test_an_event_and_its_opposite_make_one(world):
    for one in QUESTIONS:
        opposite = at_least(one).replace(">=", "<")
        both = chance(world, one, at_least(one)) + chance(world, one, opposite)
        np.testing.assert_array_equal(both, 1.0)


def test_either_of_two_windows_that_meet_is_the_window_of_both(world):
    calendar = world.panel.study.calendar
    for one in QUESTIONS:
        if one.wider_opens == one.opens:
            continue
        early = make_window(calendar, one.wider_opens, one.opens - timedelta(days=1))
        late = make_window(calendar, one.opens, one.wider_closes)
        whole = make_window(calendar, one.wider_opens, one.wider_closes)
        parts = [highest_rungs(world, one.pair, part, one.by) for part in (early, late)]
        assert np.array_equal(np.maximum(*parts), highest_rungs(world, one.pair, whole, one.by))


def test_acts_of_the_state_are_acts_of_anyone(world):
    for one in QUESTIONS:
        state, anyone = (
            chance(world, one, f"any(military_training, by={by})") for by in ("state", "any")
        )
        assert (state <= anyone + 1e-12).all()


def test_more_acts_in_a_wider_window_and_fewer_of_a_higher_number(world):
    # A mutual indicator is read from both directions of the dyad.
    for one in [one for one in QUESTIONS if one.pair.supporter in ("CHN", "RUS")]:
        narrow, wide = (
            chance(world, one, "count(joint_patrol) >= 2", wide=w) for w in (False, True)
        )
        # Simulated anew for each window: 1,800 paths have a standard error of at most 0.012.
        assert narrow.mean() <= wide.mean() + 0.06
        more = chance(world, one, "count(joint_patrol) >= 3")
        assert (more <= narrow).all()


@pytest.fixture(scope="module")
def silent(world, quiet_panel):
    """Return the same world where no report is on record yet."""
    return worlds.make(quiet_panel, world.draws, paths=30)


@pytest.mark.parametrize("event", ["any(military_training)", "max_rung >= {}"])
def test_what_is_still_to_come_is_never_likelier_on_record_than_in_truth(silent, event):
    for one in QUESTIONS:
        named = event.format(RUNGS[one.rung])
        truth, record = (chance(silent, one, named, record=r) for r in (False, True))
        # Rungs in truth are counted over 1,800 paths, on the record their chance is exact.
        slack = 0.0 if event.startswith("any") else 5 * np.sqrt(0.25 / truth.size)
        assert record.mean() <= truth.mean() + slack + 1e-12


def test_the_record_of_a_wider_window_is_at_least_as_likely(world):
    for one in QUESTIONS:
        for event in ("any(military_training)", "any(formal_charge, rung=lethal)"):
            narrow, wide = (chance(world, one, event, wide=w, record=True) for w in (False, True))
            assert (narrow <= wide + 1e-12).all()
