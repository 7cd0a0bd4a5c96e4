"""Probabilities with interval and error, and where a question stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast.forecasts.questions import (
    credible_interval,
    forecast_questions,
    make_world,
    monte_carlo_error,
    question_status,
    rung_probabilities,
)
from forecast.study.models import Resolution
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, RUNGS, day
from tests.plugins import fits

# The interval


def test_noise_of_few_paths_is_taken_out_of_the_interval():
    # Two kinds of draws: chance 0.25 and 0.75 by 4 paths each. The means 1/4 and 3/4 have variance
    # 1/16; a path of such a draw has variance (1/4 * 3/4) * 4/3 = 1/4, so a mean of 4 has 1/16:
    # the inner simulation explains all of it, and the interval is the mean alone.
    chance = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0]] * 50)
    assert credible_interval(chance) == (0.5, 0.5)


def test_part_of_the_spread_remains_where_paths_explain_part_of_it():
    # Means 1/8 and 7/8 of 8 paths: variance 9/64; inner (1/8 * 7/8) * 8/7 / 8 = 1/64. The spread
    # shrinks by the root of (9 - 1) / 9 = 0.9428 about 1/2.
    chance = np.array([[1.0] + [0.0] * 7, [1.0] * 7 + [0.0]] * 50)
    half = 0.375 * np.sqrt(8 / 9)
    assert credible_interval(chance) == pytest.approx((0.5 - half, 0.5 + half))


def test_exact_chances_keep_their_quantiles():
    chance = np.repeat(np.linspace(0.0, 1.0, 101)[:, None], 3, axis=1)
    assert credible_interval(chance) == pytest.approx((0.05, 0.95))
    assert credible_interval(chance, prob=0.5) == pytest.approx((0.25, 0.75))


def test_the_interval_of_a_certain_event_is_a_point():
    assert credible_interval(np.ones((20, 10))) == (1.0, 1.0)


def test_the_interval_covers_the_spread_of_chances_and_not_of_paths():
    # Chances uniform in 0.3 to 0.5, seen through 200 coin tosses each. Raw means spread by
    # sqrt(0.2^2 / 12 + 0.24 / 200) = 0.067; chances by 0.058, central 90 % from 0.31 to 0.49.
    rng = np.random.default_rng(4)
    truth = rng.uniform(0.3, 0.5, size=4_000)
    chance = (rng.random((4_000, 200)) < truth[:, None]).astype(float)
    low, high = credible_interval(chance)
    raw = np.quantile(chance.mean(axis=1), (0.05, 0.95))
    assert high - low == pytest.approx(0.0577 / 0.0674 * (raw[1] - raw[0]), rel=0.02)
    assert low > raw[0]
    assert high < raw[1]


# The Monte Carlo error


def test_independent_draws_have_the_error_of_a_mean():
    rng = np.random.default_rng(5)
    errors = [monte_carlo_error(rng.normal(size=(2, 400))) for _ in range(200)]
    # sd / sqrt(n) = 1 / sqrt(800) = 0.03536; the mean of 200 estimates is within 2 %.
    assert np.mean(errors) == pytest.approx(1 / np.sqrt(800), rel=0.03)


def test_draws_that_stick_have_a_larger_error():
    rng = np.random.default_rng(6)
    fresh = rng.normal(size=(2, 40))
    stuck = np.repeat(fresh, 10, axis=1)
    # Ten equal draws in a row say as much as one: the error is that of 80 draws, not of 800.
    assert monte_carlo_error(stuck) == pytest.approx(fresh.std(ddof=1) / np.sqrt(80), rel=0.3)


def test_the_error_of_a_known_sample_equals_that_worked_by_hand():
    # 20 draws a chain are 20 batches of one: sd of 0 and 1 in equal parts over 40.
    draws = np.tile([0.0, 1.0], (2, 10))
    assert monte_carlo_error(draws) == pytest.approx(np.sqrt(10 / 39) / np.sqrt(40))


# Where a question stands


@pytest.fixture
def world(quiet_panel, quiet):
    questions = quiet_panel.study.questions
    draws = worlds.still_draws(quiet)
    return make_world(
        quiet_panel, draws, questions, seed=3, degrees_of_freedom=4.0, horizon=2, paths=100
    )


@pytest.fixture
def asked(world):
    """Return a function that forecasts question Q1 with some fields changed."""
    question = world.panel.study.questions[0]

    def ask(resolutions=(), **changes):
        study = replace(world.panel.study, resolutions=tuple(resolutions))
        world.panel = replace(world.panel, study=study)
        return forecast_questions(world, [replace(question, **changes)])[0]

    return ask


def resolution(outcome, known):
    return Resolution(question="Q1", outcome=outcome, resolved_on=day(known), known_at=day(known))


def test_an_open_question_has_numbers_that_agree(asked, world):
    made = asked()
    assert (made.status, made.reason) == ("open", "")
    assert made.per_draw.shape == (2, 2)
    assert made.probability == pytest.approx(made.per_draw.mean())
    assert 0.0 <= made.low <= made.high <= 1.0
    assert made.low <= made.probability <= made.high
    for track in ("any", "state"):
        assert tuple(made.rungs[track]) == RUNGS
        assert sum(made.rungs[track].values()) == pytest.approx(1.0)
    upper = made.rungs["state"]["lethal"] + made.rungs["state"]["troops"]
    assert made.probability == pytest.approx(upper)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"opens": day("2023-07-01")}, "draft", "opens on 2023-07-01, after the as-of date"),
        (
            {"closes": day("2023-06-29")},
            "closed",
            "its window ended on 2023-06-29; see the run as of its opening",
        ),
        (
            {"not_modelled": "no indicator of pipelines"},
            "not_modelled",
            "no indicator of pipelines",
        ),
        ({"event": "any(mediation)"}, "not_modelled", "mediation is not a signal of the model"),
    ],
)
def test_a_question_without_a_probability_says_why(asked, changes, status, reason):
    made = asked(**changes)
    assert made.status == status
    assert made.reason.startswith(reason)
    assert (made.probability, made.low, made.mc_error, made.per_draw) == (None,) * 4
    assert made.rungs == {}


def test_the_last_day_of_a_window_is_still_open(asked):
    assert asked(closes=day("2023-06-30")).status == "open"
    assert asked(opens=day("2023-06-30")).status == "open"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("yes", "resolved"), ("no", "resolved"), ("ambiguous", "ambiguous"), ("void", "void")],
)
def test_a_known_resolution_ends_a_question(asked, outcome, status):
    made = asked([resolution(outcome, "2023-06-30")])
    assert made.status == status
    assert made.reason == f"{status} before the as-of date; see the run as of its opening"
    assert made.probability is None


def test_a_resolution_known_later_does_not_exist_yet(asked):
    made = asked([resolution("yes", "2023-07-01")])
    assert made.status == "open"
    assert made.probability is not None


def test_the_newest_resolution_stands(asked, world):
    first, second = resolution("yes", "2023-02-01"), resolution("void", "2023-03-01")
    for order in ([first, second], [second, first]):
        study = replace(world.panel.study, resolutions=tuple(order))
        assert question_status(study, study.questions[0], world.panel) == "void"


def test_a_judgement_is_forecast_like_a_question(world):
    judgement = world.panel.study.judgements[0]
    assert forecast_questions(world, [judgement])[0].status == "closed"
    alive = replace(judgement, opens=day("2023-01-01"), closes=day("2023-12-31"))
    question = world.panel.study.questions[0]
    both = forecast_questions(world, [alive, question])
    assert both[0].probability == both[1].probability


def test_the_world_reaches_over_the_windows_of_open_questions_alone(world):
    # Q8 closes in 2024-Q1, three periods after now; Q1 opens in 2023-Q1, two periods back and a
    # year for yearly values. Q10 (over) opens earlier, and does not count.
    assert world.now == 13
    assert (world.ahead, world.back) == (4, 2 + 4)


def test_a_pair_with_nothing_at_stake_has_no_rungs(fit_study_data):
    study = replace(fit_study_data, at_stake=fit_study_data.at_stake[:1])
    panel = fits.panel_of(study, [], fits.AS_OF)
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel)))
    question = replace(study.questions[0], pair=CHINA.reverse)
    assert rung_probabilities(world, question) == {}
    assert set(rung_probabilities(world, study.questions[0])) == {"any", "state"}


def test_questions_leave_each_others_numbers_alone(shared):
    fit = shared.fit
    question = fit.study.questions[0]
    alone = make_world(
        fit.panel,
        fit.draws,
        fit.study.questions,
        seed=fits.SETTINGS.seed,
        degrees_of_freedom=4.0,
        horizon=fits.SETTINGS.horizon,
        paths=fits.SETTINGS.paths,
    )
    assert forecast_questions(alone, [question])[0].probability == fit.questions[0].probability
