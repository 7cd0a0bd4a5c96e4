"""Puts the likelihood terms of several panels side by side, to be evaluated at once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast.model.chains import Chains
from forecast.model.data import KINDS, ModelData, Terms
from forecast.model.padding import pad_chains

# Of counts: no further number of true acts is possible.
_IMPOSSIBLE = -745.0


def stack_data(parts: Sequence[ModelData]) -> ModelData:
    """Return one set of arrays with the terms and chains of all parts, in their order.

    Parameters
    ----------
    parts
        Of one structure; they may differ in their periods, series, terms and chains. The result
        has the periods of the longest and the series of all.
    """
    longest = max(parts, key=lambda part: len(part.coords["period"]))
    series = tuple(dict.fromkeys(name for part in parts for name in part.coords["series"]))
    chains = [part.chains for part in parts if part.chains is not None]
    terms = {}
    for kind in KINDS:
        found = [_of_series(part, kind, series) for part in parts if kind in part.terms]
        if found:
            terms[kind] = _joined_terms(found)
    length = max((one.length for one in chains), default=0)
    return replace(
        longest,
        coords=dict(longest.coords) | {"series": series},
        terms=terms,
        chains=_joined_chains([pad_chains(one, length - one.length) for one in chains])
        if chains
        else None,
    )


def sums_by_part(parts: Sequence[ModelData], pointwise: dict[str, np.ndarray]) -> np.ndarray:
    """Add up what the terms of each part give, shape (part, draw).

    Parameters
    ----------
    pointwise : dict of arrays, each (draw, term)
        Of the stacked parts.
    """
    count = next((len(array) for array in pointwise.values()), 0)
    total = np.zeros((len(parts), count))
    for name, array in pointwise.items():
        first = 0
        for number, part in enumerate(parts):
            size = _size(part, name)
            total[number] += array[:, first : first + size].sum(axis=1)
            first += size
    return total


def _size(part: ModelData, name: str) -> int:
    if name == "witness":
        return len(part.chains.labels) if part.chains is not None else 0
    return part.terms[name].n if name in part.terms else 0


def _of_series(part: ModelData, kind: str, series: tuple[str, ...]) -> Terms:
    """Return the terms of a part with its series numbered among those of all parts."""
    terms = part.terms[kind]
    if kind != "continuous":
        return terms
    own = [series.index(name) for name in part.coords["series"]]
    moved = np.array([*own, -1], dtype=np.int64)[terms.extra["series"]]
    return replace(terms, extra=dict(terms.extra) | {"series": moved})


def _joined_terms(parts: Sequence[Terms]) -> Terms:
    names = ("indicator", "pair", "partner", "domain", "first", "last", "value")
    width = {
        name: max(part.extra[name].shape[1] for part in parts)
        for name, array in parts[0].extra.items()
        if array.ndim == 2
    }
    return Terms(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names},
        extra={
            name: np.concatenate([_widened(name, part.extra[name], width) for part in parts])
            for name in parts[0].extra
        },
    )


def _widened(name: str, array: np.ndarray, width: dict[str, int]) -> np.ndarray:
    if name not in width:
        return array
    fill = _IMPOSSIBLE if name == "log_weights" else 0.0
    return np.pad(array, ((0, 0), (0, width[name] - array.shape[1])), constant_values=fill)


def _joined_chains(parts: Sequence[Chains]) -> Chains:
    layers = max(part.kernel.shape[2] for part in parts)
    kernels = []
    for part in parts:
        more = layers - part.kernel.shape[2]
        room = ((0, 0), (0, 0), (0, more), (0, more), (0, 0), (0, 0))
        kernels.append(np.pad(part.kernel, room))
    labels = [
        label if len(parts) == 1 else f"{label} [{number}]"
        for number, part in enumerate(parts)
        for label in part.labels
    ]
    return replace(
        parts[0],
        labels=tuple(labels),
        pair=np.concatenate([part.pair for part in parts]),
        recipient=np.concatenate([part.recipient for part in parts]),
        mode=np.concatenate([part.mode for part in parts], axis=1),
        kernel=np.concatenate(kernels, axis=1),
        layers=np.concatenate([part.layers for part in parts]),
        drivers=np.concatenate([part.drivers for part in parts], axis=1),
        open=np.concatenate([part.open for part in parts]),
    )
