"""The NumPy twins of the model, and the passes over rungs against brute force."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytensor
import pytest

import forecast.model.rungs as model_rungs
from forecast.forecasts.draws import Draws
from forecast.forecasts.ladder import (
    _choose_of,
    filter_chain,
    mass_above,
    past_scores,
    sample_future,
    sample_past,
    smoothed,
    thresholds,
)
from forecast.forecasts.roll import future_alignment
from forecast.model import build_model
from forecast.model.forward import columns_of
from forecast.model.witness import Report, cell_factors
from forecast.study.models import AtStake, Ladder
from tests import tiny
from tests.forecasts.worlds import day, still_draws
from tests.plugins import fits


@pytest.fixture(scope="module")
def graph(fit_prior):
    """Scores, thresholds, transitions and the witness potential of the one model at one draw."""
    parts = []
    chains = fit_prior.draws.data.chains
    columns = columns_of(chains).chain.tolist()
    own = [columns.index(chain) for chain in range(len(chains.labels))]

    def spy(scores, table, mode, reached):
        found = original(scores, table, mode, reached)
        parts.extend([scores[:, :, own], table, *(above[..., own] for above in found)])
        return found

    original = model_rungs.transitions
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_rungs, "transitions", spy)
        model = build_model(fit_prior.draws.data, fits.priors_of(fit_prior.panel.study))
    compute = pytensor.function(
        model.free_RVs,
        [*parts, *model.potentials],
        on_unused_input="ignore",
        mode="FAST_COMPILE",
    )
    names = [variable.name for variable in model.free_RVs]
    return lambda draw: compute(*[fit_prior.draws[name][draw] for name in names])


@pytest.mark.parametrize("draw", [0, 7, 42])
def test_scores_and_thresholds_equal_the_model(graph, prior_draws, draw):
    scores, table, *_ = graph(draw)
    np.testing.assert_allclose(thresholds(prior_draws)[draw], table, atol=1e-12)
    chains = prior_draws.data.chains
    for chain in range(len(chains.labels)):
        own = past_scores(prior_draws, chains, chain)[draw]
        np.testing.assert_allclose(own, scores[:, :, chain], atol=1e-12)


@pytest.mark.parametrize("draw", [0, 7, 42])
def test_transitions_equal_the_model_in_every_chain(graph, prior_draws, draw):
    _, _, state, firms, _ = graph(draw)
    chains = prior_draws.data.chains
    allowed = np.flatnonzero(chains.firms_allowed)
    assert len(allowed) < len(chains.firms_allowed)
    for chain in range(len(chains.labels)):
        filtered = filter_chain(prior_draws, chain)
        for reached, twin, model in (
            (np.arange(len(chains.firms_allowed)), filtered.state, state),
            (allowed, filtered.firms, firms),
        ):
            own = twin[draw][:, reached][:, :, reached]
            above = own[:, :, ::-1].cumsum(axis=2)[:, :, ::-1][:, :, 1:]
            mode = chains.mode[:, chain]
            # Outside its span a chain stands still, and it begins at rung none: the model has no
            # use for the other rows.
            for rows, last in ((mode == 1, slice(None)), (mode == 0, slice(1))):
                found = model[rows][:, last, :, chain]
                np.testing.assert_allclose(found, above[rows][:, last], atol=1e-12)


def likelihoods(filtered, draw):
    """Sum the log-likelihood of the steps: what was expected before each, times what was seen."""
    total, before = 0.0, np.zeros_like(filtered.cells[draw, 0])
    before[0, 0, 0] = 1.0
    for step, cells in enumerate(filtered.cells[draw]):
        moved = filtered.state[draw, step].T @ before @ filtered.firms[draw, step]
        seen = np.einsum("lij,lmij->mij", moved, filtered.kernel[step])
        np.testing.assert_allclose(cells, seen / seen.sum(), atol=1e-12)
        total += np.log(seen.sum())
        before = cells
    return total


@pytest.mark.parametrize("draw", [0, 7, 42])
def test_the_filter_has_the_likelihood_of_the_models_potential(graph, prior_draws, draw):
    witness = graph(draw)[-1]
    chains = prior_draws.data.chains
    # The study has chains of every make: closed and open spans, one and two layers, idle periods.
    assert set(chains.layers.tolist()) == {1, 2}
    assert {bool(one) for one in chains.open} == {True, False}
    assert (chains.mode == 2).any()
    found = [likelihoods(filter_chain(prior_draws, c), draw) for c in range(len(chains.labels))]
    np.testing.assert_allclose(found, witness, atol=1e-9)


# A chain small enough for every path to be listed: 3 rungs on 2 axes over 4 quarters, 9**4 paths.
LADDER = Ladder(("none", "economic", "lethal"))
END = day("2022-12-31")


@pytest.fixture(scope="module")
def short(fit_study_data):
    """Draws of a chain of four quarters with a dated report and two that are interval-dated."""
    aid = replace(fit_study_data.indicators["military_training"], name="aid", rung="economic")
    study = replace(
        fit_study_data,
        ladder=LADDER,
        at_stake=(AtStake("RUS", day("2022-01-01"), None, day("2022-01-01")),),
        pairs=fit_study_data.pairs[:1],
        drivers=(),
        coverage=(),
        indicators={"arms_transfer": fit_study_data.indicators["arms_transfer"], "aid": aid},
    )
    arms = tiny.ARMS | {"source_reliability": "C", "credibility": "3", "known_at": "2022-12-30"}
    rows = [
        arms | {"id": "S", "event_date": "2022-05-01"},
        arms
        | {"id": "H", "event_date": "2022-07", "date_precision": "half-year"}
        | {"attribution": "firm", "credibility": "2"},
        arms
        | {"id": "Y", "event_date": "2022", "date_precision": "year", "indicator": "aid"}
        | {"attribution": "unknown"},
    ]
    data = fits.data_of(fits.panel_of(study, rows, END))
    rng = np.random.default_rng(3)
    return still_draws(
        data,
        count=3,
        recipient_shock_scale=1.0,
        recipient_shock_raw=rng.normal(size=(3, 1, 4)),
        rung_gap=np.array([[0.7], [1.2], [0.4]]),
        onset_firms=-1.0,
        onset_state=-1.5,
        climb_state=1.0,
    )


def transition(draws, draw, axis, step):
    """Write the equations of docs/model.md 5.3 down anew, for three rungs."""
    gap = draws["rung_gap"][draw, 0]
    place = {1: 0.0, 2: gap}
    score = draws["recipient_shock_raw"][draw, 0, step]
    first, onset, climb, hold = (
        draws[f"{name}_{axis}"][draw] for name in ("first", "onset", "climb", "hold")
    )
    rows = []
    for last in range(3):
        logits = []
        for rung in (1, 2):
            if step == 0:
                logits.append(score + first - place[rung])
            elif last == 0:
                logits.append(score + onset - place[rung])
            else:
                move = -climb if rung > last else hold
                logits.append(score + move - (place[rung] - place[last]))
        above = [1.0, *(1.0 / (1.0 + np.exp(-one)) for one in logits), 0.0]
        rows.append([above[rung] - above[rung + 1] for rung in range(3)])
    return rows


def all_paths(draws, draw):
    """Return every path of (state, firms) over four quarters with its unnormalised weight."""
    chains = draws.data.chains
    state = [transition(draws, draw, "state", step) for step in range(4)]
    firms = [transition(draws, draw, "firms", step) for step in range(4)]
    known = [
        chains.witness.known_share(day(f"2022-{3 * q + 1:02d}-01"), end, END)
        for q, end in enumerate(map(day, ("2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31")))
    ]
    arms = Report(2, "state", (("ministry", "C3"),))
    firm_arms = Report(2, "firm", (("ministry", "C2"),))
    aid = Report(1, "unknown", (("ministry", "C3"),))
    tables = [
        [
            cell_factors(
                chains.witness,
                [arms] * (q == 1) + [firm_arms] * (q == half) + [aid] * (q == year),
                known[q],
            )
            for q in range(4)
        ]
        for half, year in itertools.product((2, 3), range(4))
    ]
    paths, weights = [], []
    for path in itertools.product(range(9), repeat=4):
        cells = [divmod(cell, 3) for cell in path]
        moved, last = 1.0, (0, 0)
        for q, (g, b) in enumerate(cells):
            moved *= state[q][last[0]][g] * firms[q][last[1]][b]
            last = (g, b)
        seen = [np.prod([table[q][g, b] for q, (g, b) in enumerate(cells)]) for table in tables]
        paths.append(cells)
        weights.append(moved * np.mean(seen))
    return np.array(paths), np.array(weights)


@pytest.fixture(scope="module")
def listed(short):
    return [all_paths(short, draw) for draw in range(3)]


def test_the_likelihood_is_the_sum_over_all_paths_and_placements(short, listed):
    filtered = filter_chain(short, 0)
    for draw, (_, weights) in enumerate(listed):
        assert likelihoods(filtered, draw) == pytest.approx(np.log(weights.sum()), abs=1e-10)


def test_smoothed_marginals_equal_those_of_all_paths(short, listed):
    expected = np.zeros((4, 3, 3))
    for paths, weights in listed:
        for step in range(4):
            np.add.at(expected[step], tuple(paths[:, step].T), weights / weights.sum() / 3)
    np.testing.assert_allclose(smoothed(filter_chain(short, 0)), expected, atol=1e-10)


def test_sampled_paths_have_the_probabilities_of_all_paths(short, listed):
    sampled = sample_past(filter_chain(short, 0), 4, 40_000, np.random.default_rng(8))
    assert sampled.shape == (3, 40_000, 4, 2)
    for draw, (paths, weights) in enumerate(listed):
        exact = weights / weights.sum()
        code = ((sampled[draw].astype(int) @ [3, 1]) @ 9 ** np.arange(3, -1, -1)).astype(int)
        counts = np.bincount(code, minlength=9**4)
        # Pearson's statistic over paths expected at least 5 times, the rest as one class; beyond 5
        # standard deviations of chi-squared. False alarms: below 1e-5 for each draw.
        often = exact * 40_000 >= 5
        observed = np.append(counts[often], counts[~often].sum())
        expected = 40_000 * np.append(exact[often], exact[~often].sum())
        statistic = float(np.sum((observed - expected) ** 2 / expected))
        freedom = len(expected) - 1
        assert freedom > 50
        assert statistic < freedom + 5.0 * np.sqrt(2.0 * freedom)
        assert paths.shape == (9**4, 4, 2)


def test_the_last_periods_alone_are_sampled_as_part_of_the_whole(short):
    filtered = filter_chain(short, 0)
    whole = sample_past(filtered, 4, 20_000, np.random.default_rng(1))[:, :, 2:]
    part = sample_past(filtered, 2, 20_000, np.random.default_rng(2))
    # A mean of 20,000 rungs has a standard error of at most 0.007 here; 0.05 is 5 of a difference.
    np.testing.assert_allclose(whole.mean(axis=1), part.mean(axis=1), atol=0.05)


def test_excluded_rungs_pass_their_mass_to_the_next_allowed_below():
    # Of the rungs 0 to 3, rung 1 and the highest are ruled out. P(>= 1) becomes P(>= 2) = 0.5.
    above = np.array([0.8, 0.5, 0.1])
    allowed = np.array([True, False, True, False])
    assert mass_above(above, allowed) == pytest.approx([0.5, 0.0, 0.5, 0.0])
    assert mass_above(above, None) == pytest.approx([0.2, 0.3, 0.4, 0.1])


def certain(draws: Draws, **values: float) -> Draws:
    """Replace scalar parameters."""
    replaced = {name: np.full_like(draws[name], value) for name, value in values.items()}
    return replace(draws, values={**draws.values, **replaced})


def test_the_future_climbs_and_holds_by_its_own_equations(short):
    # Onset is sure, a climb impossible, holding sure: the state goes to the top at once and stays.
    draws = certain(
        short, recipient_shock_scale=0.0, onset_state=50.0, hold_state=50.0, onset_firms=-50.0
    )
    start = np.zeros((3, 20, 2), dtype=np.int8)
    later = sample_future(draws, 0, start, 3, 1)
    assert later.shape == (3, 20, 3, 2)
    assert (later[..., 0] == 2).all()
    assert (later[..., 1] == 0).all()


def test_the_future_shares_of_a_step_are_the_transition_row(short):
    draws = certain(short, recipient_shock_scale=0.0, rung_gap=1.0)
    start = np.ones((3, 20_000, 2), dtype=np.int8)
    later = sample_future(draws, 0, start, 1, 1)[:, :, 0, 0]
    # From rung 1: P(>= 1) = expit(hold) = expit(2), P(>= 2) = expit(-climb - 1) = expit(-2).
    share = np.bincount(later.ravel(), minlength=3) / later.size
    assert share == pytest.approx([0.1192, 0.7616, 0.1192], abs=0.006)


def test_a_future_of_alignment_that_is_at_hand_gives_the_same_rungs(short):
    draws = certain(short, equation_weight=1.0)
    start = np.ones((3, 50, 2), dtype=np.int8)
    alignment = future_alignment(draws, int(draws.data.chains.pair[0]), 2, 50, 1)
    found = sample_future(draws, 0, start, 2, 1, alignment=alignment)
    assert np.array_equal(found, sample_future(draws, 0, start, 2, 1))
    assert not np.array_equal(
        found, sample_future(draws, 0, start, 2, 1, alignment=alignment + 3.0)
    )


class Close:
    """A generator whose every number is as close to 1, or to 0, as can be."""

    def __init__(self, number):
        self.number = number

    def random(self, shape):
        return np.full(shape, self.number)


def test_choices_have_the_shares_of_their_own_row():
    weights = np.array([[0.0, 3.0, 1.0, 0.0], [2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.1, 0.3]])
    row = np.repeat([[2, 0, 1]], 20_000, axis=0)
    chosen = _choose_of(weights, row, np.random.default_rng(3))
    for place, own in enumerate(row[0]):
        share = np.bincount(chosen[:, place], minlength=4) / len(chosen)
        # Four standard errors of a share of a quarter.
        assert share == pytest.approx(weights[own] / weights[own].sum(), abs=0.0125)


@pytest.mark.parametrize(("number", "expected"), [(np.nextafter(1.0, 0.0), 2), (0.0, 1)])
def test_no_number_chooses_what_cannot_be_whatever_the_row(number, expected):
    weights = np.tile([0.0, 3.0, 1.0, 0.0], (50_000, 1))
    chosen = _choose_of(weights, np.arange(50_000)[:, None], Close(number))
    assert (chosen == expected).all()
