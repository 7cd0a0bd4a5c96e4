"""How much an observation tells of a question: from joint chances by draw to bits and their errors.

With ``w_s`` the weight of draw ``s``, ``l_y`` the chance of outcome ``y`` on a path and ``q`` the
question's chance there, all that follows needs two numbers for each draw and outcome, the means
over the draw's paths ``mass = mean(l_y)`` and ``hits = mean(l_y q)``:

* ``P(y) = sum_s w_s mass``, ``P(Q | y) = sum_s w_s hits / P(y)``;
* the expected information ``I(Q; Y) = sum_y P(y) KL(P(Q | y) || P(Q))`` in bits, which is
  ``H(Q) - sum_y P(y) H(Q | y)``;
* the expected gain of the Brier score ``sum_y P(y) (P(Q | y) - P(Q))^2``.

Noise in ``P(Q | y)`` raises both: their plain estimates are too high by about the number of
outcomes over twice the effective number of draws. The jackknife over blocks of neighbouring draws
takes out the leading term of this bias and gives the standard error, autocorrelation allowed for.

References
----------
.. [1] G. Miller, *Note on the bias of information estimates*, 1955.
.. [2] B. Efron and C. Stein, *The jackknife estimate of variance*, Annals of Statistics, 1981.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BLOCKS = 20
#: An estimate within so many standard errors of zero is not told from it.
DISTINCT = 2.0


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Chances of outcomes, alone and together with a question, by draw.

    Attributes
    ----------
    shares : array, shape (draw,)
        Weights of the draws, summing to 1.
    mass, hits : arrays, shape (draw, outcome)
        Mean over paths of P(y | path), and of P(y | path) times the question's chance. Densities
        where the outcomes are sampled.
    chance : array, shape (draw,)
        The question's chance.
    sampled : bool
        The outcomes are draws from their predictive distribution, and weigh the same in an
        expectation; otherwise they are all that can happen, and weigh by their mass.
    """

    shares: np.ndarray
    mass: np.ndarray
    hits: np.ndarray
    chance: np.ndarray
    sampled: bool = False

    @property
    def base(self) -> float:
        """P(Q) without the observation."""
        return float(self.shares @ self.chance)

    @property
    def expected(self) -> np.ndarray:
        """P(y), shape (outcome,)."""
        return self.shares @ self.mass

    @property
    def probability(self) -> np.ndarray:
        """P(Q | y), shape (outcome,); NaN where y cannot happen."""
        # Sums in two orders may differ in the last digit.
        return np.clip(ratio(self.shares @ self.hits, self.expected), 0.0, 1.0)

    @property
    def effective(self) -> np.ndarray:
        """Effective number of draws behind P(Q | y), shape (outcome,) (Kish)."""
        return ratio(self.expected**2, self.shares**2 @ self.mass**2)

    def weights(self, outcome: int) -> np.ndarray:
        """Return the weight of each draw once an outcome is seen, summing to 1."""
        weights = self.shares * self.mass[:, outcome]
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error; NaN where there are too few draws to tell."""

    value: float
    error: float

    @property
    def distinct(self) -> bool:
        """Whether it is told from zero."""
        return not self.value <= DISTINCT * self.error


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Return a quotient, NaN where the divisor is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bottom > 0.0, top / bottom, np.nan)


def entropy(probability: float) -> float:
    """Return the entropy of a yes-or-no question in bits.

    Examples
    --------
    >>> entropy(0.5)
    1.0
    """
    return float(_xlog2(np.array([probability, 1.0 - probability]), np.ones(2)).sum() * -1.0 + 0.0)


def divergence(probability: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return the Kullback-Leibler divergence of a yes-or-no chance from another one, in bits."""
    inside = np.clip(probability, 0.0, 1.0)
    return _xlog2(inside, base) + _xlog2(1.0 - inside, 1.0 - base)


def _xlog2(value: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return ``value * log2(value / base)``, 0 where the value is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(value > 0.0, value * np.log2(value / base), 0.0))


def expected_bits(joint: Joint, blocks: int = BLOCKS) -> Estimate:
    """Return the expected information of an observation, its bias taken out.

    Parameters
    ----------
    blocks : int
        Blocks of draws that the jackknife leaves out in turn; none where there are fewer than two:
        the draws are then taken for the whole law, and the estimate has no error.
    """
    return _estimate(joint, divergence, blocks)


def expected_brier(joint: Joint, blocks: int = BLOCKS) -> Estimate:
    """Return the expected fall of the question's Brier score, its bias taken out."""
    return _estimate(joint, lambda probability, base: (probability - base) ** 2, blocks)


def probability_error(joint: Joint, blocks: int = BLOCKS) -> np.ndarray:
    """Return the Monte Carlo error of P(Q | y) by the jackknife, shape (outcome,)."""
    mass, hits, _ = _left_out(joint, blocks)
    if len(mass) < 2:
        return np.full(joint.mass.shape[1], np.nan)
    return np.asarray(_spread(ratio(hits, mass)))


def _estimate(
    joint: Joint, gain: Callable[[np.ndarray, np.ndarray], np.ndarray], blocks: int
) -> Estimate:
    """Estimate the mean over outcomes of a gain, a function of P(Q | y) and P(Q)."""

    def mean(mass: np.ndarray, hits: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean gain of each row (row,), and the gains (row, outcome)."""
        total = mass.sum(axis=1, keepdims=True)
        # Where all outcomes are there, P(Q) is what they say together: the gain is never negative.
        centre = base[:, None] if joint.sampled else hits.sum(axis=1, keepdims=True) / total
        each = np.where(mass > 0.0, gain(np.nan_to_num(ratio(hits, mass)), centre), 0.0)
        shares = np.full_like(mass, 1.0 / mass.shape[1]) if joint.sampled else mass / total
        return (shares * each).sum(axis=1), each

    whole = (joint.shares @ joint.mass, joint.shares @ joint.hits, joint.base)
    plain, each = mean(whole[0][None], whole[1][None], np.array([whole[2]]))
    outer = 0.0
    if joint.sampled:
        outer = float(each[0].std(ddof=1) / np.sqrt(each.shape[1]))
    if min(blocks, len(joint.shares)) < 2:
        return Estimate(float(plain[0]), outer)
    without, _ = mean(*_left_out(joint, blocks))
    count = len(without)
    value = count * plain[0] - (count - 1) * without.mean()
    return Estimate(float(value), float(np.hypot(_spread(without), outer)))


def _left_out(joint: Joint, blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mass and hits (block, outcome) and P(Q) (block,) with each block of draws left out."""
    parts = np.array_split(np.arange(len(joint.shares)), min(blocks, len(joint.shares)))
    kept = np.stack([np.where(np.isin(np.arange(len(joint.shares)), p), 0.0, 1.0) for p in parts])
    shares = kept * joint.shares
    shares = shares[shares.sum(axis=1) > 0.0]
    shares /= shares.sum(axis=1, keepdims=True)
    return shares @ joint.mass, shares @ joint.hits, shares @ joint.chance


def _spread(values: np.ndarray) -> np.ndarray:
    """Return the jackknife's standard error over the first axis."""
    count = len(values)
    return np.asarray(
        np.sqrt((count - 1) / count * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    )
