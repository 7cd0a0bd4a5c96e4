"""Information of a table of joint chances: by hand, unbiased, and with an honest error."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.explain.information import (
    Estimate,
    Joint,
    divergence,
    entropy,
    expected_bits,
    expected_brier,
    probability_error,
)


def joint(mass, chance, shares=None, *, sampled=False):
    """Return the joint chances of one path a draw."""
    mass, chance = np.asarray(mass, float), np.asarray(chance, float)
    shares = np.full(len(mass), 1.0 / len(mass)) if shares is None else np.asarray(shares)
    return Joint(
        shares=shares, mass=mass, hits=mass * chance[:, None], chance=chance, sampled=sampled
    )


def test_entropy_and_divergence_by_hand():
    assert entropy(0.5) == 1.0
    assert entropy(0.0) == entropy(1.0) == 0.0
    assert entropy(0.25) == pytest.approx(2.0 - 0.75 * np.log2(3.0))
    # 3/4 log2(3/4 / 1/2) + 1/4 log2(1/4 / 1/2)
    found = divergence(np.array([0.75, 1.0]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(found, [0.75 * np.log2(1.5) - 0.25, 1.0])


def test_two_draws_by_hand():
    # A noisy channel: the question is the draw, and the observation is right with chance 3/4.
    table = joint([[0.75, 0.25], [0.25, 0.75]], [1.0, 0.0])
    np.testing.assert_allclose(table.probability, [0.75, 0.25])
    np.testing.assert_allclose(table.effective, 1.0 / (0.75**2 + 0.25**2))
    assert expected_bits(table, blocks=0) == Estimate(pytest.approx(1.0 - entropy(0.25)), 0.0)
    assert expected_brier(table, blocks=0).value == pytest.approx(1.0 / 16.0)


def test_draws_count_by_their_weight():
    plain = joint([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8]], [0.7, 0.7, 0.7, 0.1])
    weighed = joint([[0.9, 0.1], [0.2, 0.8]], [0.7, 0.1], [0.75, 0.25])
    np.testing.assert_allclose(weighed.probability, plain.probability)
    assert expected_bits(weighed, 0).value == pytest.approx(expected_bits(plain, 0).value)
    np.testing.assert_allclose(weighed.weights(1), [0.075 / 0.275, 0.2 / 0.275])


def test_what_cannot_happen_tells_nothing():
    table = joint([[1.0, 0.0], [1.0, 0.0]], [0.3, 0.5])
    assert np.isnan(table.probability[1])
    assert expected_bits(table, 0).value == 0.0


def test_sampled_outcomes_weigh_the_same_whatever_their_density():
    mass = np.array([[0.75, 0.25], [0.25, 0.75]]) * np.array([4.0, 0.5])
    table = joint(mass, [1.0, 0.0], sampled=True)
    assert expected_bits(table, 0).value == pytest.approx(1.0 - entropy(0.25))


@pytest.fixture(scope="module")
def independent():
    """Return estimates of 300 tables of 400 draws in which the observation tells nothing."""
    rng = np.random.default_rng(7)
    tables = []
    for _ in range(300):
        mass = rng.dirichlet(np.ones(4), size=400)
        tables.append(joint(mass, rng.random(400) < 0.3))
    return tables


def test_the_jackknife_takes_out_the_bias(independent):
    plain = np.array([expected_bits(one, 0).value for one in independent])
    found = np.array([expected_bits(one).value for one in independent])
    error = found.std() / np.sqrt(len(found))
    assert plain.mean() > 10.0 * error
    # Four standard errors: a false alarm in 16,000 seeds.
    assert abs(found.mean()) < 4.0 * error


def test_what_tells_nothing_is_seldom_told_from_zero(independent):
    found = [expected_bits(one) for one in independent]
    assert np.mean([one.distinct for one in found]) < 0.08
    assert np.mean([expected_brier(one).distinct for one in independent]) < 0.08


def test_the_error_of_what_tells_much_is_right():
    rng = np.random.default_rng(8)
    found = []
    for _ in range(200):
        chance = (rng.random(400) < 0.3).astype(float)
        seen = np.where(chance == 1.0, 0.8, 0.3)
        found.append(expected_bits(joint(np.stack([seen, 1.0 - seen], axis=1), chance)))
    spread = np.std([one.value for one in found])
    # The spread of 200 numbers is known to 5 %; the jackknife with 20 blocks to some 15 % each.
    assert np.mean([one.error for one in found]) == pytest.approx(spread, rel=0.2)
    assert all(one.distinct for one in found)


def test_the_error_of_a_probability_is_that_of_its_draws():
    rng = np.random.default_rng(9)
    chance = (rng.random(2000) < 0.4).astype(float)
    (error,) = probability_error(joint(np.ones((2000, 1)), chance))
    assert error == pytest.approx(np.sqrt(0.24 / 2000), rel=0.5)


def test_one_draw_has_no_error():
    single = joint([[0.4, 0.6]], [0.5])
    assert np.isnan(probability_error(single)).all()
    assert expected_bits(single) == Estimate(0.0, 0.0)
