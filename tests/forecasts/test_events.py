"""Events on rungs, joined events, and events that the model cannot express."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.errors import QuestionError
from forecast.forecasts.events import event_chance, highest_rungs, last_rungs
from forecast.forecasts.window import make_window
from forecast.study.events import parse_event
from forecast.study.models import Pair
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, day


@pytest.fixture
def world(quiet_panel, quiet):
    """As of 2023-Q2, eight periods back (2021-Q3) and eight ahead (2025-Q2)."""
    return worlds.make(quiet_panel, worlds.still_draws(quiet))


def window(world, opens, closes):
    return make_window(world.panel.study.calendar, day(opens), day(closes))


def chance(world, event, opens, closes, pair=CHINA):
    parsed = parse_event(event)
    return event_chance(world, parsed, pair, window(world, opens, closes), record=False)


# Rungs from 2021-Q3 to 2025-Q2: the state gives arms in 2023-Q1, its firms dual-use goods from Q3.
STATE = [0, 0, 0, 1, 1, 1, 4, 2, 1, 1, 0, 0, 0, 0, 0, 0]
FIRMS = [0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("max_rung >= lethal by state", 1),
        ("max_rung >= troops by state", 0),
        ("max_rung >= troops", 0),
        ("max_rung == lethal", 1),
        ("max_rung <= dual-use", 0),
        ("max_rung != lethal", 0),
        ("max_rung > dual-use", 1),
        ("max_rung < lethal", 0),
        ("rung == dual-use", 1),
        ("rung == rhetorical by state", 1),
        ("rung >= lethal", 0),
    ],
)
def test_rung_events_read_the_path_of_the_window(world, event, expected):
    worlds.with_rungs(world, CHINA, STATE, FIRMS)
    assert (chance(world, event, "2023-01-01", "2023-12-31") == expected).all()


def test_what_happens_outside_the_window_does_not_count(world):
    worlds.with_rungs(world, CHINA, STATE, FIRMS)
    assert (chance(world, "max_rung >= lethal", "2023-04-01", "2023-12-31") == 0.0).all()
    assert (chance(world, "max_rung >= lethal", "2022-10-01", "2022-12-31") == 0.0).all()


def test_a_cut_period_counts_with_its_share(world):
    worlds.with_rungs(world, CHINA, STATE, FIRMS)
    # 45 of the 90 days of 2023-Q1 are in the window; 800 paths have a standard error of 0.018.
    found = chance(world, "max_rung >= lethal by state", "2023-02-15", "2023-06-30")
    assert found.mean() == pytest.approx(0.5, abs=0.09)
    early = chance(world, "max_rung >= lethal by state", "2023-01-01", "2023-02-14")
    # The same act falls into one of two windows that meet.
    assert np.array_equal(early + found, np.ones_like(found))


def test_the_highest_rung_of_any_is_the_greater_of_both_axes(world):
    worlds.with_rungs(world, CHINA, STATE, FIRMS)
    year = window(world, "2023-07-01", "2024-06-30")
    assert (highest_rungs(world, CHINA, year, "state") == 1).all()
    assert (highest_rungs(world, CHINA, year, "any") == 3).all()


def test_the_rung_held_at_the_close_is_the_last_one_entered_by_then(world):
    worlds.with_rungs(world, CHINA, STATE)
    # Up from 1 to 4 in 2023-Q1, of which 22 or 23 of 90 days have passed.
    held = last_rungs(world, CHINA, window(world, "2022-10-01", "2023-01-22"), "state")
    assert set(np.unique(held)) == {1, 4}
    assert (held == 4).mean() == pytest.approx(22 / 90, abs=0.08)


def test_joined_events_happen_if_either_does(world):
    worlds.with_rungs(world, CHINA, STATE)
    span = ("2023-07-01", "2023-12-31")
    # A count of rate 1 a quarter over two quarters and a stated opportunity: 1 - e^-2 e^-1.
    joined = chance(world, "any(joint_patrol) or any(hosted_exercise)", *span)
    patrol = chance(world, "any(joint_patrol)", *span)
    exercise = chance(world, "any(hosted_exercise)", *span)
    np.testing.assert_allclose(joined, 1.0 - (1.0 - patrol) * (1.0 - exercise))
    sure = chance(world, "max_rung <= rhetorical by state or rung == troops", *span)
    assert (sure == 1.0).all()


def test_events_of_one_question_share_their_paths(world):
    span = ("2023-07-01", "2024-06-30")
    joined = chance(world, "max_rung >= lethal or max_rung >= troops", *span)
    assert np.array_equal(joined, chance(world, "max_rung >= lethal", *span))


@pytest.mark.parametrize(
    ("event", "pair", "match"),
    [
        ("max_rung >= lethal", Pair("RUS", "CHN"), None),
        ("any(mediation)", CHINA, "mediation is not a signal"),
        ("any(un_vote)", CHINA, "needs an event count or a stated opportunity"),
    ],
)
def test_what_the_model_cannot_express_says_why(world, event, pair, match):
    if match is None:
        assert chance(world, event, "2023-07-01", "2023-12-31", pair).shape == (4, 200)
        return
    with pytest.raises(QuestionError, match=match):
        chance(world, event, "2023-07-01", "2023-12-31", pair)


@pytest.mark.parametrize(
    "event",
    ["max_rung >= lethal", "any(military_training)", "any(formal_charge, rung=lethal)"],
)
def test_rungs_of_a_pair_with_nothing_at_stake_cannot_be_asked(fit_study_data, event):
    from dataclasses import replace

    from tests.plugins import fits

    study = replace(fit_study_data, at_stake=fit_study_data.at_stake[:1])
    panel = fits.panel_of(study, [], fits.AS_OF)
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)))
    with pytest.raises(QuestionError, match="RUS->CHN is not at stake as of 2023-06-30"):
        chance(world, event, "2023-07-01", "2023-12-31", Pair("RUS", "CHN"))
