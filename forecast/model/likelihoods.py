"""Log-densities of one report under the doubt that it may be false (docs/model.md, section 4)."""

from collections.abc import Callable
from typing import Any

import numpy as np


def count_logp(
    reported: np.ndarray, true_values: np.ndarray, log_weights: np.ndarray
) -> Callable[..., Any]:
    """Return the log-density of a covered cell of an event count.

    ``log sum_j P(j of the reported events are true) NB(j | mean, dispersion)``. Cells without a
    report need only NB(0), so the sum runs over the few cells that have one.

    Parameters
    ----------
    reported : array, shape (term,)
    true_values, log_weights : arrays, shape (term, j)
    """
    from scipy.special import gammaln

    rows = np.flatnonzero(reported > 0)
    values, weights = true_values[rows], log_weights[rows]

    def logp(value: Any, mean: Any, dispersion: Any) -> Any:
        import pytensor.tensor as pt

        log_total = pt.log(mean + dispersion)
        nothing = dispersion * (pt.log(dispersion) - log_total) + 0.0 * value
        if not len(rows):
            return nothing
        shape = dispersion[rows][:, None]
        log_mass = (
            pt.gammaln(values + shape)
            - pt.gammaln(shape)
            - gammaln(values + 1.0)
            + values * (pt.log(mean[rows]) - log_total[rows])[:, None]
        )
        return pt.inc_subtensor(nothing[rows], pt.logsumexp(log_mass + weights, axis=1))

    return logp


def binary_logp(credible: np.ndarray, chance_false: float) -> Callable[..., Any]:
    """Return the log-density of a stated opportunity: complementary log-log, with doubt."""

    def logp(value: Any, predictor: Any) -> Any:
        import pytensor.tensor as pt

        missed = pt.exp(-pt.exp(predictor))
        taken = -pt.expm1(-pt.exp(predictor))
        chance = pt.where(pt.eq(value, 1.0), taken, missed)
        false = pt.where(pt.eq(value, 1.0), chance_false, 1.0 - chance_false)
        return pt.log(credible * chance + (1.0 - credible) * false)

    return logp


def ordinal_logp(levels: np.ndarray, credible: np.ndarray) -> Callable[..., Any]:
    """Return the log-density of an ordinal statement: cumulative logit, with doubt.

    ``P(level >= l) = expit(predictor - threshold_l)``; thresholds start at 0, since the intercept
    stands for the first cutpoint.
    """

    def logp(value: Any, predictor: Any, thresholds: Any) -> Any:
        import pytensor.tensor as pt

        above = pt.sigmoid(predictor[:, None] - thresholds)
        one, none = pt.ones_like(above[:, :1]), pt.zeros_like(above[:, :1])
        mass = pt.concatenate([one, above], axis=1) - pt.concatenate([above, none], axis=1)
        chance = mass[pt.arange(mass.shape[0]), value.astype("int64")]
        return pt.log(credible * chance + (1.0 - credible) / levels)

    return logp


def continuous_logp(credible: np.ndarray, df: float) -> Callable[..., Any]:
    """Return the log-density of a value: Student-t about its mean, with doubt.

    A false value is Student-t about the indicator's declared location, on the declared scale.
    """

    def logp(value: Any, mean: Any, scale: Any) -> Any:
        import pytensor.tensor as pt

        true = _student(value, mean, scale, df)
        false = _student(value, 0.0, 1.0, df)
        return pt.logaddexp(np.log(credible) + true, np.log1p(-credible) + false)

    return logp


def _student(value: Any, mean: Any, scale: Any, df: float) -> Any:
    import pytensor.tensor as pt
    from scipy.special import gammaln

    constant = gammaln((df + 1.0) / 2.0) - gammaln(df / 2.0) - 0.5 * np.log(df * np.pi)
    standard = (value - mean) / scale
    return constant - pt.log(scale) - (df + 1.0) / 2.0 * pt.log1p(standard**2 / df)
