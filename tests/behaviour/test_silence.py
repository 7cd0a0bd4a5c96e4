"""Nothing may ever happen, and the longer nothing does the less is expected of the future."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.forecasts.ladder import Filtered, filter_chain
from forecast.study.models import AtStake
from tests.behaviour.weights import log_likelihood, normalised
from tests.plugins import fits

QUARTERS, COUNT, TOP = 20, 1_000, 5
CHINA = "CHN->RUS from 2020-Q1"
HISTORIES = range(2, QUARTERS + 1, 2)


@pytest.fixture(scope="module")
def study(fit_study_data):
    """Return the study with support to Russia at stake for five years, and nothing on record."""
    span = AtStake("RUS", date(2020, 1, 1), None, date(2020, 1, 1))
    return replace(fit_study_data, at_stake=(span,), drivers=())


@pytest.fixture(scope="module")
def prior(study):
    end = study.calendar.end(QUARTERS - 1)
    return fits.prior_of(fits.panel_of(study, [], end), COUNT).draws


@pytest.fixture(scope="module")
def ahead(prior):
    """Return China's transitions over all five years."""
    return filter_chain(prior, prior.data.chains.labels.index(CHINA))


@pytest.fixture(scope="module")
def silent_data(study):
    """Return the arrays of silence as of the end of each second quarter."""
    ends = {known: study.calendar.end(known - 1) for known in HISTORIES}
    return {known: fits.data_of(fits.panel_of(study, [], end)) for known, end in ends.items()}


def filter_all(draws, data, known):
    """Filter the chains of the three supporters over the first quarters."""
    cut = {name: draws[name][..., :known] for name in ("alignment", "recipient_shock_raw")}
    shorter = replace(draws, data=data, values={**draws.values, **cut})
    return [filter_chain(shorter, chain) for chain in range(3)]


def top_at(ahead: Filtered, now: Filtered, known: int, target: int) -> np.ndarray:
    """Return P(state at the top rung in period ``target`` | silence so far) for each draw."""
    cells = now.cells[:, -1].sum(axis=1)
    for step in range(known, target + 1):
        cells = np.einsum(
            "sai,sac,scd->sid", ahead.state[:, step], cells, ahead.firms[:, step], optimize=True
        )
    return cells[:, TOP].sum(axis=1)


def test_the_prior_lets_nothing_happen(prior, ahead):
    still = ahead.state[:, :, 0, 0] * ahead.firms[:, :, 0, 0]
    year, all_years = still[:, :4].prod(axis=1).mean(), still.prod(axis=1).mean()
    # No rung above none: 0.44 in a pair's first four quarters, 0.27 in five years; standard errors
    # of 1,000 draws are near 0.01.
    assert year == pytest.approx(0.44, abs=0.06)
    assert all_years == pytest.approx(0.27, abs=0.05)
    pairs = [filter_chain(prior, chain) for chain in range(3)]
    nobody = np.prod([p.state[:, :, 0, 0] * p.firms[:, :, 0, 0] for p in pairs], axis=(0, 2))
    assert nobody.mean() > 0.002


def test_what_is_expected_of_a_quarter_falls_with_each_silent_one(prior, ahead, silent_data):
    expected = [
        top_at(ahead, filter_all(prior, data, known)[0], known, QUARTERS - 1)
        for known, data in silent_data.items()
    ]
    for before, after in itertools.pairwise(expected):
        # The parameters are the same. It falls in all draws but those few in which a start at the
        # top is likelier than a climb there from a lower rung, which silence makes less likely.
        assert after.mean() < before.mean()
        assert (after <= before * (1.0 + 1e-9)).mean() > 0.95
    assert expected[-1].mean() < 0.2 * expected[0].mean()


def test_the_next_quarter_looks_ever_safer_as_parameters_learn_from_silence(prior, silent_data):
    """Prior draws weighted by the likelihood of three silent supporters: no NUTS."""
    steady = {
        "alignment": np.repeat(prior["alignment"][..., :1], QUARTERS, axis=3),
        "recipient_shock_raw": np.zeros_like(prior["recipient_shock_raw"]),
    }
    draws = replace(prior, values={**prior.values, **steady})
    onward = filter_chain(draws, prior.data.chains.labels.index(CHINA))
    expected, effective = [], []
    for known, data in silent_data.items():
        chains = filter_all(draws, data, known)
        weights = normalised(np.sum([log_likelihood(chain) for chain in chains], axis=0))
        # The score is the same in every quarter, so any quarter's transition is the next one's.
        following = top_at(onward, chains[0], QUARTERS - 1, QUARTERS - 1)
        expected.append(float(weights @ following))
        effective.append(1.0 / float(np.sum(weights**2)))
    assert min(effective) > 100.0
    assert all(after < before for before, after in itertools.pairwise(expected))
    assert expected[-1] < 0.2 * expected[0]
