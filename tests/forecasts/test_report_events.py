"""Acts of one kind and formal charges, by the witness model."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.errors import QuestionError
from forecast.forecasts.events import event_chance
from forecast.forecasts.report_events import kind_share
from forecast.forecasts.window import make_window
from forecast.study.events import parse_event
from tests import tiny
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, day
from tests.plugins import fits

TRAINING = tiny.ARMS | {"id": "T", "indicator": "military_training"}
AHEAD = ("2023-07-01", "2023-12-31")
DELAYS = {"dual-use": 0.5 * 365.25, "lethal": 0.35 * 365.25}


@pytest.fixture
def world_of(fit_study_data):
    """Make a world as of mid-2023 with given rungs of CHN->RUS from 2021-Q3 on."""

    def build(rows=(), state=0, firms=0):
        panel = fits.panel_of(fit_study_data, list(rows), fits.AS_OF)
        world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)), paths=50)
        return worlds.with_rungs(world, CHINA, state, firms)

    return build


def chance(world, event, opens, closes, *, record=True):
    window = make_window(world.panel.study.calendar, day(opens), day(closes))
    found = event_chance(world, parse_event(event), CHINA, window, record=record)
    assert np.ptp(found) == 0.0
    return float(found[0, 0])


def test_the_share_of_a_kind_follows_the_acts_on_record(fit_study_data, world_of):
    # The only kind of its rung: all of its acts, whatever the record says.
    world = world_of()
    training = fit_study_data.indicators["military_training"]
    assert kind_share(world, training) == 1.0


def test_truth_is_the_rung_reached_in_the_share_of_each_period(world_of):
    event = "any(military_training, by=state)"
    assert chance(world_of(state=3), event, *AHEAD, record=False) == 1.0
    assert chance(world_of(state=2), event, *AHEAD, record=False) == 0.0
    # Half of the third quarter: 46 of 92 days.
    half = chance(world_of(state=3), event, "2023-07-01", "2023-08-15", record=False)
    assert half == pytest.approx(0.5)


def test_firms_act_for_any_but_not_for_the_state(world_of):
    world = world_of(firms=3)
    assert chance(world, "any(military_training)", *AHEAD, record=False) == 1.0
    assert chance(world, "any(military_training, by=state)", *AHEAD, record=False) == 0.0


def test_a_report_to_come_needs_detection_and_time(world_of):
    world = world_of(state=3)
    found = chance(world, "any(military_training, by=state)", *AHEAD)
    # d = 0.35, D = 0.5 years = 182.625 days. On 2023-12-31 the middles of Q3 (2023-08-15) and of Q4
    # (2023-11-15) are 138 and 46 days ago.
    known = [1.0 - np.exp(-days / 182.625) for days in (138, 46)]
    assert found == pytest.approx(1.0 - np.prod([1.0 - 0.35 * f for f in known]))


def test_a_report_is_no_likelier_than_its_act_to_fall_into_the_window(world_of):
    # The window has six of the 92 days of the third quarter; by its close 0.35 * (1 - exp(-x)) of
    # the acts of the quarter are reported, which is more than that for x = 46 / 182.625 days.
    world = world_of(state=np.array([0] * 8 + [3] + [0] * 7))
    window = ("2023-09-25", "2024-03-31")
    event = "any(military_training, by=state)"
    assert chance(world, event, *window, record=False) == pytest.approx(6 / 92)
    assert chance(world, event, *window) == pytest.approx(6 / 92)


def test_without_the_rung_no_act_comes_on_record(world_of):
    assert chance(world_of(), "any(military_training)", *AHEAD) == 0.0


def test_a_rung_is_on_record_by_any_report_at_or_above_it(world_of):
    event = "max_rung >= dual-use by state"
    # A state at lethal has also reached dual-use: either may be reported first.
    known = {rung: [1.0 - np.exp(-n / days) for n in (138, 46)] for rung, days in DELAYS.items()}
    missed = np.prod([1.0 - 0.35 * f for f in known["dual-use"]])
    missed *= np.prod([1.0 - 0.6 * f for f in known["lethal"]])
    assert chance(world_of(state=4), event, *AHEAD) == pytest.approx(1.0 - missed)
    assert chance(world_of(firms=4), event, *AHEAD) == 0.0
    above = chance(world_of(state=4), "max_rung > dual-use by state", *AHEAD)
    assert above == pytest.approx(1.0 - np.prod([1.0 - 0.6 * f for f in known["lethal"]]))


def test_an_existing_report_puts_its_rung_on_record(world_of):
    row = tiny.ARMS | {"event_date": "2023-05-10", "known_at": "2023-05-11"}
    world, span = world_of([row]), ("2023-04-01", "2023-12-31")
    for rung in ("rhetorical", "dual-use", "lethal"):
        assert chance(world, f"max_rung >= {rung} by state", *span) == 1.0
    assert chance(world, "max_rung >= troops by state", *span) == 0.0
    assert chance(world, "max_rung >= lethal by state", "2023-05-11", "2023-12-31") == 0.0


@pytest.mark.parametrize("event", ["max_rung == lethal", "max_rung < lethal", "rung >= lethal"])
def test_the_record_cannot_show_that_a_rung_was_not_reached(world_of, event):
    with pytest.raises(QuestionError, match="not that it was not"):
        chance(world_of(state=4), event, *AHEAD)


def test_an_existing_report_of_the_window_stands(world_of):
    inside = TRAINING | {"event_date": "2023-05-10", "known_at": "2023-05-11"}
    event = "any(military_training, by=state)"
    assert chance(world_of([inside]), event, "2023-04-01", "2023-12-31") == 1.0
    assert chance(world_of([inside]), event, "2023-05-11", "2023-12-31") < 1.0
    for other in (
        {"attribution": "firm"},
        {"value": "0"},
        {"supporter": "NA"},
        {"indicator": "arms_transfer"},
    ):
        assert chance(world_of([inside | other]), event, "2023-04-01", "2023-12-31") < 1.0


def test_a_formal_charge_is_a_report_of_an_official_record(world_of):
    event = "any(formal_charge, rung=lethal)"
    row = tiny.ARMS | {"event_date": "2023-05-10", "known_at": "2023-05-11"}
    span = ("2023-04-01", "2023-12-31")
    assert chance(world_of([row | {"source_reliability": "A"}]), event, *span) == 1.0
    for other in (
        {"source_reliability": "B"},
        {"source_reliability": "A", "value": "0"},
        {"source_reliability": "A", "supporter": "NA"},
        {"source_reliability": "A", "indicator": "military_training"},
    ):
        assert chance(world_of([row | other]), event, *span) < 1.0


def test_a_charge_to_come_has_the_share_of_source_a(world_of):
    event = "any(formal_charge, rung=lethal)"
    # True shares of A: 0.2 * (0.45 + 0.32 + 0.1 + 0.03 + 0.01 + 0.09) = 0.2; false ones 0.0025.
    false = 1.0 - np.exp(-0.0025 * 0.04 * 2)
    assert chance(world_of(), event, *AHEAD) == pytest.approx(false)
    # d = 0.6, D = 0.35 years = 127.8375 days.
    known = [1.0 - np.exp(-days / 127.8375) for days in (138, 46)]
    missed = np.prod([1.0 - 0.2 * 0.6 * f for f in known])
    found = chance(world_of(state=4), event, *AHEAD)
    inside = 1.0 - missed * (1.0 - false)
    # Acts of the year before can still be charged in the window: each with 0.12 at the very most.
    assert inside < found < 1.0 - (1.0 - inside) * (1.0 - 0.2 * 0.6) ** 4
    assert chance(world_of(firms=4), event, *AHEAD) == found


def test_silence_so_far_leaves_only_what_is_late(world_of):
    event = "any(formal_charge, rung=lethal)"
    world = world_of(state=4)
    # 2023-Q1 and Q2 are over or under way without a charge; a fresh quarter has all its chance.
    past = chance(world, event, "2023-01-01", "2023-07-01")
    fresh = chance(world, event, "2023-07-01", "2023-12-31")
    assert 0.0 < past < fresh
