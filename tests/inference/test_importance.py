"""Weights: what they are worth, and a gate that nothing doubtful passes."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.errors import ModelError
from forecast.inference.importance import LARGEST_K, SMALLEST_ESS, largest_k, weigh

COUNT = 4_000


@pytest.fixture
def draws():
    """Return independent draws of N(0, 1)."""
    return np.random.default_rng(3).standard_normal(COUNT)


def normal(value, mean=0.0, scale=1.0):
    """Return the log-density of a normal law, up to a constant."""
    return -0.5 * ((value - mean) / scale) ** 2


@pytest.mark.parametrize("constant", [0.0, -3.7, 1e4])
def test_evidence_that_all_draws_explain_alike_changes_nothing(constant):
    found = weigh(np.full(COUNT, constant), chains=2)
    assert (found.values == 1.0 / COUNT).all()
    assert found.k_hat == -np.inf
    assert found.ess == COUNT
    assert found.ok
    assert found.refused == ""


def test_evidence_that_is_impossible_under_one_draw_does_not_pass(draws):
    log_ratio = normal(draws, 0.1)
    log_ratio[17] = -np.inf
    found = weigh(log_ratio)
    assert not found.ok
    assert f"1 of {COUNT} draws" in found.refused
    # Not a number: a gate that asks whether k-hat is too large would let it pass.
    assert np.isnan(found.k_hat)
    assert not found.k_hat > LARGEST_K


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_likelihood_that_is_no_number_does_not_pass(draws, value):
    log_ratio = normal(draws, 0.1)
    log_ratio[[3, 5]] = value
    found = weigh(log_ratio)
    assert not found.ok
    assert f"2 of {COUNT} draws" in found.refused


def test_evidence_that_is_impossible_under_every_draw_is_an_error():
    with pytest.raises(ModelError, match="impossible under every draw") as caught:
        weigh(np.full(50, -np.inf))
    assert "check the record" in str(caught.value)


def test_one_observation_moves_the_mean_the_right_way(draws):
    # N(0, 1) and one observation N(1 | x, 1): precision 2, mean (0 + 1) / 2. With the sign wrong
    # the mean would be -0.5 or worse.
    found = weigh(normal(1.0, draws))
    mean = found.values @ draws
    variance = found.values @ (draws - mean) ** 2
    # Four standard errors of a weighted mean with variance 0.5, one false alarm in 16,000 seeds
    # (of one seed, there is none): 4 sqrt(0.5 / ess); of the variance 4 sqrt(2 0.5^2 / ess).
    assert found.ok
    assert mean == pytest.approx(0.5, abs=4.0 * np.sqrt(0.5 / found.ess))
    assert variance == pytest.approx(0.5, abs=4.0 * np.sqrt(0.5 / found.ess))
    assert found.values.sum() == pytest.approx(1.0)


def test_weights_are_worth_as_many_draws_as_theory_says(draws):
    # E w = int N(x) exp(-(1 - x)^2 / 2) = exp(-1/4) / sqrt 2, E w^2 = exp(-1/3) / sqrt 3:
    # ESS / S = (E w)^2 / E w^2 = exp(-1/2) / 2 * exp(1/3) sqrt 3 = 0.7331.
    found = weigh(normal(1.0, draws))
    assert 1.0 / (found.values**2).sum() / COUNT == pytest.approx(0.7331, abs=0.02)
    # Of independent draws the estimated efficiency is 1, but for its own noise.
    assert 0.9 < found.ess * (found.values**2).sum() <= 1.0


def test_k_hat_grows_with_what_the_evidence_demands(draws):
    # Observations ever farther off, and ever more precise.
    far = [weigh(normal(shift, draws, 0.5)).k_hat for shift in (0.0, 1.0, 2.0, 4.0)]
    assert far == sorted(far)
    assert far[0] < 0.3
    assert not weigh(normal(6.0, draws, 0.1)).ok


def test_what_was_sampled_worse_is_worth_less(draws):
    # The same numbers, sorted: one draw tells nearly all about the next.
    mixed = weigh(normal(1.0, draws), chains=2)
    sticky = weigh(normal(1.0, np.sort(draws)), chains=2)
    assert sticky.ess < 0.1 * mixed.ess


@pytest.mark.parametrize(
    ("count", "limit"),
    # 1 - 1 / log10 S: 1/2 of 100 draws, 2/3 of 1,000; 0.7 from 10^(10/3) = 2,154 on.
    [(5, 0.0), (10, 0.0), (100, 0.5), (1_000, 2 / 3), (2_000, 0.697), (2_155, 0.7), (10**6, 0.7)],
)
def test_fewer_draws_need_a_lighter_tail(count, limit):
    assert largest_k(count) == pytest.approx(limit, abs=1e-3)


def test_few_draws_do_not_pass_however_light_the_tail():
    found = weigh(1e-3 * np.random.default_rng(1).standard_normal(60))
    assert found.k_hat <= largest_k(60)
    assert not found.ok
    assert f"fewer than {SMALLEST_ESS:.0f}" in found.refused


def test_a_constant_beside_the_ratio_does_not_matter(draws):
    one, other = weigh(normal(1.0, draws)), weigh(normal(1.0, draws) - 9_000.0)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-9)
    assert one.k_hat == pytest.approx(other.k_hat)
