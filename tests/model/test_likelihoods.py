"""Log-densities of one report, against SciPy and against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats

from forecast.model.likelihoods import binary_logp, continuous_logp, count_logp, ordinal_logp


def value_of(logp, *arguments):
    return logp(*(pt.as_tensor(np.asarray(one, float)) for one in arguments)).eval(
        mode="FAST_COMPILE"
    )


def negative_binomial(count, mean, shape):
    return stats.nbinom.pmf(count, shape, shape / (shape + mean))


class TestCounts:
    # Three cells: silence, one report believed to 0.9, and two (of 1 and of 2 events).
    REPORTED = np.array([0.0, 1.0, 3.0])
    TOTALS = np.array([[0.0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 2, 3]])
    WEIGHTS = np.array([[1.0, 0, 0, 0], [0.1, 0.9, 0, 0], [0.03, 0.27, 0.07, 0.63]])

    def test_a_cell_is_a_mixture_over_its_true_total(self):
        with np.errstate(divide="ignore"):
            logs = np.maximum(np.log(self.WEIGHTS), -745.0)
        mean, shape = np.array([0.5, 0.2, 3.0]), np.array([8.0, 2.5, 8.0])
        expected = [
            np.log(
                sum(w * negative_binomial(j, m, k) for w, j in zip(weights, totals, strict=True))
            )
            for weights, totals, m, k in zip(self.WEIGHTS, self.TOTALS, mean, shape, strict=True)
        ]
        logp = count_logp(self.REPORTED, self.TOTALS, logs)
        assert value_of(logp, self.REPORTED, mean, shape) == pytest.approx(expected, rel=1e-12)

    def test_silence_alone_needs_no_mixture(self):
        logp = count_logp(np.zeros(2), np.zeros((2, 1)), np.zeros((2, 1)))
        expected = [stats.nbinom.logpmf(0, 8.0, 8.0 / (8.0 + mean)) for mean in (0.5, 2.0)]
        assert value_of(logp, [0, 0], [0.5, 2.0], [8.0, 8.0]) == pytest.approx(expected, rel=1e-12)

    def test_two_reports_by_hand(self):
        """NB(0), NB(1), NB(2) at mean 0.5, shape 8 are 0.6157, 0.2898 and 0.0767."""
        weights = np.log([[0.0785 * 0.28, 0.9215 * 0.28 + 0.0785 * 0.72, 0.9215 * 0.72]])
        logp = count_logp(np.array([2.0]), np.array([[0.0, 1.0, 2.0]]), weights)
        assert value_of(logp, [2.0], [0.5], [8.0]) == pytest.approx([-1.8607595849], abs=1e-10)


class TestBinary:
    @pytest.mark.parametrize("predictor", [-6.0, -0.4, 0.0, 1.5])
    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_an_opportunity_is_taken_by_a_complementary_log_log(self, predictor, value):
        taken = 1 - np.exp(-np.exp(predictor))
        chance, false = (taken, 0.3) if value else (1 - taken, 0.7)
        logp = binary_logp(np.array([0.9]), 0.3)
        assert value_of(logp, [value], [predictor]) == pytest.approx(
            [np.log(0.9 * chance + 0.1 * false)], rel=1e-10
        )

    def test_by_hand(self):
        logp = binary_logp(np.array([0.5]), 0.5)
        assert value_of(logp, [1.0], [-0.4]) == pytest.approx([-0.7047591733], abs=1e-10)

    def test_an_extreme_predictor_leaves_a_doubtful_report_finite(self):
        logp = binary_logp(np.array([0.9, 0.9]), 0.5)
        assert value_of(logp, [0.0, 1.0], [50.0, -800.0]) == pytest.approx([np.log(0.05)] * 2)


class TestOrdinal:
    CUTS = np.array([[0.0, 1.5], [0.0, 1.5], [0.0, 1.5]])

    def test_levels_are_cut_by_a_logistic(self):
        eta = np.array([0.4, -1.0, 2.0])
        mass = [
            1 - stats.logistic.cdf(0.4),
            stats.logistic.cdf(-1.0) - stats.logistic.cdf(-2.5),
            stats.logistic.cdf(0.5),
        ]
        logp = ordinal_logp(np.full(3, 3.0), np.full(3, 0.8))
        expected = [np.log(0.8 * one + 0.2 / 3) for one in mass]
        assert value_of(logp, [0, 1, 2], eta, self.CUTS) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("credible", [1.0, 0.6])
    def test_all_levels_sum_to_one(self, credible):
        logp = ordinal_logp(np.full(3, 3.0), np.full(3, credible))
        logs = value_of(logp, [0, 1, 2], np.full(3, 0.7), self.CUTS)
        assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-12)

    def test_by_hand(self):
        logp = ordinal_logp(np.array([3.0]), np.array([0.9215]))
        assert value_of(logp, [0.0], [0.0], self.CUTS[:1]) == pytest.approx(
            [-0.7196622862], abs=1e-10
        )


class TestContinuous:
    def test_a_true_value_lies_about_its_mean_and_a_false_one_about_the_declared_location(self):
        value, mean = np.array([1.0, -4.0]), np.array([0.2, 3.0])
        scale, credible = np.array([0.6, 0.3]), np.array([0.72, 0.99])
        expected = np.log(
            credible * stats.t.pdf(value, 4, mean, scale) + (1 - credible) * stats.t.pdf(value, 4)
        )
        logp = continuous_logp(credible, 4.0)
        assert value_of(logp, value, mean, scale) == pytest.approx(expected, rel=1e-12)

    def test_by_hand(self):
        logp = continuous_logp(np.array([0.72]), 4.0)
        assert value_of(logp, [1.0], [0.2], [0.6]) == pytest.approx([-1.4289409], abs=1e-10)

    def test_a_doubtful_value_has_bounded_influence(self):
        """However far the mean, the report costs no more than log(1 - pi) and the declared law."""
        logp = continuous_logp(np.array([0.9]), 4.0)
        floor = np.log(0.1) + stats.t.logpdf(1.0, 4)
        far = value_of(logp, [1.0], [1e6], [0.1])
        assert far == pytest.approx([floor], abs=1e-6)
