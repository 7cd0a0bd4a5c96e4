"""Scores of one probability against what happened, from the library scoringrules."""

import numpy as np
from numpy.typing import ArrayLike


def brier_score(probability: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Return the squared distance of a probability from the outcome: 0 is best, 1 is worst.

    Parameters
    ----------
    probability : array
        Of the event.
    outcome : array
        1 where it happened, 0 where not.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1], or an outcome is neither 0 nor 1.

    Examples
    --------
    >>> brier_score([0.2, 0.2], [1, 0]).round(2).tolist()
    [0.64, 0.04]
    """
    # Imported here: the library compiles all of its scores when it is loaded, for three seconds.
    import scoringrules

    chances, outcomes = _checked(probability, outcome)
    return np.asarray(scoringrules.brier_score(outcomes, chances))


def log_score(probability: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Return minus the natural logarithm of the probability given to what happened.

    Nothing is clipped: what was held impossible and happened costs infinity, and so does a
    probability below 1e-16, which double precision cannot tell from 0 here.

    Parameters
    ----------
    probability, outcome : arrays
        As for :func:`brier_score`.

    Raises
    ------
    ValueError
        As for :func:`brier_score`.

    Examples
    --------
    >>> log_score([0.5, 0.0], [1, 1]).round(4).tolist()
    [0.6931, inf]
    """
    import scoringrules

    chances, outcomes = _checked(probability, outcome)
    with np.errstate(divide="ignore"):
        return np.asarray(scoringrules.log_score(outcomes, chances))


def _checked(probability: ArrayLike, outcome: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    chances, outcomes = np.broadcast_arrays(
        np.asarray(probability, dtype=float), np.asarray(outcome, dtype=float)
    )
    if not np.all((chances >= 0.0) & (chances <= 1.0)):
        raise ValueError("a probability is outside [0, 1] or missing")
    if not np.all((outcomes == 0.0) | (outcomes == 1.0)):
        raise ValueError("an outcome is neither 0 nor 1")
    return chances, outcomes
