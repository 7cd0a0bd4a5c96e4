"""Simulated data follow the densities that the model reads them with.

Statistical tests compare frequencies with their expectation at 4.5 standard errors: a false alarm
about once in 150,000 comparisons, and seeds are fixed.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws, stack_draws
from forecast.forecasts.ladder import filter_chain, smoothed
from forecast.forecasts.simulate import simulate_panel, simulate_rungs
from forecast.forecasts.simulated_reports import draw_reports, simulate_reports
from forecast.forecasts.simulated_signals import (
    Grades,
    draw_binary,
    draw_counts,
    draw_ordinal,
    simulate_signals,
)
from forecast.inference.prior import sample_prior
from forecast.model import build_data, build_model
from forecast.model.chains import IDLE, build_chains
from forecast.model.credibility import probability_true, true_count_distribution
from forecast.model.witness import Report, cell_factors
from forecast.study.models import Ladder
from tests.slow.small_study import GRADES, template
from tests.toys import priors

MANY = 100_000


def agree(share, expected, count):
    error = np.sqrt(np.asarray(expected) * (1.0 - np.asarray(expected)) / count)
    return np.all(np.abs(share - expected) <= 4.5 * error + 1e-12)


@pytest.fixture(scope="module")
def structure():
    return template()


@pytest.fixture(scope="module")
def drawn(structure):
    data = build_data(structure, priors())
    return stack_draws(sample_prior(build_model(data, priors()), 40, 11), data)


def single(draws, number, **changes):
    values = {name: array[number : number + 1] for name, array in draws.values.items()}
    return Draws(chains=1, data=draws.data, values=values | changes)


def simulated(structure, draws, seed=0, grades=GRADES):
    rng = np.random.default_rng(seed)
    return simulate_panel(structure, draws, priors=priors(), rng=rng, grades=grades)


def test_reported_counts_have_the_density_that_sums_over_how_many_are_true():
    mean, shape, chance = 0.8, 2.0, 0.7
    rng = np.random.default_rng(1)
    true, false = draw_counts(np.full(MANY, mean), np.full(MANY, shape), chance, rng)
    law = stats.nbinom(shape, shape / (shape + mean))
    for reported in range(5):
        values, weights = true_count_distribution((1.0,) * reported, (chance,) * reported)
        expected = chance * float(weights @ law.pmf(values))
        assert agree(np.mean(true + false == reported), expected, MANY)


def test_no_report_at_all_is_rarer_than_nothing_true_by_the_mean_credibility():
    # By hand: NB(0 | 1, 1) = 1/2, no false report beside it with chance 0.8: 0.4.
    true, false = draw_counts(np.ones(MANY), np.ones(MANY), 0.8, np.random.default_rng(2))
    assert agree(np.mean(true + false == 0), 0.4, MANY)


def test_an_act_of_a_grade_is_true_as_often_as_the_grade_says():
    names, mean, true, false = Grades({"A1": 0.5, "E5": 0.5}).split(priors())
    credible = [probability_true(priors(), [name]) for name in names]
    # Bayes: the share of true acts among those of a grade.
    assert mean * true / (mean * true + (1.0 - mean) * false) == pytest.approx(credible)
    assert mean == pytest.approx(sum(credible) / 2.0)


def test_opportunities_are_taken_as_often_as_the_likelihood_says():
    # 0.6 (1 - exp(-exp(-0.4))) + 0.4 x 0.5 = 0.6 x 0.48845 + 0.2 = 0.49307
    rng = np.random.default_rng(3)
    values = draw_binary(np.full(MANY, -0.4), np.full(MANY, 0.6), 0.5, rng)
    assert agree(values.mean(), 0.49307, MANY)


def test_levels_come_as_often_as_the_likelihood_says():
    # Logit 0.5 over thresholds 0 and 1.2: P(>= 1) = 0.62246, P(>= 2) = 0.33181; a tenth is false.
    rng = np.random.default_rng(4)
    values = draw_ordinal(np.full(MANY, 0.5), np.array([0.0, 1.2]), np.full(MANY, 0.9), rng)
    expected = 0.9 * np.array([0.37754, 0.29065, 0.33181]) + 0.1 / 3.0
    shares = np.bincount(values.astype(int), minlength=3) / MANY
    assert agree(shares, expected, MANY)


@pytest.mark.parametrize("grade", ["A1", "C3", "E5"])
def test_the_witness_model_is_the_density_ratio_of_reports_of_one_axis(drawn, grade):
    """A report, or its absence, is as much likelier than in an idle cell as the factor says."""
    witness = drawn.data.chains.witness
    known = np.full(witness.rungs, 0.8)
    detected, invented = witness.detection[4] * 0.8, witness.false_rate[4] * 0.8
    false = invented * witness.false_share[grade]
    true = detected * witness.true_share[grade] + (1.0 - detected) * false
    report = Report(4, "state", (("agency", grade),))
    # Rungs 1 to 3 are silent in all of these cells; only the state stands on a rung.
    below = cell_factors(witness, [], known)[3, 0]
    assert cell_factors(witness, [report], known)[4, 0] / below == pytest.approx(true / false)
    assert cell_factors(witness, [], known)[4, 0] / below == pytest.approx(1.0 - detected)


def test_true_reports_come_with_detection_and_delay(drawn):
    witness = drawn.data.chains.witness
    known = np.full(witness.rungs, 0.5)
    rng = np.random.default_rng(6)
    runs = 20_000
    found = [draw_reports(witness, np.array([4, 0]), known, rng) for _ in range(runs)]
    rungs = [rung for one in found for rung, who, _ in one if who == "state"]
    # Lethal, d = 0.6 and eps = 0.04, half known: 0.3 + 0.7 x 0.02; troops not reached: 0.03 / 2.
    assert agree(rungs.count(4) / runs, 0.314, runs)
    assert agree(rungs.count(5) / runs, 0.015, runs)
    assert {rung for one in found for rung, who, _ in one if who == "firm"} == {2, 3, 4}


def test_filtering_simulated_reports_gives_the_rungs_that_made_them_on_average(structure, drawn):
    """The mean of P(rung | reports) is the frequency of the rung, where states alone act."""
    ladder = Ladder(structure.study.ladder.rungs, structure.study.ladder.rungs[1:])
    panel = replace(
        structure, study=replace(structure.study, ladder=ladder), reports=structure.reports
    )
    data = replace(drawn.data, chains=build_chains(panel, priors()))
    rng = np.random.default_rng(7)
    gaps = []
    for number in range(drawn.count):
        one = replace(single(drawn, number), data=data)
        for _ in range(2):
            rungs = simulate_rungs(one, rng)
            reports = simulate_reports(panel, one, rungs, rng=rng)
            chains = build_chains(replace(panel, reports=reports), priors())
            seen = replace(one, data=replace(data, chains=chains))
            for chain in range(len(chains.labels)):
                cells = smoothed(filter_chain(seen, chain)).sum(axis=2)
                high = rungs[chain, :, 0][:, None] >= np.arange(1, 6)
                tail = cells[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
                gaps.append((tail - high).mean(axis=0))
    errors = np.std(gaps, axis=0) / np.sqrt(len(gaps))
    assert np.all(np.abs(np.mean(gaps, axis=0)) < 4.5 * errors)


def test_rungs_exist_inside_the_span_alone_and_firms_avoid_what_is_ruled_out(drawn):
    rng = np.random.default_rng(8)
    paths = np.stack([simulate_rungs(single(drawn, n), rng) for n in range(20)])
    idle = drawn.data.chains.mode.T == IDLE
    assert np.all(paths[:, idle] == -1)
    assert np.all(paths[:, ~idle] >= 0)
    assert not set(np.unique(paths[..., 1])) & {1, 5}


def test_a_simulated_panel_keeps_the_structure_and_builds_the_same_model(structure, drawn):
    made = simulated(structure, single(drawn, 0))
    kept = ["indicator", "kind", "pair", "partner", "first", "last", "exposure"]
    assert made.panel.signals[kept].equals(structure.signals[kept])
    data = build_data(made.panel, priors())
    assert data.coords == drawn.data.coords
    assert {kind: terms.n for kind, terms in data.terms.items()} == {
        kind: terms.n for kind, terms in drawn.data.terms.items()
    }
    assert not made.panel.signals["value"].isna().any()


def test_the_same_seed_gives_the_same_data_and_another_seed_gives_others(structure, drawn):
    one, two, other = (simulated(structure, single(drawn, 0), seed=s).panel for s in (1, 1, 2))
    assert one.content_hash == two.content_hash != other.content_hash


def test_a_lag_is_the_last_reported_value_of_the_series(structure, drawn):
    signals = simulated(structure, single(drawn, 0)).panel.signals
    trade = signals[(signals["indicator"] == "trade") & (signals["pair"] == "CHN->RUS")]
    ordered = trade.sort_values("last")
    assert np.isnan(ordered["lag"].iloc[0])
    assert ordered["lag"].iloc[1:].tolist() == ordered["value"].iloc[:-1].tolist()


def test_values_follow_alignment_lag_and_noise(structure, drawn):
    """Without noise, doubt or alignment a series is its intercept plus its weighted lag."""
    calm = single(
        drawn,
        0,
        alignment=np.zeros_like(drawn["alignment"][:1]),
        noise_scale=np.full((1, 1), 1e-9),
        lag_weight=np.full((1, 1), 0.5),
        series_raw=np.zeros_like(drawn["series_raw"][:1]),
        intercept=np.ones_like(drawn["intercept"][:1]),
    )
    terms = dict(calm.data.terms)
    sure = terms["continuous"].extra | {"credible": np.ones(terms["continuous"].n)}
    terms["continuous"] = replace(terms["continuous"], extra=sure)
    calm = replace(calm, data=replace(calm.data, terms=terms))
    rng = np.random.default_rng(0)
    grades = Grades({"B2": 1.0}, most=10_000)
    signals = simulate_signals(structure, calm, priors=priors(), rng=rng, grades=grades)
    trade = signals[(signals["indicator"] == "trade") & (signals["pair"] == "CHN->RUS")]
    values = trade.sort_values("last")["value"].to_numpy()
    # 1, 1 + 0.5, 1 + 0.75 ...
    assert values == pytest.approx(2.0 - 0.5 ** np.arange(6.0), abs=1e-6)


def test_more_acts_than_the_limit_are_refused(structure, drawn):
    loud = single(drawn, 0, intercept=np.full_like(drawn["intercept"][:1], 6.0))
    with pytest.raises(ModelError, match="acts"):
        simulated(structure, loud)


def test_only_one_draw_can_be_simulated_from(structure, drawn):
    with pytest.raises(ModelError, match="40 draws"):
        simulated(structure, drawn)


def test_a_rung_that_no_indicator_reports_is_named(structure, drawn):
    study = structure.study
    fewer = {name: one for name, one in study.indicators.items() if one.rung != "lethal"}
    lacking = replace(structure, study=replace(study, indicators=fewer))
    with pytest.raises(ModelError, match="lethal"):
        simulated(lacking, single(drawn, 0))
