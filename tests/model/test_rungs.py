"""Transitions of the rungs, and the forward pass that sums them out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import jax
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

from forecast.inference.density import make_density
from forecast.model.build import build_model
from forecast.model.chains import build_chains
from forecast.model.data import build_data
from forecast.model.forward import columns_of, forward_pass
from forecast.model.rungs import _add_scores, _add_thresholds, transitions
from forecast.study.models import AtStake, Driver, Ladder
from tests.toys import LADDER, fact, priors, seen, toy_study

FAST = "FAST_COMPILE"
LONG = Ladder(
    ("none", "rhetorical", "economic", "dual-use", "lethal", "troops"), ("rhetorical", "troops")
)


def expit(value):
    return 1.0 / (1.0 + np.exp(-value))


def span(start, end=None, recipient="RUS"):
    return AtStake(recipient, start, end, date(2022, 1, 1))


ALL_ALONG = (span(date(2022, 1, 1)),)


def chains_of(*records, ladder=LADDER, at_stake=ALL_ALONG, as_of=date(2022, 9, 30)):
    study = replace(toy_study(), ladder=ladder, at_stake=tuple(at_stake))
    return build_chains(seen(study, *records, as_of=as_of), priors())


def thresholds_of(study, values):
    """Return the thresholds of a study at given values of the parameters."""
    data = build_data(seen(study), priors())
    with pm.Model(coords={"rung_step": list(data.coords["rung_step"])}) as model:
        table = _add_thresholds(data, priors())
    return table.eval({model[name]: np.asarray(value) for name, value in values.items()}, mode=FAST)


VALUES = {
    "rung_gap": [0.7],
    "first_state": -0.5,
    "onset_state": -3.0,
    "climb_state": 3.0,
    "hold_state": 2.75,
    "first_firms": -1.5,
    "onset_firms": -3.5,
    "climb_firms": 2.0,
    "hold_firms": 1.0,
}


def test_thresholds_in_quarters_are_those_of_the_parameters():
    table = thresholds_of(toy_study(indicators=()), VALUES)
    # Rows: first period, from none, from rhetorical, from lethal. Columns: rhetorical, lethal.
    assert table[0] == pytest.approx(
        np.array([[-0.5, -1.2], [-3.0, -3.7], [2.75, -3.7], [3.45, 2.75]])
    )
    assert table[1] == pytest.approx(
        np.array([[-1.5, -2.2], [-3.5, -4.2], [1.0, -2.7], [1.7, 1.0]])
    )


@pytest.mark.parametrize(("frequency", "shift"), [("month", np.log(3)), ("year", -np.log(4))])
def test_onset_climb_and_fall_keep_pace_with_the_period(frequency, shift):
    table = thresholds_of(toy_study(indicators=(), frequency=frequency), VALUES)[0]
    assert table[0] == pytest.approx([-0.5, -1.2]), "the first period has no pace"
    assert table[1] == pytest.approx([-3.0 - shift, -3.7 - shift])
    assert table[2] == pytest.approx([2.75 + shift, -3.0 - shift - 0.7])


def test_a_climb_is_never_likelier_than_staying_however_long_the_period():
    values = VALUES | {"climb_state": 0.5, "hold_state": 0.5}
    table = thresholds_of(toy_study(indicators=(), frequency="year"), values)[0]
    stay = 0.5 - np.log(4)
    assert -0.5 + np.log(4) > stay
    assert table[2] == pytest.approx([stay, stay - 0.7])


def test_scores_weigh_alignment_drivers_and_the_shock_of_the_recipient():
    drivers = (Driver("IRN", "RUS", "2022-Q3", "front", 2.0, date(2022, 1, 1)),)
    at_stake = (span(date(2022, 4, 1)), span(date(2022, 4, 1), recipient="CHN"))
    data = build_data(seen(replace(toy_study(), at_stake=at_stake, drivers=drivers)), priors())
    chains = data.chains
    coords = {name: list(labels) for name, labels in data.coords.items() if labels}
    coords |= {"staked_recipient": list(chains.recipients), "staked_period": [1, 2, 3]}
    rng = np.random.default_rng(5)
    alignment, shocks = rng.normal(size=(4, 2, 4)), rng.normal(size=(2, 3))
    weight, deviation = np.array([0.5, 0.9]), rng.normal(size=(3, 2))
    with pm.Model(coords=coords) as model:
        scores = _add_scores(pt.as_tensor(alignment), data, chains, priors())
    given = {
        "rung_weight": weight,
        "rung_weight_deviation": deviation,
        "driver_weight": np.array([0.7]),
        "recipient_shock_scale": np.array(0.4),
        "recipient_shock_raw": shocks,
    }
    result = scores.eval({model[name]: value for name, value in given.items()}, mode=FAST)
    # Pairs with RUS are the study's 0 and 2, pairs with CHN its 1 and 3; the grid begins at Q2.
    for chain, (pair, recipient) in enumerate([(0, 0), (1, 1), (2, 0), (3, 1)]):
        for time in range(3):
            expected = (weight * np.exp(deviation)) @ alignment[pair, :, time + 1]
            expected = expected + 0.4 * shocks[recipient, time]
            if (pair, time) == (2, 1):
                expected = expected + 0.7 * 2.0
            assert result[:, time, chain] == pytest.approx(expected, rel=1e-12)


def above_of(scores, table, chains):
    """Return P(at least a rung | last rung) of both axes, each (time, last, rung 1.., chain)."""
    reached = (np.arange(len(chains.firms_allowed)), np.flatnonzero(chains.firms_allowed))
    made = transitions(pt.as_tensor(scores), pt.as_tensor(table), chains.mode, reached)
    return [one.eval(mode=FAST) for one in made]


@pytest.fixture(scope="module")
def moves():
    """Return transitions of a long ladder at random scores, a span ending in between."""
    at_stake = [span(date(2022, 1, 1), date(2022, 6, 30)), span(date(2022, 1, 1), recipient="CHN")]
    chains = chains_of(ladder=LONG, at_stake=at_stake)
    rng = np.random.default_rng(2)
    scores = rng.normal(0.0, 2.0, (3, 3, len(chains.labels)))
    gaps = np.concatenate([[0.0], np.cumsum(rng.lognormal(0.0, 0.4, 4))])
    rows = [-0.5 - gaps, -3.0 - gaps]
    rows += [
        np.where(np.arange(1, 6) > last, -3.0, 2.75) - (gaps - gaps[last - 1])
        for last in range(1, 6)
    ]
    table = np.stack([np.stack(rows), np.stack(rows) - 0.5])
    return chains, scores, table, *above_of(scores, table, chains)


def test_higher_rungs_are_rarer_than_lower_ones(moves):
    _, _, _, state, firms = moves
    assert state.shape == (3, 6, 5, 4)
    assert firms.shape == (3, 4, 3, 4), "firms have three of the five rungs above none"
    for above in (state, firms):
        assert ((above > 0.0) & (above < 1.0)).all()
        assert (np.diff(above, axis=2) < 0.0).all()


def test_a_higher_rung_never_makes_a_high_rung_less_likely(moves):
    chains, _, _, state, firms = moves
    for above in (state, firms):
        running = above[1:].transpose(0, 3, 1, 2)[chains.mode[1:] == 1]
        assert len(running)
        assert (np.diff(running[:, 1:], axis=1) >= -1e-12).all(), "from rung to rung"


def test_the_probability_of_an_excluded_rung_goes_to_the_next_allowed_one_below(moves):
    _, scores, table, _, firms = moves
    above = expit(scores[1, 1, 0] + table[1, 1])
    # Firms have none, economic, dual-use and lethal: at least economic is at least rhetorical.
    assert firms[1, 0, :, 0] == pytest.approx(above[1:4], abs=1e-12)


def test_each_equation_reads_its_own_score(moves):
    chains, scores, table, state, firms = moves
    assert chains.labels[0].startswith("CHN->RUS")
    # A chain begins at none: of its first period no other row is ever read.
    assert state[0, 0, :, 0] == pytest.approx(expit(scores[0, 0, 0] + table[0, 0]), rel=1e-12)
    assert state[1, 0, :, 0] == pytest.approx(expit(scores[1, 1, 0] + table[0, 1]), rel=1e-12)
    assert state[1, 3, :, 0] == pytest.approx(expit(scores[2, 1, 0] + table[0, 4]), rel=1e-12)
    # The third rung of firms is dual-use, rung 3 of the ladder.
    expected = expit(scores[2, 1, 0] + table[1, 4, [1, 2, 3]])
    assert firms[1, 2, :, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("score", [-1000.0, 1000.0])
def test_transitions_and_their_slopes_stay_finite_at_any_score(moves, score):
    chains, scores, table, *_ = moves
    reached = (np.arange(len(chains.firms_allowed)), np.flatnonzero(chains.firms_allowed))
    given = pt.tensor("scores", shape=scores.shape, dtype="float64")
    made = transitions(given, pt.as_tensor(table), chains.mode, reached)
    slope = pt.grad(pt.sum(made[0]) + pt.sum(made[1]), given)
    values = pytensor.function([given], [*made, slope], mode=FAST)(np.full_like(scores, score))
    assert all(((above >= 0.0) & (above <= 1.0)).all() for above in values[:2])
    assert np.isfinite(values[2]).all()


def by_hand(state, firms, chains, chain):
    """Sum over all paths of rungs and layers of one chain."""
    layers = int(chains.layers[chain])
    total = 0.0
    firms_rungs = np.flatnonzero(chains.firms_allowed)
    time, rungs = len(state), state.shape[1]
    cells = list(itertools.product(range(rungs), range(len(firms_rungs)), range(layers)))
    for path in itertools.product(cells, repeat=time):
        weight, last = 1.0, (0, 0, 0)
        for step, (g, b, layer) in enumerate(path):
            if chains.mode[step, chain] == 2:
                weight *= float((g, b) == last[:2])
            else:
                weight *= state[step, last[0], g, chain] * firms[step, last[1], b, chain]
            weight *= chains.kernel[step, chain, last[2], layer, g, firms_rungs[b]]
            last = (g, b, layer)
        total += weight
    return np.log(total)


def random_moves(chains, seed):
    """Return P(rung | last rung) at random, (time, last, rung, chain), and what they add up to."""
    rng = np.random.default_rng(seed)
    made = []
    for size in (len(chains.firms_allowed), int(chains.firms_allowed.sum())):
        shares = rng.dirichlet(np.ones(size), (*chains.mode.shape, size)).transpose(0, 2, 3, 1)
        above = shares[:, :, ::-1].cumsum(axis=2)[:, :, ::-1][:, :, 1:]
        made.append((shares, above))
    return made


def passed(chains, state, firms):
    """Run the forward pass on P(at least a rung) of each chain."""
    columns = columns_of(chains)
    given = [pt.as_tensor(above[..., columns.chain]) for above in (state, firms)]
    return forward_pass(*given, columns).eval(mode=FAST)


REPORTS = [
    fact("arms", "2022-02-10", id="a", attribution="state", grade="C3"),
    fact("arms", "2022", id="b", attribution="firm", source_name="b"),
    fact("praise", "2022-05-10", id="c", attribution="unknown", pair="IRN->RUS"),
    fact(
        "arms",
        "2022-08-10",
        id="d",
        number=0,
        attribution="state",
        pair="IRN->RUS",
        known_at="2022-09-01",
    ),
]


@pytest.mark.parametrize("excluded", [("rhetorical",), (), ("rhetorical", "lethal")])
def test_the_forward_pass_equals_the_sum_over_all_paths_of_rungs(excluded):
    ladder = replace(LADDER, firms_excluded=excluded)
    reports = [r for r in REPORTS if not ("lethal" in excluded and r.attribution == "firm")]
    chains = chains_of(*reports, ladder=ladder)
    assert chains.layers.tolist() == ([1, 1] if len(reports) == 3 else [2, 1])
    (state, state_above), (firms, firms_above) = random_moves(chains, 3)
    expected = [by_hand(state, firms, chains, chain) for chain in range(2)]
    assert passed(chains, state_above, firms_above) == pytest.approx(expected, rel=1e-12)


def test_nothing_moves_outside_a_span():
    at_stake = [span(date(2022, 1, 1), date(2022, 6, 30)), span(date(2022, 1, 1), recipient="CHN")]
    chains = chains_of(*REPORTS[:3], at_stake=at_stake)
    assert chains.mode[2].tolist() == [2, 1, 2, 1]
    (state, state_above), (firms, firms_above) = random_moves(chains, 5)
    expected = [by_hand(state, firms, chains, chain) for chain in range(4)]
    assert passed(chains, state_above, firms_above) == pytest.approx(expected, rel=1e-12)


def test_chains_of_any_number_of_layers_keep_their_order():
    records = [
        fact("arms", "2022", id="b", attribution="firm"),
        fact("arms", "2022", id="e", attribution="state", source_name="b"),
        fact("arms", "2022-05-10", id="a", attribution="state", pair="IRN->RUS"),
    ]
    one = chains_of(*records)
    other = chains_of(
        *(replace(r, supporter={"CHN": "IRN", "IRN": "CHN"}[r.supporter]) for r in records)
    )
    assert (one.layers.tolist(), other.layers.tolist()) == ([4, 1], [1, 4])
    (state, state_above), (firms, firms_above) = random_moves(one, 4)
    found = passed(one, state_above, firms_above)
    assert found == pytest.approx([by_hand(state, firms, one, c) for c in range(2)], rel=1e-12)
    turned = passed(other, state_above[..., ::-1], firms_above[..., ::-1])
    assert turned == pytest.approx(found[::-1], rel=1e-12)
    assert found[0] != pytest.approx(found[1], rel=1e-3)


def test_firms_that_reach_no_rung_leave_the_model_whole():
    """The log-density and its slope of a whole model whose ladder is closed to firms."""
    ladder = replace(LADDER, firms_excluded=LADDER.rungs[1:])
    study = replace(toy_study(), ladder=ladder, at_stake=ALL_ALONG)
    reports = [replace(one, attribution="state") for one in REPORTS[:1]]
    model = build_model(build_data(seen(study, *reports), priors()), priors())
    density = make_density(model)
    log_density = jax.jit(lambda x: density.program.log_density(x, density.data))
    slope = np.asarray(jax.grad(log_density)(density.origin))
    # Against central differences, of an error of 1e-5 squared, along a direction of all unknowns.
    way = np.random.default_rng(1).normal(size=density.size)
    ahead, back = (float(log_density(density.origin + step * way)) for step in (1e-5, -1e-5))
    assert (ahead - back) / 2e-5 == pytest.approx(float(slope @ way), rel=1e-6)
    assert abs(slope @ way) > 0.1
