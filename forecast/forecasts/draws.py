"""Posterior draws as plain arrays, with chains and draws stacked into one axis."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.model.data import ModelData


@dataclass(frozen=True)
class Draws:
    """Draws of one fit; every array has the stacked draws first.

    Attributes
    ----------
    chains : int
        Number of chains: ``values.reshape(chains, -1)`` undoes the stacking.
    data : ModelData
    values : dict of arrays
        By name of the posterior's variable.
    weights : array, shape (draw,), or None
        Weight of each draw, summing to 1, where the draws are those of another posterior; None
        where all weigh the same.
    """

    chains: int
    data: ModelData
    values: dict[str, np.ndarray]
    weights: np.ndarray | None = None

    @property
    def count(self) -> int:
        """Number of stacked draws."""
        return len(next(iter(self.values.values())))

    @property
    def shares(self) -> np.ndarray:
        """Return the weight of each draw, summing to 1, shape (draw,)."""
        if self.weights is None:
            return np.full(self.count, 1.0 / self.count)
        return self.weights

    def mean(self, values: np.ndarray) -> float:
        """Return the weighted mean of a number of every draw, exact where all are the same."""
        centre = float(values.mean())
        return centre if self.weights is None else centre + float(self.weights @ (values - centre))

    def chosen(self, positions: np.ndarray) -> "Draws":
        """Return some of the draws, as many of each chain, all of one weight."""
        values = {name: array[positions] for name, array in self.values.items()}
        return Draws(chains=self.chains, data=self.data, values=values)

    def resampled(self, seed: int) -> "Draws":
        """Return as many draws that weigh the same, chosen by weight (systematic resampling).

        For summaries and files that know no weights; a mean over them is noisier than a weighted
        one.
        """
        if self.weights is None:
            return self
        rng = generator(seed, "resampling")
        places = (np.arange(self.count) + rng.random()) / self.count
        edges = np.cumsum(self.weights)
        chosen = np.minimum(np.searchsorted(edges / edges[-1], places), self.count - 1)
        values = {name: array[chosen] for name, array in self.values.items()}
        return Draws(chains=self.chains, data=self.data, values=values)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the draws of a variable, shape (draw, ...)."""
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        """Say whether the model has the variable."""
        return name in self.values


def stack_draws(tree: Any, data: ModelData) -> Draws:
    """Stack a posterior's chains and draws."""
    posterior = tree["posterior"].to_dataset()
    values = {
        str(name): _stacked(np.asarray(array.transpose("chain", "draw", ...)))
        for name, array in posterior.data_vars.items()
    }
    if "alignment" not in values:
        count = len(next(iter(values.values())))
        shape = tuple(len(data.coords[name]) for name in ("pair", "domain", "period"))
        values["alignment"] = np.zeros((count, *shape))
    return Draws(chains=posterior.sizes["chain"], data=data, values=values)


def _stacked(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, *values.shape[2:])


def generator(seed: int, *labels: str) -> np.random.Generator:
    """Return the random generator of one purpose, from the run's seed and the purpose's name.

    Named, not numbered: adding a question or a pair does not change the numbers of the others.
    """
    words = [int.from_bytes(label.encode(), "little") for label in labels]
    return np.random.default_rng([seed, *words])
