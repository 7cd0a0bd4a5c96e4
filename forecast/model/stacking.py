"""Puts the likelihood terms of several panels side by side, to be evaluated at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecast.model.chains import Chains
from forecast.model.data import KINDS, ModelData, Terms
from forecast.model.padding import pad_chains

# Of counts: no further number of true acts is possible.
_IMPOSSIBLE = -745.0
# Chains are few and large: their number is rounded up to a multiple of this.
_CHAINS = 4


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


def distinct(stacked: ModelData) -> tuple[ModelData, dict[str, np.ndarray]]:
    """Keep one of all terms and chains that are the same in every number.

    Panels that are stacked have most of their terms in common. What is left is about as large
    as one of them, whatever their number: one compiled program serves them all.

    Returns
    -------
    ModelData
    dict of int arrays
        By node: where each term, or chain, of `stacked` stands among what is left.
    """
    terms, places = {}, {}
    for kind, own in stacked.terms.items():
        names = ("indicator", "pair", "partner", "domain", "first", "last", "value")
        columns = [getattr(own, name) for name in names] + list(own.extra.values())
        kept, places[kind] = _first_of_each(columns)
        terms[kind] = Terms(
            **{name: getattr(own, name)[kept] for name in names},
            extra={name: array[kept] for name, array in own.extra.items()},
        )
    chains = stacked.chains
    if chains is not None:
        over_time = (chains.mode, chains.kernel, chains.drivers)
        columns = [np.moveaxis(one, 1, 0) for one in over_time]
        columns += [chains.pair, chains.recipient, chains.layers, chains.open]
        kept, places["witness"] = _first_of_each(columns)
        chains = _chosen_chains(chains, np.pad(kept, (0, -len(kept) % _CHAINS), mode="edge"))
    return replace(stacked, terms=terms, chains=chains), places


def _first_of_each(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that are the first of their kind, and for each row which of them it is."""
    count = len(columns[0])
    flat = [np.ascontiguousarray(one).reshape(count, -1) for one in columns]
    rows = [b"".join(one[row].tobytes() for one in flat) for row in range(count)]
    number: dict[bytes, int] = {}
    places = np.array([number.setdefault(row, len(number)) for row in rows], dtype=np.int64)
    return np.unique(places, return_index=True)[1], places


def _chosen_chains(chains: Chains, chosen: np.ndarray) -> Chains:
    return replace(
        chains,
        labels=tuple(f"{chains.labels[number]} ({row})" for row, number in enumerate(chosen)),
        **{name: getattr(chains, name)[chosen] for name in ("pair", "recipient", "layers", "open")},
        **{name: getattr(chains, name)[:, chosen] for name in ("mode", "kernel", "drivers")},
    )


def sums_by_part(
    parts: Sequence[ModelData],
    pointwise: Mapping[str, np.ndarray],
    places: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Add up what the terms of each part give, shape (part, draw).

    Parameters
    ----------
    pointwise : dict of arrays, each (draw, term)
        Of the stacked parts, or of what is distinct in them.
    places : dict of int arrays, optional
        Then where each term of the stack stands; see :func:`distinct`.
    """
    count = next((len(array) for array in pointwise.values()), 0)
    total = np.zeros((len(parts), count))
    for name, array in pointwise.items():
        first = 0
        for number, part in enumerate(parts):
            size = _size(part, name)
            own = slice(first, first + size)
            total[number] += array[:, own if places is None else places[name][own]].sum(axis=1)
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
