"""The bias check: exact draws have ratio 1, and a known bias is found at its size."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.inference.density import Block
from forecast.inference.equipartition import Moments, equipartition

SD = np.array([0.5, 1.0, 3.0, 2.0])
MEAN = np.array([4.0, 0.0, -1.0, 10.0])
BLOCKS = (Block("one", 0, 1, (), ()), Block("three", 1, 4, (3,), None))


def normal(draws, seed, variance=1.0):
    """Return draws with this share of the target's variance, and the target's gradients."""
    noise = np.random.default_rng(seed).normal(size=(draws, len(SD)))
    x = MEAN + np.sqrt(variance) * SD * noise
    return x, -(x - MEAN) / SD**2


def moments(x, gradient, *sizes):
    """Add draws in portions of these sizes, then the rest."""
    made = Moments(x.shape[1], len(x))
    for first, last in zip([0, *np.cumsum(sizes)], [*np.cumsum(sizes), len(x)], strict=True):
        made.add(x[first:last], gradient[first:last])
    return made


def table(*chains):
    found = equipartition(BLOCKS, chains)
    assert found["variable"].to_numpy().tolist() == ["one", "three"]
    return found["ratio"].to_numpy(), found["error"].to_numpy()


class TestMoments:
    @pytest.mark.parametrize("sizes", [(), (25, 25), (7, 1, 30)])
    def test_sums_are_those_of_numpy_whatever_the_portions(self, sizes):
        x, gradient = normal(83, 1)
        made = moments(x, gradient, *sizes)
        assert made.count == made.per_batch.sum() == 83
        spread, slope = made.variances()
        assert spread == pytest.approx(x.var(axis=0), rel=1e-10)
        assert slope == pytest.approx(gradient.var(axis=0), rel=1e-10)
        assert made.x.sum(axis=0) == pytest.approx(x.sum(axis=0))
        assert made.gradient.sum(axis=0) == pytest.approx(gradient.sum(axis=0))

    def test_batches_are_consecutive_draws_as_even_as_can_be(self):
        """Draw i of 533 lies in batch floor(10 i / 533)."""
        x, gradient = normal(533, 2)
        made = moments(x, gradient, 25, 25, 25)
        assert made.per_batch.tolist() == [54, 53, 53, 54, 53, 53, 54, 53, 53, 53]
        parts = np.split(np.arange(533), np.cumsum(made.per_batch)[:-1])
        centre = x.mean(axis=0)
        expected = [-((x[p] - centre) * gradient[p]).mean(axis=0) for p in parts]
        assert made.ratios() == pytest.approx(np.array(expected), rel=1e-9)

    @pytest.mark.parametrize(
        ("draws", "batches"),
        [(1, 1), (3, 1), (4, 2), (149, 2), (150, 3), (499, 9), (500, 10), (3000, 10)],
    )
    def test_few_draws_make_fewer_batches_and_none_is_empty(self, draws, batches):
        made = moments(*normal(draws, 3))
        assert len(made.per_batch) == batches
        assert made.per_batch.min() > 0
        assert made.ratios().shape == (batches, len(SD))

    def test_draws_beyond_the_plan_fall_into_the_last_batch(self):
        x, gradient = normal(510, 4)
        made = Moments(len(SD), 500)
        made.add(x, gradient)
        assert made.per_batch.tolist() == [50] * 9 + [60]

    def test_a_batch_without_draws_is_left_out(self):
        x, gradient = normal(250, 4)
        made = Moments(len(SD), 500)
        made.add(x, gradient)
        assert made.ratios().shape == (5, len(SD))
        assert np.isfinite(made.ratios()).all()

    def test_joined_chains_have_the_sums_of_both_and_keep_their_batches(self):
        (x, gradient), (y, slope) = normal(40, 5), normal(27, 6)
        first, second = moments(x, gradient), moments(y, slope)
        made = first.joined(second)
        both, slopes = np.concatenate([x, y]), np.concatenate([gradient, slope])
        assert made.count == 67
        assert made.per_batch.tolist() == [*first.per_batch, *second.per_batch]
        assert made.variances()[0] == pytest.approx(both.var(axis=0), rel=1e-10)
        assert made.variances()[1] == pytest.approx(slopes.var(axis=0), rel=1e-10)
        average = made.per_batch @ made.ratios() / 67
        expected = -((both - both.mean(axis=0)) * slopes).mean(axis=0)
        assert average == pytest.approx(expected, rel=1e-9)
        assert (first.count, second.count) == (40, 27)


class TestRatio:
    @pytest.mark.parametrize("variance", [1.0, 0.8, 1.25])
    def test_the_ratio_is_the_share_of_the_variance_that_the_draws_have(self, variance):
        """Two numbers from 40 batches beyond 4 standard errors: by chance in 1 seed of 2,000."""
        ratio, error = table(*(moments(*normal(1000, seed, variance)) for seed in range(4)))
        assert (np.abs(ratio - variance) < 4.0 * error).all()
        # The standard error of a mean of squares of normal draws: sqrt(2 / n); 40 batches give
        # it to a ninth of itself.
        expected = variance * np.sqrt(2.0 / np.array([4000, 12000]))
        assert error == pytest.approx(expected, rel=0.5)

    def test_a_bias_of_one_coordinate_shows_in_its_own_variable_alone(self):
        x, gradient = normal(4000, 7)
        y = MEAN + np.array([np.sqrt(0.8), 1.0, 1.0, 1.0]) * (x - MEAN)
        slope = gradient * np.array([np.sqrt(0.8), 1.0, 1.0, 1.0])
        (one, three), error = table(moments(y, slope))
        assert abs(one - 0.8) < 4.0 * error[0]
        assert one < 1.0 - 4.0 * error[0]
        assert abs(three - 1.0) < 4.0 * error[1]

    def test_the_law_need_not_be_normal(self):
        """Of the logarithm of a Gamma(3) variable the slope is 3 - e^x."""
        x = np.log(np.random.default_rng(8).gamma(3.0, size=(20000, 4)))
        ratio, error = table(moments(x, 3.0 - np.exp(x)))
        assert (np.abs(ratio - 1.0) < 4.0 * error).all()
        assert error.max() < 0.02

    def test_a_single_batch_has_no_standard_error(self):
        ratio, error = table(moments(*normal(3, 9)))
        assert np.isfinite(ratio).all()
        assert np.isnan(error).all()
