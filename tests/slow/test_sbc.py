"""Ranks of simulated truths among the draws of the fast engine are uniform.

Twenty data sets in every run of the tests, 300 in the slow ones (12 minutes; FORECAST_SBC_CACHE
names a folder that keeps what is done).
"""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest

from forecast.model import build_data, build_model, pad_data
from tests.slow.sbc import (
    KEPT,
    LEVEL,
    PATHS,
    QUANTITIES,
    SETS,
    Ranked,
    band,
    below,
    calibrate,
    log_likelihood,
    ranks,
    simulations,
    statistic,
    verdict,
    widened,
)
from tests.toys import priors

FEW = 20


@pytest.fixture(scope="module")
def few():
    """Fit the first sets in which any act was reported: the others need programs of their own.

    The choice reads the data alone, so that ranks stay uniform.
    """
    acts = [
        number
        for number, one in enumerate(simulations())
        if one.panel.signals.loc[one.panel.signals["kind"] == "count", "value"].any()
    ]
    return [calibrate(number) for number in acts[:FEW]]


@pytest.fixture(scope="module")
def many():
    return [calibrate(number) for number in range(SETS)]


def outside(results: list[Ranked], shrink: float = 1.0) -> list[str]:
    own_band = band(len(results))
    return [name for name, own in ranks(results, shrink).items() if not own_band.holds(own)]


def test_the_ranks_of_twenty_truths_stay_inside_the_band(few):
    # False alarm: 5 % at most for all quantities together, once and for all: seeds are fixed.
    assert outside(few) == [], verdict(few).to_string()


def test_data_sets_share_their_programs(few):
    # The first set makes one for the density and one for the likelihood.
    assert few[-1].programs == few[0].programs


def test_thinned_draws_are_nearly_independent(few):
    assert min(min(one.ess.values()) for one in few) > KEPT


def test_draws_far_too_narrow_break_the_band_of_twenty(few):
    # Twenty truths can tell no more than gross errors; the slow test below sees finer ones.
    assert len(outside(few, shrink=0.2)) >= len(QUANTITIES) // 2


@pytest.mark.slow
def test_the_ranks_of_all_truths_stay_inside_the_band(many):
    # False alarm: 5 % at most for all quantities together.
    assert outside(many) == [], verdict(many).to_string()


@pytest.mark.slow
def test_draws_somewhat_too_narrow_break_the_band(many):
    assert len(outside(many, shrink=0.7)) >= len(QUANTITIES) // 2


def _normal(spread: float, shift: float = 0.0) -> list[Ranked]:
    """Return sets whose exact posterior is known: one value, normal, seen with normal noise."""
    rng = np.random.default_rng(8)
    results = []
    for number in range(SETS):
        truth = rng.normal(size=len(QUANTITIES))
        seen = truth + rng.normal(size=len(QUANTITIES))
        # Of variance 1 each: the posterior has half the observation as mean, and variance 1/2.
        exact = seen / 2 + np.sqrt(0.5) * rng.normal(size=(KEPT, len(QUANTITIES)))
        draws = seen / 2 + shift + spread * (exact - seen / 2)
        by_name = dict(zip(QUANTITIES, truth.tolist(), strict=True))
        columns = {name: draws[:, place].tolist() for place, name in enumerate(QUANTITIES)}
        results.append(Ranked(number, 0.0, 0.0, 0, by_name, columns, {}))
    return results


def test_an_exact_engine_passes():
    assert outside(_normal(1.0)) == []


@pytest.mark.parametrize(("spread", "shift"), [(0.7, 0.0), (1.4, 0.0), (1.0, 0.25)])
def test_a_wrong_engine_fails(spread, shift):
    # Too sure, too unsure, or biased by a third of a posterior sd: most quantities show it.
    assert len(outside(_normal(spread, shift))) > len(QUANTITIES) // 2


def test_over_narrow_draws_fail_by_the_same_path_as_the_studys():
    assert len(outside(_normal(1.0), shrink=0.7)) > len(QUANTITIES) // 2


def test_ranks_count_the_draws_below_and_break_ties_at_random():
    one = _normal(1.0)[0]
    draws = {name: [float(n) for n in range(KEPT)] for name in QUANTITIES}
    truth = dict.fromkeys(QUANTITIES, 30.5)
    found = ranks([Ranked(0, 0.0, 0.0, 0, truth, draws, {})])
    assert {int(own[0]) for own in found.values()} == {31}
    tied = Ranked(
        0, 0.0, 0.0, 0, dict(one.truth), {n: [t] * KEPT for n, t in one.truth.items()}, {}
    )
    spread = np.concatenate(list(ranks([tied] * 200).values()))
    # All draws equal the truth: any rank is as likely, 26 times each of 2,600 on average.
    assert set(spread.tolist()) == set(range(KEPT + 1))


def test_the_band_is_left_as_rarely_as_stated():
    # 10,000 new sets of uniform ranks at 5 %: the share outside has a standard error of .2 %, and
    # the band's own simulation one of .1 %. Being discrete, it may be left less often.
    own = np.random.default_rng(5).integers(KEPT + 1, size=(10_000, 50))
    assert 0.03 < np.mean(statistic(own) <= band(50, LEVEL).limit) < 0.06


def test_the_edges_of_the_band_say_the_same_as_the_statistic():
    own_band = band(FEW)
    low, high = own_band.edges()
    own = np.random.default_rng(6).beta(1.0, 2.0, size=(300, FEW)) * (KEPT + 1)
    for row in own.astype(int):
        share = below(row[None])[0] / FEW
        inside = bool(np.all((low <= share) & (share <= high)))
        assert inside == own_band.holds(row)
        assert inside == (own_band.p_value(row) > LEVEL / len(QUANTITIES))


def test_the_band_is_that_of_arviz():
    from arviz_stats import ecdf_utils

    grid = np.arange(1, KEPT + 1) / (KEPT + 1)
    rng = np.random.default_rng(7)
    prob = ecdf_utils.simulate_confidence_bands(SETS, 1, grid, 0.95, 4000, rng)
    theirs = ecdf_utils.get_pointwise_confidence_band(prob, SETS, grid)
    for mine, other in zip(band(SETS, LEVEL).edges(), theirs, strict=True):
        # One or two truths of 300, from the error of 4,000 simulations.
        assert np.abs(mine - other).max() < 2.5 / SETS


def test_the_log_likelihood_is_the_models_own(few):
    simulation = simulations()[1]
    truth = simulation.truth.draws
    model = build_model(pad_data(widened(build_data(simulation.panel, priors()))).data, priors())
    point = {}
    for variable in model.free_RVs:
        value, transform = truth[variable.name][0], model.rvs_to_transforms[variable]
        if transform is not None:
            value = transform.forward(pt.as_tensor(value), *variable.owner.inputs).eval()
        point[model.rvs_to_values[variable].name] = value
    terms = [*model.observed_RVs, *model.potentials]
    own = float(model.compile_logp(vars=terms, mode="FAST_COMPILE")(point))
    assert log_likelihood(model, truth.values) == pytest.approx([own], rel=1e-10)


def test_the_probability_of_the_question_is_a_share_of_paths(few):
    values = np.array([one.truth["question"] for one in few]) * PATHS
    assert np.allclose(values, np.round(values))
    assert len(set(values.tolist())) > FEW // 4
