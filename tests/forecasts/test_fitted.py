"""Fitted rates beside the observed ones, from parameters with known values."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.forecasts.fitted import fitted_rates, predictors
from tests.forecasts.worlds import still_draws


@pytest.fixture(scope="module")
def data(fit_prior):
    """Return the arrays of the study with its records."""
    return fit_prior.draws.data


def rates(draws):
    return fitted_rates(draws, ["CHN->RUS"]).set_index(["indicator", "pair_group"])


def test_counts_are_events_a_period_with_their_zeros(data):
    found = rates(still_draws(data, intercept=np.log(0.5))).loc[("joint_patrol", "CHN->RUS")]
    # Three patrols in the 14 covered quarters, 11 of them without any; the last quarters are not
    # yet known in full.
    assert (found["n_cells"], found["n_zero"]) == (14, 11)
    counts = data.terms["count"]
    own = counts.indicator == data.coords["indicator"].index("joint_patrol")
    exposure = counts.extra["exposure"][own & (counts.pair == counts.pair[own][0])].sum()
    assert 13.5 < exposure < 14.0
    assert found["observed"] == pytest.approx(3 / exposure)
    assert found[["fitted", "q05", "q95"]].tolist() == pytest.approx([0.5] * 3)


def test_the_spread_over_draws_is_shown(data):
    intercept = np.log(np.linspace(0.0, 1.0, 101) + 1e-12)[:, None]
    found = rates(still_draws(data, 101, intercept=intercept)).loc[("joint_patrol", "CHN->RUS")]
    assert found[["fitted", "q05", "q95"]].tolist() == pytest.approx([0.5, 0.05, 0.95])


def test_opportunities_levels_and_values_have_their_own_scales(data):
    found = rates(still_draws(data, intercept=-0.4, level_gap=1.0, lag_weight=0.5))
    taken = found.loc[("hosted_exercise", "all pairs")]
    assert taken["observed"] == pytest.approx(3 / 4)
    assert taken["fitted"] == pytest.approx(1.0 - np.exp(-np.exp(-0.4)))
    # Six votes at levels 1, 0, 1, 0, 1, 1; fitted expit(-0.4) + expit(-1.4) = 0.4013 + 0.1978.
    vote = found.loc[("un_vote", "all pairs")]
    assert vote["observed"] == pytest.approx(4 / 6)
    assert vote["fitted"] == pytest.approx(0.5991, abs=1e-4)
    # CHN->RUS: (log v - 5) / 0.5 of 108, 147 and 190; the fit adds half of the year before.
    trade = found.loc[("trade_value", "CHN->RUS")]
    scaled = [(np.log(value) - 5.0) / 0.5 for value in (108, 147, 190)]
    assert trade["observed"] == pytest.approx(np.mean(scaled))
    assert trade["fitted"] == pytest.approx(-0.4 + 0.5 * (scaled[0] + scaled[1]) / 3)


def test_pairs_have_rows_of_their_own_where_they_have_terms_in_either_direction(data):
    found = fitted_rates(still_draws(data), ["RUS->CHN", "002->RUS"])
    groups = found.groupby("indicator")["pair_group"].agg(list)
    assert groups["joint_patrol"] == ["all pairs", "RUS->CHN"]
    assert groups["accusation"] == ["all pairs", "002->RUS"]
    assert groups["un_vote"] == ["all pairs", "002->RUS"]


def test_a_term_of_a_year_reads_the_mean_of_its_quarters(data):
    alignment = np.zeros((4, 3, 14))
    alignment[0, 1, :4] = [1.0, 2.0, 3.0, 6.0]  # CHN->RUS, economic, 2020
    terms = data.terms["continuous"]
    eta = predictors(still_draws(data, alignment=alignment), terms)
    rows = (terms.pair == 0) & (terms.first == 0)
    assert rows.sum() == 1
    assert eta[:, rows] == pytest.approx(3.0)
    assert eta[:, ~rows] == pytest.approx(0.0)
