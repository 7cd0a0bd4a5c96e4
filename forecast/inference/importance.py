"""Importance weights with a gate: draws of one posterior that stand for another.

Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao and Gabry 2024, *Journal of
Machine Learning Research* 25(72)): the largest ratios are replaced by the quantiles of a
generalised Pareto law fitted to them, whose shape k-hat says whether the weights can be trusted.
"""

from dataclasses import dataclass

import numpy as np

from forecast.errors import ModelError

#: The largest k-hat with which weights are used.
LARGEST_K = 0.7
#: The fewest independent draws that the weights may be worth.
SMALLEST_ESS = 100.0
# Log-ratios that differ by less are those of evidence that says nothing.
_NOTHING = 1e-9


@dataclass(frozen=True)
class Weights:
    """Weights of draws and whether they can be trusted.

    Attributes
    ----------
    values : array, shape (draw,)
        Summing to 1.
    k_hat : float
        Shape of the tail of the ratios; minus infinity where all are equal.
    ess : float
        Independent draws that the weights are worth, at most the number of draws.
    refused : str
        Why the gate did not let them pass; empty where it did.
    """

    values: np.ndarray
    k_hat: float
    ess: float
    refused: str = ""

    @property
    def ok(self) -> bool:
        """Whether the weights can be trusted."""
        return not self.refused


def largest_k(draws: int) -> float:
    """Return the largest k-hat with which so many draws give a usable estimate.

    ``min(1 - 1 / log10(S), 0.7)``, section 3.2.4 of the paper.
    """
    return min(1.0 - 1.0 / np.log10(draws), LARGEST_K) if draws > 10 else 0.0


def weigh(log_ratio: np.ndarray, chains: int = 1) -> Weights:
    """Turn log-ratios of two densities into smoothed weights, and judge them.

    Parameters
    ----------
    log_ratio : array, shape (draw,)
        Log of the density aimed at over the one that was sampled, up to a constant; the draws of
        one chain after those of the other.
    chains : int
        Number of chains, whose autocorrelation lowers what the weights are worth.

    Raises
    ------
    ModelError
        If the density aimed at is zero at every draw.
    """
    count = len(log_ratio)
    equal = np.full(count, 1.0 / count)
    if np.all(log_ratio == -np.inf):
        raise ModelError(
            "the evidence is impossible under every draw of the model",
            expected="a value that the model gives some chance",
            remedy="check the record, or make a new run",
        )
    if not np.isfinite(log_ratio).all():
        bad = int((~np.isfinite(log_ratio)).sum())
        why = f"the likelihood is zero or not a number at {bad} of {count} draws"
        return Weights(equal, float("nan"), 0.0, why)
    if np.ptp(log_ratio) < _NOTHING:
        return Weights(equal, -np.inf, float(count))
    from arviz_stats.base.array import array_stats

    centred = log_ratio - log_ratio.max()
    efficiency = _efficiency(np.exp(centred).reshape(chains, -1))
    # ArviZ takes log-likelihoods to leave out, and negates them.
    smoothed, k_hat = array_stats.psislw(-centred, r_eff=efficiency)
    values = np.exp(smoothed - smoothed.max())
    values /= values.sum()
    ess = float(efficiency / (values**2).sum())
    return Weights(values, float(k_hat), ess, _refusal(float(k_hat), ess, count))


def _efficiency(ratios: np.ndarray) -> float:
    """Return independent draws a draw, of the mean of the ratios, at most 1."""
    from arviz_stats.base.array import array_stats

    if ratios.shape[1] < 4 or np.ptp(ratios) == 0.0:
        return 1.0
    ess = float(array_stats.ess(ratios, method="mean", chain_axis=0, draw_axis=1))
    return min(1.0, ess / ratios.size) if np.isfinite(ess) and ess > 0.0 else 1.0


def _refusal(k_hat: float, ess: float, count: int) -> str:
    limit = largest_k(count)
    # Not a number fails too.
    if not k_hat <= limit:
        return f"k-hat {k_hat:.2f} is above {limit:.2f}"
    if not ess >= SMALLEST_ESS:
        return f"the weights are worth {ess:.0f} draws, fewer than {SMALLEST_ESS:.0f}"
    return ""
