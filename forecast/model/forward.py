"""The forward pass: sums the rungs of all chains out, side by side.

A chain has a column for each of its layers, so that the many without interval-dated reports stay
cheap. Chains with most layers come first: the columns of a layer are then a leading part of those
of the layer before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from forecast.model.chains import IDLE, Chains


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The chains and their layers in columns, layer after layer.

    Attributes
    ----------
    chain
        The chain of each column, shape (column,).
    sizes
        Number of columns of each layer, falling.
    mode
        Shape (time, column), as in :class:`Chains`.
    reached
        Rungs that the state, and that firms, can reach, with rung none.
    stay
        Emission factors of columns that keep their layer, shape (time, rung, firms' rung, column).
    moves
        By old and new layer, those of the leading chains that have both, shape (time, rung,
        firms' rung, chain).
    """

    chain: np.ndarray
    sizes: tuple[int, ...]
    mode: np.ndarray
    reached: tuple[np.ndarray, np.ndarray]
    stay: np.ndarray
    moves: Mapping[tuple[int, int], np.ndarray]


def columns_of(chains: Chains) -> Columns:
    """Put the layers of all chains into columns."""
    order = np.argsort(-chains.layers, kind="stable")
    sizes = tuple(int((chains.layers > layer).sum()) for layer in range(chains.layers.max()))
    chain = np.concatenate([order[:size] for size in sizes])
    firms = np.flatnonzero(chains.firms_allowed)
    layers = range(len(sizes))

    def factors(old: int, new: int) -> np.ndarray:
        own = order[: sizes[max(old, new)]]
        return np.ascontiguousarray(
            chains.kernel[:, own, old, new][..., firms].transpose(0, 2, 3, 1)
        )

    return Columns(
        chain=chain,
        sizes=sizes,
        mode=chains.mode[:, chain],
        reached=(np.arange(len(chains.firms_allowed)), firms),
        stay=np.concatenate([factors(layer, layer) for layer in layers], axis=3),
        moves={(old, new): factors(old, new) for old in layers for new in layers if old != new},
    )


def forward_pass(state: Any, firms: Any, columns: Columns) -> Any:
    """Sum the rungs out: log-likelihood of the reports of each chain, shape (chain,).

    One step is a product by each axis' matrix for all columns, scaled so that nothing underflows.
    The column is the last axis: that is three times faster under XLA than batched products.

    Parameters
    ----------
    state, firms : tensors, shape (time, last rung, rung 1.., column)
        P(at least a rung | last rung).
    """
    import pytensor
    import pytensor.tensor as pt

    sizes = columns.sizes
    start = np.zeros(columns.stay.shape[1:])
    start[0, 0, : sizes[0]] = 1.0

    def step(to_state: Any, to_firms: Any, idle: Any, stay: Any, *carried: Any) -> list[Any]:
        *moves, cells = carried
        half = pt.sum(cells[:, None] * rung_shares(to_state)[:, :, None], axis=0)
        moved = pt.sum(half[:, :, None] * rung_shares(to_firms)[None], axis=1)
        moved = pt.where(idle, cells, moved)
        seen = _change_layers(stay * moved, moved, dict(zip(columns.moves, moves, strict=True)))
        return _scaled(seen)

    def _change_layers(kept: Any, moved: Any, moves: dict[tuple[int, int], Any]) -> list[Any]:
        after, before = _split(kept, sizes), _split(moved, sizes)
        for (old, new), factor in moves.items():
            size = sizes[max(old, new)]
            came = after[new][:, :, :size] + factor * before[old][:, :, :size]
            after[new] = pt.concatenate([came, after[new][:, :, size:]], axis=2)
        return after

    def _scaled(layers: list[Any]) -> list[Any]:
        total = pt.sum(layers[0], axis=(0, 1))
        for layer, size in zip(layers[1:], sizes[1:], strict=True):
            more = total[:size] + pt.sum(layer, axis=(0, 1))
            total = pt.concatenate([more, total[size:]])
        each = pt.concatenate([total[:size] for size in sizes])
        return [pt.concatenate(layers, axis=2) / each, pt.log(total)]

    _, logs = pytensor.scan(
        step,
        sequences=[
            state,
            firms,
            pt.as_tensor(columns.mode == IDLE),
            pt.as_tensor(columns.stay),
            *(pt.as_tensor(factor) for factor in columns.moves.values()),
        ],
        outputs_info=[pt.as_tensor(start), None],
        return_updates=False,
    )
    return pt.sum(logs, axis=0)[np.argsort(columns.chain[: sizes[0]])]


def rung_shares(above: Any) -> Any:
    """Turn P(at least a rung), shape (last, rung 1.., chain), into P(rung), (last, rung, chain)."""
    import pytensor.tensor as pt

    higher = above.type.shape[1]
    assert higher is not None, "the number of rungs must be known"
    if higher == 0:
        return pt.ones_like(above[:, :0].sum(axis=1, keepdims=True))
    parts = [1.0 - above[:, :1], above[:, :-1] - above[:, 1:], above[:, -1:]]
    return pt.concatenate(parts, axis=1)


def _split(columns: Any, sizes: tuple[int, ...]) -> list[Any]:
    edges = np.cumsum([0, *sizes]).tolist()
    return [columns[:, :, start:stop] for start, stop in pairwise(edges)]
