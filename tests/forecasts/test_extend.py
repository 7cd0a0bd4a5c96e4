"""Draws carried over to a later date or another series follow the law that the model has there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.forecasts.extend import extend_draws, structural_change
from forecast.study.models import AtStake, Driver, Shock
from tests.forecasts.worlds import still_draws
from tests.plugins import fits

LATER = date(2023, 12, 31)
COUNT = 20_000


@pytest.fixture(scope="module")
def later(fit_study_data):
    """Return the arrays two quarters on, with nothing new in."""
    return fits.data_of(fits.panel_of(fit_study_data, [], LATER))


def test_alignment_goes_on_by_its_autoregression(quiet, later):
    # A year of half-life: a quarter keeps a = 0.5 ** 0.25 = 0.8409. From a state of 2 on level 1
    # and shock 3 the means are 4 + 2 a and 4 + 2 a^2, the variances 1.5^2 (1 - a^2) and
    # 1.5^2 (1 - a^4) with a^4 = 1/2.
    given = {"level": 1.0, "path_now": 2.0, "shock_effect": 3.0, "path_scale": 1.5}
    draws = still_draws(quiet, COUNT, **given)
    made = extend_draws(draws, later, 7)
    old = len(quiet.coords["period"])
    assert made["alignment"].shape[3] == old + 2 == len(later.coords["period"])
    assert (made["alignment"][..., :old] == draws["alignment"]).all()
    new = made["alignment"][:, 0, 1, old:]
    keep = 0.5**0.25
    spread = 1.5 * np.sqrt([1.0 - keep**2, 0.5])
    # Four standard errors of a mean, and of a standard deviation: one false alarm in 5,000 seeds.
    error = 4.0 * spread / np.sqrt(COUNT)
    assert (np.abs(new.mean(axis=0) - [4 + 2 * keep, 4 + 2 * keep**2]) < error).all()
    assert (np.abs(new.std(axis=0) - spread) < error / np.sqrt(2.0)).all()
    # Neighbours: a step's noise is independent of what was before.
    state = new - 4.0
    slope = np.cov(state.T)[0, 1] / state[:, 0].var()
    assert slope == pytest.approx(keep, abs=0.03)
    np.testing.assert_allclose(made["path_now"][:, 0, 1], state[:, 1])


def test_pairs_and_domains_move_apart(quiet, later):
    made = extend_draws(still_draws(quiet, COUNT, path_scale=1.0), later, 7)
    new = made["alignment"][..., -1].reshape(COUNT, -1)
    correlation = np.corrcoef(new.T) - np.eye(new.shape[1])
    # Of 66 correlations with standard error 0.007, none beyond five of them.
    assert np.abs(correlation).max() < 0.036


def test_the_farther_date_extends_the_nearer_one(quiet, later, fit_study_data):
    farther = fits.data_of(fits.panel_of(fit_study_data, [], date(2024, 12, 31)))
    draws = still_draws(quiet, 50, path_scale=1.0)
    near, far = extend_draws(draws, later, 7), extend_draws(draws, farther, 7)
    shared = len(later.coords["period"])
    assert np.array_equal(far["alignment"][..., :shared], near["alignment"])
    steps = later.chains.length
    assert np.array_equal(far["recipient_shock_raw"][..., :steps], near["recipient_shock_raw"])


def test_recipients_shocks_go_on_as_standard_normal(quiet, later):
    made = extend_draws(still_draws(quiet, COUNT), later, 7)
    raw = made["recipient_shock_raw"]
    assert raw.shape == (COUNT, len(later.chains.recipients), later.chains.length)
    assert (raw[..., :-2] == 0.0).all()
    assert np.abs(raw[..., -2:].mean(axis=0)).max() < 4.0 / np.sqrt(COUNT)
    assert raw[..., -2:].std() == pytest.approx(1.0, abs=0.02)


def test_a_new_series_has_its_effect_from_the_prior(quiet, fit_prior):
    data = fit_prior.draws.data
    assert quiet.coords["series"] == ()
    made = extend_draws(still_draws(quiet, COUNT), data, 7)
    assert made["series_raw"].shape == (COUNT, len(data.coords["series"])) == (COUNT, 2)
    assert np.abs(made["series_raw"].mean(axis=0)).max() < 4.0 / np.sqrt(COUNT)
    assert made["series_raw"].std() == pytest.approx(1.0, abs=0.02)


def test_a_known_series_keeps_its_effect_in_another_place(fit_prior):
    draws = fit_prior.draws
    names = draws.data.coords["series"]
    turned = replace(draws.data, coords={**draws.data.coords, "series": names[::-1]})
    made = extend_draws(draws, turned, 7)
    assert np.array_equal(made["series_raw"], draws["series_raw"][:, ::-1])


def test_the_same_panel_leaves_the_draws_as_they_are(fit_prior):
    draws = fit_prior.draws
    made = extend_draws(draws, draws.data, 7)
    assert made.chains == draws.chains
    assert all(np.array_equal(made[name], draws[name]) for name in draws.values)


# What the draws know nothing of


def changed(study, day=LATER, **changes):
    return fits.data_of(fits.panel_of(replace(study, **changes), [], day))


def test_time_and_less_evidence_are_no_change_of_structure(quiet, later, fit_prior):
    assert structural_change(quiet, later) == ""
    assert structural_change(fit_prior.draws.data, quiet) == ""


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"hosted_exercise", "accusation"}, "any evidence of the kind binary"),
        ({"un_vote"}, "any evidence of the kind ordinal"),
        ({"trade_value"}, "any evidence of the kind continuous"),
    ],
)
def test_the_first_evidence_of_a_kind_is_named(fit_study_data, fit_prior, without, said):
    """Thresholds and noise have no draws where no row of their kind was fitted."""
    rows = [row for row in fits.ROWS if row["indicator"] not in without]
    old = fits.data_of(fits.panel_of(fit_study_data, rows, fits.AS_OF))
    assert structural_change(old, fit_prior.draws.data) == said


def test_the_first_second_series_is_named(fit_study_data, fit_prior):
    """One series alone has no effect of its own, and no scale of such effects."""
    rows = [row for row in fits.ROWS if not row["id"].startswith("T00")]
    old = fits.data_of(fits.panel_of(fit_study_data, rows, fits.AS_OF))
    assert structural_change(old, fit_prior.draws.data) == "any two series of values"
    assert structural_change(fit_prior.draws.data, old) == ""


def test_a_shock_since_the_fit_is_named(quiet, fit_study_data):
    fresh = Shock("truce", date(2023, 9, 1), "A truce")
    new = changed(fit_study_data, shocks=(*fit_study_data.shocks, fresh))
    assert structural_change(quiet, new) == "another shock: truce"


def test_a_driver_since_the_fit_is_named(quiet, fit_study_data):
    # The study has one that is known from 2022; another becomes known after the fit.
    fresh = Driver("CHN", "RUS", "2023-Q3", "oil", 1.0, date(2023, 9, 1))
    new = changed(fit_study_data, drivers=(*fit_study_data.drivers, fresh))
    assert structural_change(quiet, new) == "another driver: oil"


def test_another_span_at_stake_is_named(quiet, fit_study_data):
    span = AtStake("NA", date(2023, 8, 1), None, date(2023, 8, 1))
    new = changed(fit_study_data, at_stake=(*fit_study_data.at_stake, span))
    # No pair has that recipient: nothing changes.
    assert structural_change(quiet, new) == ""
    earlier = AtStake("CHN", date(2020, 1, 1), date(2020, 3, 31), date(2020, 1, 1))
    new = changed(fit_study_data, at_stake=(*fit_study_data.at_stake, earlier))
    assert structural_change(quiet, new) == "the spans in which support is at stake"
    assert "at stake" in structural_change(quiet, changed(fit_study_data, at_stake=()))


def test_an_earlier_date_is_named(quiet, fit_study_data):
    before = changed(fit_study_data, date(2023, 3, 31))
    assert structural_change(quiet, before) == "the date lies in an earlier period than the fit's"
