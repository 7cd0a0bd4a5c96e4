"""Events on signals: what is recorded in the window, and the likelihood for the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast.forecasts.events import event_chance
from forecast.forecasts.signal_events import count_in_window, unobserved_share, yearly_value
from forecast.forecasts.window import make_window
from forecast.model.data import standardise
from forecast.study.events import parse_event
from forecast.study.models import Pair, Switches
from tests import tiny
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, NAMIBIA, day
from tests.plugins import fits

RUSSIA_TO_CHINA = Pair("RUS", "CHN")
STATED = tiny.PATROL | {"mutual": "0", "theatre": "bilateral"}


@pytest.fixture
def world_of(fit_study_data):
    """Make a world as of mid-2023 from rows of evidence and parameters."""

    def build(rows=(), *, paths=200, study=None, count=4, **values):
        panel = fits.panel_of(study or fit_study_data, list(rows), fits.AS_OF)
        return worlds.make(
            panel, worlds.still_draws(fits.data_of(panel), count, **values), paths=paths
        )

    return build


def window(world, opens, closes):
    return make_window(world.panel.study.calendar, day(opens), day(closes))


def chance(world, event, opens, closes, pair=CHINA):
    parsed = parse_event(event)
    return event_chance(world, parsed, pair, window(world, opens, closes), record=False)


def indicator(world, name):
    return world.panel.study.indicators[name]


# Counts


def prompt(study, **changes):
    """Return a study in which all that happened is known at once."""
    return replace(study, switches=Switches(delay=False), **changes)


def test_covered_days_of_the_past_are_known_and_the_future_is_simulated(fit_study_data, world_of):
    world = world_of(study=prompt(fit_study_data))
    shares = unobserved_share(
        world, indicator(world, "joint_patrol"), CHINA, window(world, "2023-01-01", "2023-08-15")
    )
    # To the as-of date all is covered; of the third quarter, 46 of 92 days are in the window.
    assert shares.tolist() == [0.0, 0.0, 0.5]


def test_uncovered_days_of_the_past_are_simulated(fit_study_data, world_of):
    gap = replace(fit_study_data.coverage[0], end=day("2023-02-14"))
    world = world_of(study=prompt(fit_study_data, coverage=(gap,)))
    patrols = indicator(world, "joint_patrol")
    # 2023-02-15 to 2023-03-31: 45 of 90 days are not covered; then all of the second quarter.
    shares = unobserved_share(world, patrols, CHINA, window(world, "2023-01-01", "2023-06-30"))
    assert shares.tolist() == [0.5, 1.0]
    counts = count_in_window(world, patrols, CHINA, window(world, "2023-01-01", "2023-06-30"))
    # A rate of 1 a quarter over 1.5 quarters; 800 draws have a standard error of 0.043.
    assert counts.mean() == pytest.approx(1.5, abs=0.22)


def test_what_is_seen_and_what_is_simulated_of_the_recent_past_add_up_to_the_window(world_of):
    world = world_of()
    shares = unobserved_share(
        world, indicator(world, "joint_patrol"), CHINA, window(world, "2023-01-01", "2023-08-15")
    )
    signals = world.panel.signals.set_index(["indicator", "first"])["exposure"]
    seen = [signals["joint_patrol", period] for period in ("2023-Q1", "2023-Q2")]
    assert shares[:2] == pytest.approx([1.0 - share for share in seen])
    assert 0.0 < shares[0] < shares[1] < 0.3
    assert shares[2] == 0.5


def test_a_stated_zero_leaves_nothing_to_be_reported(world_of):
    zero = tiny.PATROL | {"event_date": "2023-05-01", "known_at": "2023-05-02", "value": "0"}
    world = world_of([zero])
    shares = unobserved_share(
        world, indicator(world, "joint_patrol"), CHINA, window(world, "2023-01-01", "2023-06-30")
    )
    assert shares[0] > 0.0
    assert shares[1] == 0.0


def test_where_no_silence_counts_only_periods_with_an_act_are_seen(fit_study_data, world_of):
    study = replace(fit_study_data, switches=Switches(coverage=False))
    world = world_of([tiny.PATROL | {"event_date": "2023-05-01"}], study=study)
    shares = unobserved_share(
        world, indicator(world, "joint_patrol"), CHINA, window(world, "2023-01-01", "2023-06-30")
    )
    assert shares.tolist() == [1.0, 0.0]


def test_an_extreme_draw_neither_warns_nor_fails(world_of):
    world = world_of(intercept=900.0)
    chances = chance(world, "count(joint_patrol) >= 2", "2023-07-01", "2023-12-31")
    assert (chances == 1.0).all()
    assert (chance(world, "any(hosted_exercise)", "2023-07-01", "2023-12-31") == 1.0).all()


def test_a_pair_without_coverage_is_simulated_over_the_whole_window(world_of):
    world = world_of()
    shares = unobserved_share(
        world, indicator(world, "joint_patrol"), NAMIBIA, window(world, "2022-01-01", "2022-12-31")
    )
    assert shares.tolist() == [1.0] * 4


def test_recorded_acts_of_the_window_count_and_others_do_not(world_of):
    rows = [
        tiny.PATROL | {"id": "before", "event_date": "2022-12-31", "known_at": "2023-01-01"},
        tiny.PATROL
        | {"id": "in", "event_date": "2023-01-01", "known_at": "2023-01-02", "value": "2"},
        tiny.PATROL | {"id": "last", "event_date": "2023-06-30", "known_at": "2023-06-30"},
    ]
    world = world_of(rows, intercept=-50.0)
    count = chance(world, "count(joint_patrol) == 3", "2023-01-01", "2023-12-31")
    assert (count == 1.0).all()


def test_a_mutual_act_counts_for_both_directions(world_of):
    world = world_of([tiny.PATROL | {"event_date": "2023-05-01", "known_at": "2023-05-02"}])
    for pair in (CHINA, RUSSIA_TO_CHINA):
        assert (chance(world, "any(joint_patrol)", "2023-04-01", "2023-06-30", pair) == 1.0).all()


def test_an_act_that_may_lie_outside_the_window_does_not_decide(world_of):
    row = tiny.PATROL | {
        "event_date": "2023-01",
        "date_precision": "half-year",
        "known_at": "2023-06-30",
    }
    world = world_of([row], intercept=-50.0)
    assert (chance(world, "any(joint_patrol)", "2023-01-01", "2023-06-30") == 1.0).all()
    assert (chance(world, "any(joint_patrol)", "2023-02-01", "2023-12-31") == 0.0).all()


def test_simulated_counts_have_the_moments_of_a_negative_binomial(world_of):
    world = world_of(paths=20_000, intercept=np.log(3.0), dispersion=2.0)
    counts = count_in_window(
        world,
        indicator(world, "joint_patrol"),
        CHINA,
        window(world, "2023-07-01", "2023-09-30"),
    )
    # Mean 3, variance 3 + 3^2 / 2 = 7.5, P(0) = (2 / 5)^2 = 0.16; standard errors over 80,000
    # counts: 0.0097, 0.06 and 0.0013. Five of them: a false alarm in 500,000 each.
    assert counts.mean() == pytest.approx(3.0, abs=0.05)
    assert counts.var() == pytest.approx(7.5, abs=0.3)
    assert (counts == 0).mean() == pytest.approx(0.16, abs=0.0065)


def test_alignment_of_both_directions_moves_a_mutual_count_and_polarity_turns_it(world_of):
    level = np.zeros((4, 3))
    level[0, 2], level[1, 2] = 2.0, 1.0  # military: CHN->RUS and RUS->CHN
    loading = np.zeros(5)
    loading[0] = -1.0
    world = world_of(paths=20_000, level=level, signed_loading=loading, intercept=np.log(4.0))
    counts = count_in_window(
        world, indicator(world, "joint_patrol"), CHINA, window(world, "2023-07-01", "2023-09-30")
    )
    assert counts.mean() == pytest.approx(4.0 * np.exp(-1.5), abs=0.025)


def test_an_enormous_rate_is_no_error(world_of):
    world = world_of(intercept=60.0)
    assert (chance(world, "count(joint_patrol) >= 999999", "2023-07-01", "2023-12-31") == 1.0).all()


# Stated opportunities


def test_a_recorded_opportunity_decides(world_of):
    came = STATED | {
        "indicator": "hosted_exercise",
        "event_date": "2023-05-01",
        "known_at": "2023-05-02",
    }
    for value in ("0", "1"):
        world = world_of([came | {"value": value}])
        found = chance(world, "any(hosted_exercise)", "2023-04-01", "2023-12-31")
        assert (found == float(value)).all()


def test_one_opportunity_is_assumed_where_none_is_recorded(world_of):
    world = world_of(intercept=-0.4)
    found = chance(world, "any(hosted_exercise)", "2023-04-01", "2023-12-31")
    assert found == pytest.approx(1.0 - np.exp(-np.exp(-0.4)))


def test_a_named_opportunity_is_found_by_its_note(world_of):
    row = STATED | {
        "indicator": "hosted_exercise",
        "event_date": "2023-05-01",
        "known_at": "2023-05-02",
    }
    world = world_of([row | {"note": "came to Zapad"}], intercept=-50.0)
    event = 'any(hosted_exercise, text="{}")'
    assert (chance(world, event.format("Zapad"), "2023-04-01", "2023-12-31") == 1.0).all()
    assert chance(world, event.format("Vostok"), "2023-04-01", "2023-12-31") == pytest.approx(0.0)


# Statements at a level


def test_levels_have_the_chances_of_the_cumulative_logit(world_of):
    world = world_of(intercept=0.0, level_gap=1.0)
    chances = {
        level: chance(world, f"level(un_vote) == {level}", "2023-07-01", "2023-12-31")
        for level in ("against", "abstain", "with")
    }
    # P(>= abstain) = expit(0) = 0.5, P(with) = expit(-1) = 0.2689.
    assert chances["against"] == pytest.approx(0.5)
    assert chances["with"] == pytest.approx(0.26894142)
    assert sum(chances.values()) == pytest.approx(1.0)
    above = chance(world, "level(un_vote) >= abstain", "2023-07-01", "2023-12-31")
    assert above == pytest.approx(0.5)


def test_the_latest_recorded_statement_on_the_text_decides(world_of):
    vote = STATED | {"indicator": "un_vote"}
    rows = [
        vote
        | {"id": "a", "event_date": "2023-04-10", "known_at": "2023-04-11", "value": "with"}
        | {"note": "ES-11/6"},
        vote
        | {"id": "b", "event_date": "2023-05-10", "known_at": "2023-05-11", "value": "abstain"}
        | {"note": "ES-11/7"},
    ]
    world = world_of(rows)
    span = ("2023-04-01", "2023-12-31")
    assert (chance(world, "level(un_vote) == abstain", *span) == 1.0).all()
    assert (chance(world, 'level(un_vote, text="ES-11/6") == with', *span) == 1.0).all()
    later = chance(world, 'level(un_vote, text="ES-12") == with', *span)
    assert later == pytest.approx(0.26894142)


# Yearly values


def yearly(value, year="2022", known="2023-03-31"):
    row = STATED | {"id": f"T{year}", "indicator": "trade_value", "value": value}
    return row | {"event_date": year, "date_precision": "year", "known_at": known}


def test_a_recorded_year_is_the_value(world_of):
    world = world_of([yearly("190")])
    assert (chance(world, "value(trade_value) > 189.9", "2022-07-01", "2022-12-31") == 1.0).all()
    assert (chance(world, "value(trade_value) > 190", "2022-07-01", "2022-12-31") == 0.0).all()


def test_a_year_to_come_follows_from_last_years_value(world_of):
    world = world_of([yearly("190")], intercept=0.2, lag_weight=0.5)
    value = yearly_value(
        world, indicator(world, "trade_value"), CHINA, window(world, "2023-01-01", "2023-12-31")
    )
    # log 190 = 5.2470 is 0.4940 on the declared scale (5, 0.5); 0.2 + 0.5 * 0.4940 = 0.4470 there.
    assert standardise(indicator(world, "trade_value"), np.array(190.0)) == pytest.approx(
        0.4940, abs=1e-4
    )
    assert value == pytest.approx(np.exp(5.0 + 0.5 * 0.4470), rel=1e-4)


def test_a_window_that_ends_within_a_year_asks_for_the_year_before(world_of):
    world = world_of([yearly("190")], intercept=-50.0)
    assert (chance(world, "value(trade_value) == 190", "2022-07-01", "2023-11-30") == 1.0).all()


def test_the_mean_alignment_of_the_year_moves_its_value(world_of):
    level = np.zeros((4, 3))
    level[0, 1] = 1.5  # economic, CHN->RUS
    alignment = np.zeros((4, 3, 14))
    alignment[0, 1] = 0.5
    world = world_of(level=level, alignment=alignment)
    value = yearly_value(
        world, indicator(world, "trade_value"), CHINA, window(world, "2023-01-01", "2023-12-31")
    )
    # Two fitted quarters at 0.5 and two at level 1.5: a mean of 1 on the declared scale.
    assert value == pytest.approx(np.exp(5.0 + 0.5 * 1.0), rel=1e-6)


def test_the_effect_of_a_series_is_its_own(world_of):
    rows = [yearly("190"), yearly("16") | {"id": "other", "supporter": "002"}]
    effect = np.array([0.0, 1.0])  # series in the order of their text: 002->RUS, CHN->RUS
    world = world_of(rows, series_scale=2.0, series_raw=effect)
    trade, year = indicator(world, "trade_value"), window(world, "2023-01-01", "2023-12-31")
    assert yearly_value(world, trade, CHINA, year) == pytest.approx(
        np.exp(5.0 + 0.5 * 2.0), rel=1e-6
    )
    united_states = Pair("002", "RUS")
    assert yearly_value(world, trade, united_states, year) == pytest.approx(np.exp(5.0), rel=1e-6)


def test_the_noise_of_a_value_is_students(world_of):
    world = world_of(paths=20_000, noise_scale=0.6)
    value = yearly_value(
        world, indicator(world, "trade_value"), CHINA, window(world, "2023-01-01", "2023-12-31")
    )
    standard = (np.log(value) - 5.0) / 0.5 / 0.6
    # Student-t with 4 degrees of freedom lies beyond 2.1318 with probability 0.1.
    assert (np.abs(standard) > 2.1318).mean() == pytest.approx(0.1, abs=0.0055)
