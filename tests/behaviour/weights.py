"""How likely the reports and silences of a chain are at each draw, to weight draws of the prior."""

from __future__ import annotations

import numpy as np

from forecast.forecasts.ladder import Filtered


def log_likelihood(made: Filtered) -> np.ndarray:
    """Return the log-likelihood of a chain's reports and silences for each draw."""
    total = np.zeros(len(made.cells))
    before = np.zeros_like(made.cells[:, 0])
    before[:, 0, 0, 0] = 1.0
    for step in range(made.cells.shape[1]):
        moved = np.einsum(
            "sai,slac,scd->slid", made.state[:, step], before, made.firms[:, step], optimize=True
        )
        total += np.log(np.einsum("slij,lmij->s", moved, made.kernel[step]))
        before = made.cells[:, step]
    return total


def normalised(logs: np.ndarray) -> np.ndarray:
    """Return weights that sum to 1."""
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()
