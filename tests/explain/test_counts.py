"""Imagined counts: their law, what share of a period is seen, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from forecast.explain.counts import negative_binomial
from forecast.explain.scene import make_scene
from forecast.explain.watch import imagine_all, watch
from forecast.study.models import Question, Switches
from tests.forecasts import worlds
from tests.forecasts.worlds import CHINA, day
from tests.plugins import fits

fit_study_data = fits.fit_study_data


def question(event="any(hosted_exercise)"):
    return Question(
        id="Q",
        title="Q",
        rule="rule",
        event=event,
        pair=CHINA,
        opens=day("2023-01-01"),
        closes=day("2023-12-31"),
    )


def patrols(panel, grade="B2", period="2023-Q3", **values):
    """Return what is imagined of patrols in a still world."""
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel), 8, **values), paths=2)
    scene = make_scene(world, question(), period=period, grade=grade, priors=None)
    (found,) = [one for one in imagine_all(scene, [CHINA]) if one.indicator == "joint_patrol"]
    return found


def note(panel, indicator="joint_patrol"):
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel), 8), paths=2)
    table = watch(world, question(), period="2023-Q3").collection
    return str(table.loc[table["indicator"] == indicator, "note"].iloc[0])


def prompt(study, **switches):
    return replace(study, switches=Switches(**{"delay": False} | switches))


@pytest.mark.parametrize(("mean", "shape"), [(0.01, 8.0), (3.0, 0.5), (40.0, 1e8)])
def test_the_negative_binomial_law_is_that_of_the_model(mean, shape):
    masses = islice(negative_binomial(np.array([[mean]]), np.array([[shape]])), 80)
    found = [float(mass[0, 0]) for mass in masses]
    np.testing.assert_allclose(
        found, nbinom.pmf(np.arange(80), shape, shape / (shape + mean)), rtol=1e-6, atol=1e-12
    )


def test_a_period_is_seen_by_the_share_of_its_events_that_is_known_a_period_later(fit_study_data):
    panel = fits.panel_of(fit_study_data, fits.ROWS, fits.AS_OF)
    days = np.arange(day("2023-07-01").toordinal(), day("2023-09-30").toordinal() + 1)
    seen = panel.delays.known_on("joint_patrol", days, day("2023-12-31")).mean()
    assert 0.5 < seen < 1.0
    found = patrols(panel, "A1")
    # A rate of 1 a period and no spread; silence also needs that no false report came.
    assert found.chances[0] == pytest.approx(0.9995**2 * np.exp(-seen), rel=1e-4)


def test_only_days_after_the_as_of_date_are_imagined(fit_study_data):
    panel = fits.panel_of(prompt(fit_study_data), [], day("2023-08-15"))
    found = patrols(panel, "A1")
    # 46 of the quarter's 92 days are left.
    assert found.chances[0] == pytest.approx(0.9995**2 * np.exp(-0.5), rel=1e-4)


def test_typical_false_counts_are_poisson(fit_study_data):
    panel = fits.panel_of(prompt(fit_study_data, false_counts="typical"), fits.ROWS, fits.AS_OF)
    found = patrols(panel, "C3")
    true = 0.98 * 0.93
    rows = panel.signals[panel.signals["indicator"] == "joint_patrol"]
    # Three patrols on record, graded A1, with half an event added.
    grades = [grades for cell in rows["grades"] for grades in cell]
    credible = {"A": 0.9995, "B": 0.998}, {"1": 0.9995, "2": 0.99}
    seen = sum(credible[0][g[0][0]] * credible[1][g[0][1]] for g in grades) + 0.5
    false = (1.0 - true) / true * seen / rows["exposure"].sum()
    np.testing.assert_allclose(found.chances[:3], poisson.pmf(np.arange(3), 1.0 + false), rtol=1e-4)


def test_many_events_are_shown_by_low_middle_and_high_numbers(fit_study_data):
    panel = fits.panel_of(prompt(fit_study_data), [], fits.AS_OF)
    intercept = np.full(len(fits.data_of(panel).coords["indicator"]), np.log(30.0))
    found = patrols(panel, "A1", intercept=intercept)
    low, middle, high = (int(poisson.ppf(level, 30.0)) for level in (0.05, 0.5, 0.95))
    assert found.words[3:] == tuple(f"{n} joint_patrol" for n in (low, middle, high))


def test_what_nobody_covers_is_noted(fit_study_data):
    covered = fits.panel_of(prompt(fit_study_data), [], fits.AS_OF)
    assert "outside coverage" not in note(covered)
    ended = replace(fit_study_data.coverage[0], end=day("2023-06-30"))
    panel = fits.panel_of(replace(prompt(fit_study_data), coverage=(ended,)), [], fits.AS_OF)
    assert "outside coverage" in note(panel)
    assert "outside coverage" not in note(
        fits.panel_of(
            replace(prompt(fit_study_data, coverage=False), coverage=()), fits.ROWS, fits.AS_OF
        )
    )


def test_a_figure_that_is_not_out_is_not_imagined(fit_study_data):
    yearly = replace(fit_study_data.indicators["joint_patrol"], release_lag=90)
    study = replace(
        fit_study_data, indicators=dict(fit_study_data.indicators) | {"joint_patrol": yearly}
    )
    panel = fits.panel_of(study, fits.ROWS, fits.AS_OF)
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel), 8), paths=2)
    refused = watch(world, question(), period="2023-Q3").not_evaluated
    (reason,) = refused.loc[refused["indicator"] == "joint_patrol", "reason"]
    assert reason == "its figure for 2023-Q3 is not out by 2023-12-31"


def test_all_of_a_count_that_is_asked_for_adds_up_on_every_path(fit_study_data):
    panel = fits.panel_of(prompt(fit_study_data), [], fits.AS_OF)
    world = worlds.make(panel, worlds.still_draws(fits.data_of(panel), 50), paths=40)
    scene = make_scene(
        world, question("count(joint_patrol) >= 2"), period="2023-Q3", grade="B2", priors=None
    )
    (own,) = [one for one in imagine_all(scene, [CHINA]) if one.indicator == "joint_patrol"]
    np.testing.assert_allclose(own.joint.hits.sum(axis=1), scene.chance.mean(axis=1))
    silence, one, two = own.points.probability[:3]
    # Of the two quarters left one is seen: what the other must bring is Poisson with mean 1.
    assert two == 1.0
    assert one == pytest.approx(1.0 - np.exp(-1.0), abs=0.06)
    assert silence == pytest.approx(1.0 - 2.0 * np.exp(-1.0), abs=0.06)
