"""Pads the arrays of a model so that a later date or another record leaves their shapes alone.

A program is compiled for the shapes of its arrays. Padding rounds them up, by terms that add a
constant to the log-density and by periods after the last one in which nothing is seen: their
innovations keep their prior and touch nothing else. The posterior of everything real is the same.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.model.chains import IDLE, Chains
from forecast.model.data import ModelData, Terms

PERIODS = 8
# An exposure so small that its mean times any likely rate is nothing, and has a logarithm.
_NOTHING = 1e-200


@dataclass(frozen=True)
class Padded:
    """A padded panel of arrays, and the way back.

    Attributes
    ----------
    data : ModelData
        What the model is built from.
    real : ModelData
        What was padded.
    """

    data: ModelData
    real: ModelData

    def trim(self, tree: Any) -> Any:
        """Cut the draws of the padded model to the real periods.

        Parameters
        ----------
        tree : DataTree
            With a group ``posterior``; it is changed in place and returned.
        """
        posterior = tree["posterior"].to_dataset()
        periods = len(self.real.coords["period"])
        if "period" in posterior.dims:
            posterior = posterior.isel(period=slice(0, periods))
        if self.real.chains is not None and "staked_period" in posterior.dims:
            posterior = posterior.isel(staked_period=slice(0, self.real.chains.length))
        if "path_now" in posterior:
            posterior = posterior.assign(path_now=self._path_now(posterior))
        tree["posterior"] = posterior
        return tree

    def _path_now(self, posterior: Any) -> Any:
        """Return the path in the last real period: alignment without level and shocks."""
        path = posterior["alignment"].isel(period=-1, drop=True) - posterior["level"]
        if "shock_effect" in posterior:
            share = self.real.steps[:, -1]
            path = path - (posterior["shock_effect"] * _along("shock", share)).sum("shock")
        return path.transpose("chain", "draw", "pair", "domain")


def _along(dim: str, values: np.ndarray) -> Any:
    import xarray as xr

    return xr.DataArray(values, dims=dim)


def pad_data(data: ModelData) -> Padded:
    """Pad the periods to a multiple of 8, and the terms of each kind to a coarse size."""
    periods = len(data.coords["period"])
    extra = -periods % PERIODS
    names = tuple(f"padding {number}" for number in range(1, extra + 1))
    padded = replace(
        data,
        coords=dict(data.coords) | {"period": (*data.coords["period"], *names)},
        # A shock lasts; what it does in a period that nothing reads is without consequence.
        steps=np.pad(data.steps, ((0, 0), (0, extra)), mode="edge"),
        terms={kind: _pad_terms(kind, terms) for kind, terms in data.terms.items()},
        chains=None if data.chains is None else pad_chains(data.chains, extra),
    )
    return Padded(data=padded, real=data)


def coarse(size: int) -> int:
    """Round a size up to the next of 16, 32, 64, 128, 256, 384, 512, 768, 1024, 1536, ..."""
    power = max(16, 2 ** int(size - 1).bit_length())
    if power <= 256:
        return power
    return -(-size // (power // 4)) * (power // 4)


def pad_chains(chains: Chains, extra: int) -> Chains:
    """Add periods after the last one in which a chain stays as it is and nothing is seen."""
    layers = chains.kernel.shape[2]
    idle = np.broadcast_to(
        np.eye(layers)[None, None, :, :, None, None], (extra, *chains.kernel.shape[1:])
    )
    return replace(
        chains,
        mode=np.pad(chains.mode, ((0, extra), (0, 0)), constant_values=IDLE),
        kernel=np.concatenate([chains.kernel, idle]),
        drivers=np.pad(chains.drivers, ((0, extra), (0, 0), (0, 0))),
    )


def _pad_terms(kind: str, terms: Terms) -> Terms:
    """Add terms in single periods and, where there are any, over two periods."""
    single = terms.first == terms.last
    spans = int((~single).sum())
    positive = int((terms.value > 0).sum()) if kind == "count" else 0
    more_spans = coarse(spans) - spans if spans else 0
    # Of counts, those with acts are a part of their own; both parts are padded as single terms.
    more_positive = coarse(positive) - positive if positive else 0
    zeros = terms.n - spans - positive
    more = more_positive + coarse(zeros) - zeros
    added = more + more_spans
    last = np.concatenate([np.zeros(more, dtype=np.int64), np.ones(more_spans, dtype=np.int64)])
    value = np.zeros(added)
    value[:more_positive] = 1.0
    return Terms(
        **{
            name: np.concatenate([getattr(terms, name), np.repeat(getattr(terms, name)[:1], added)])
            for name in ("indicator", "pair", "partner", "domain")
        },
        first=np.concatenate([terms.first, np.zeros(added, dtype=np.int64)]),
        last=np.concatenate([terms.last, last]),
        value=np.concatenate([terms.value, value]),
        extra={name: _pad_extra(name, array, added) for name, array in terms.extra.items()},
    )


def _pad_extra(name: str, array: np.ndarray, added: int) -> np.ndarray:
    """Make the added terms say nothing: no exposure, or a report that is surely false."""
    rows = np.repeat(np.zeros_like(array[:1]), added, axis=0)
    if name == "exposure":
        rows[:] = _NOTHING
    elif name == "log_weights":
        # Surely none of the reported acts is true.
        rows[:, 1:] = -745.0
    elif name == "credible":
        rows[:] = _NOTHING
    elif name == "series":
        rows[:] = -1
    return np.concatenate([array, rows])
