"""What bias the draws of an unadjusted sampler carry, from draws and gradients alone.

For any density that vanishes at infinity, integration by parts gives for each unconstrained
coordinate ``E[(x - c) d log p / dx] = -1``, whatever the constant c: the equipartition theorem. If
a sampler makes a normal coordinate's variance too small by a factor, the negative of that average
is too small by the same factor, and its sd by half as much.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.inference.density import Block

# Batches of consecutive draws, from whose spread the Monte Carlo error follows: many, but so long
# that one knows little of the one before.
_BATCHES, _LENGTH = 10, 50


class Moments:
    """Running sums over the draws of one chain, in batches.

    Parameters
    ----------
    size : int
        Number of coordinates.
    draws : int
        Draws that will be added.

    Attributes
    ----------
    count : int
        Draws added.
    per_batch : int array, shape (batch,)
    x, gradient, product : arrays, shape (batch, coordinate)
        Sums of the draws, of the gradients, and of their products.
    """

    def __init__(self, size: int, draws: int) -> None:
        batches = min(_BATCHES, max(draws // _LENGTH, min(2, draws // 2), 1))
        self.count = 0
        self._planned = max(draws, 1)
        self.per_batch = np.zeros(batches, dtype=np.int64)
        self.x = np.zeros((batches, size))
        self.gradient = np.zeros((batches, size))
        self.product = np.zeros((batches, size))
        self._squares = np.zeros((2, size))

    def add(self, x: np.ndarray, gradient: np.ndarray) -> None:
        """Add draws with their gradients, each of shape (draw, coordinate)."""
        batches = len(self.per_batch)
        numbers = np.arange(self.count, self.count + len(x))
        which = np.minimum(numbers * batches // self._planned, batches - 1)
        for batch in np.unique(which):
            own = which == batch
            self.per_batch[batch] += own.sum()
            self.x[batch] += x[own].sum(axis=0)
            self.gradient[batch] += gradient[own].sum(axis=0)
            self.product[batch] += np.einsum("ij,ij->j", x[own], gradient[own])
        self._squares[0] += np.einsum("ij,ij->j", x, x)
        self._squares[1] += np.einsum("ij,ij->j", gradient, gradient)
        self.count += len(x)

    def joined(self, other: "Moments") -> "Moments":
        """Return the sums of both, batch after batch."""
        made = Moments.__new__(Moments)
        made.count = self.count + other.count
        made._planned = made.count
        made.per_batch = np.concatenate([self.per_batch, other.per_batch])
        for name in ("x", "gradient", "product"):
            setattr(made, name, np.concatenate([getattr(self, name), getattr(other, name)]))
        made._squares = self._squares + other._squares
        return made

    def variances(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the variances of the draws and of the gradients, each (coordinate,)."""
        sums = np.stack([self.x.sum(axis=0), self.gradient.sum(axis=0)])
        means = sums / max(self.count, 1)
        spread = self._squares / max(self.count, 1) - means**2
        return spread[0], spread[1]

    def ratios(self) -> np.ndarray:
        """Return the equipartition ratio of each coordinate and batch, shape (batch, coordinate).

        The constant c is the mean over all draws.
        """
        centre = self.x.sum(axis=0) / max(self.count, 1)
        drawn = self.per_batch > 0
        per = self.per_batch[drawn, None]
        return np.asarray(-(self.product[drawn] - centre * self.gradient[drawn]) / per)


def equipartition(blocks: Sequence[Block], moments: Sequence[Moments]) -> Any:
    """Return the mean ratio of each variable with its standard error.

    Returns
    -------
    xarray.Dataset
        ``ratio`` and ``error`` with dimension ``variable``; 1 is right. ``coordinates`` tells
        how many are averaged, the attribute ``batches`` how many batches the error rests on.
    """
    import xarray as xr

    pooled = moments[0]
    for other in moments[1:]:
        pooled = pooled.joined(other)
    ratios = pooled.ratios()
    means = np.stack([ratios[:, one.start : one.stop].mean(axis=1) for one in blocks], axis=1)
    count = max(len(means), 1)
    error = (
        means.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(len(blocks), np.nan)
    )
    names = np.array([one.name for one in blocks], dtype=object)
    return xr.Dataset(
        {
            "ratio": ("variable", means.mean(axis=0)),
            "error": ("variable", error),
            "coordinates": ("variable", np.array([one.stop - one.start for one in blocks])),
        },
        {"variable": names},
        {"batches": count},
    )
