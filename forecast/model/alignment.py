"""Latent alignment: levels of actors and pairs, dated shocks, and an AR(1) path."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.model.data import ModelData
from forecast.model.variables import variable
from forecast.priors import Priors

# Lengths of the blocks in which paths are summed; padded panels have a multiple of 8 periods.
_BLOCKS = (16, 8)


@dataclass(frozen=True, kw_only=True)
class LevelPart:
    """A zero-sum part of the level.

    Attributes
    ----------
    members
        Labels of those who have an effect of their own.
    index
        Position of each pair's effect; one past the last member where the pair has none.
    """

    name: str
    members: tuple[str, ...]
    index: np.ndarray


def level_parts(data: ModelData) -> list[LevelPart]:
    """List the parts of the level that the pairs of a study can tell apart.

    Where a supporter has one pair, supporter and pair effect are one, and so are recipient and
    pair effect where a recipient has one pair: only pairs that share both sides with other pairs
    get an effect of their own. A recipient gets one unless its only supporter has no other pair.
    """
    names = data.coords["pair"]
    supporters, recipients = data.supporter, data.recipient
    many_s = np.bincount(supporters)[supporters] > 1
    many_r = np.bincount(recipients)[recipients] > 1
    parts = [_part("supporter", data.coords["supporter"], supporters, supporters >= 0)]
    parts.append(_part("recipient", data.coords["recipient"], recipients, many_s | many_r))
    parts.append(_part("pair", names, np.arange(len(names)), many_s & many_r))
    return [part for part in parts if len(part.members) > 1]


def _part(name: str, labels: tuple[str, ...], index: np.ndarray, chosen: np.ndarray) -> LevelPart:
    kept = sorted(set(index[chosen].tolist()))
    where = np.array(
        [kept.index(i) if c else len(kept) for i, c in zip(index, chosen, strict=True)]
    )
    return LevelPart(name=name, members=tuple(labels[i] for i in kept), index=where)


def add_alignment(data: ModelData, priors: Priors) -> Any:
    """Add alignment to the model in context.

    Returns
    -------
    tensor, shape (pair, domain, period)
        The deterministic ``alignment``.
    """
    import pymc as pm
    import pytensor.tensor as pt

    pairs, domains = len(data.supporter), len(data.coords["domain"])
    level = _add_levels(data, priors)
    fixed = pt.zeros((pairs, domains, len(data.coords["period"]))) + level[:, :, None]
    if len(data.steps):
        mean = variable("shock_mean", priors["shock_mean"], ("shock", "domain"))
        scale = variable("shock_scale", priors["shock_scale"], "shock")
        raw = pm.Normal("shock_raw", 0.0, 1.0, dims=("shock", "pair", "domain"))
        effect = pm.Deterministic(
            "shock_effect",
            mean[:, None, :] + scale[:, None, None] * raw,
            dims=("shock", "pair", "domain"),
        )
        fixed = fixed + pt.sum(effect[:, :, :, None] * data.steps[:, None, None, :], axis=0)
    path = _add_paths(data, priors)
    return pm.Deterministic("alignment", fixed + path, dims=("pair", "domain", "period"))


def _add_levels(data: ModelData, priors: Priors) -> Any:
    """Sum the zero-sum parts of the level, shape (pair, domain).

    Non-centred: a study has few observations per pair, and centred effects leave their scales
    almost immobile then.
    """
    import pymc as pm
    import pytensor.tensor as pt

    pairs, domains = len(data.supporter), len(data.coords["domain"])
    parts = level_parts(data)
    level = pt.zeros((pairs, domains))
    if not parts:
        return pm.Deterministic("level", level, dims=("pair", "domain"))
    model = pm.modelcontext(None)
    suffixes = ("", " by domain") if domains > 1 else ("",)
    model.add_coord("level_part", [f"{part.name}{end}" for part in parts for end in suffixes])
    scale = variable("level_scale", priors["level_scale"], "level_part")
    scales = iter([scale[i] for i in range(len(parts) * len(suffixes))])
    for part in parts:
        dim = f"level_{part.name}"
        model.add_coord(dim, list(part.members))
        raw = pm.ZeroSumNormal(f"{part.name}_level_raw", sigma=1.0, dims=dim)
        level = level + _padded(next(scales) * raw)[part.index][:, None]
        if domains > 1:
            own = pm.ZeroSumNormal(
                f"{part.name}_domain_level_raw",
                sigma=1.0,
                dims=("domain", dim),
                n_zerosum_axes=2,
            )
            level = level + _padded(next(scales) * own.T)[part.index]
    return pm.Deterministic("level", level, dims=("pair", "domain"))


def _padded(effects: Any) -> Any:
    """Append a zero for pairs without an effect of their own."""
    import pytensor.tensor as pt

    return pt.concatenate([effects, pt.zeros_like(effects[:1])])


def _add_paths(data: ModelData, priors: Priors) -> Any:
    """Add AR(1) paths from their stationary law, shape (pair, domain, period).

    A linear map of standard normal innovations (non-centred).
    """
    import pymc as pm
    import pytensor.tensor as pt

    periods = len(data.coords["period"])
    half_life = variable("path_half_life", priors["path_half_life"], "domain")
    scale = variable("path_scale", priors["path_scale"], "domain")
    raw = pm.Normal("path_raw", 0.0, 1.0, dims=("domain", "pair", "period"))
    rate = np.log(2.0) / (half_life * data.periods_per_year)
    innovation = pt.sqrt(-pt.expm1(-2.0 * rate))
    first = pt.eq(np.arange(periods), 0)
    sd = scale[:, None] * pt.where(first, 1.0, innovation[:, None])
    shape = len(data.coords["domain"]), len(data.supporter), periods
    path = _accumulated(raw * sd[:, None, :], rate, shape).transpose(1, 0, 2)
    pm.Deterministic("path_now", path[:, :, -1], dims=("pair", "domain"))
    return path


def _accumulated(shocks: Any, rate: Any, shape: tuple[int, int, int]) -> Any:
    """Return the sums of all shocks so far, each decayed by its age, shape (domain, pair, period).

    Within blocks by a triangular product, and by another one from block to block: only from block
    to block does the cost grow with the square of their number.
    """
    import pytensor.tensor as pt

    domains, pairs, periods = shape
    block = next(size for size in (*_BLOCKS, periods) if periods % size == 0)
    blocks = periods // block
    parts = shocks.reshape((domains, pairs * blocks, block))
    within = pt.matmul(parts, _decay(rate, block)).reshape((domains, pairs, blocks, block))
    if blocks == 1:
        return within.reshape(shape)
    ends = pt.matmul(within[:, :, :, -1], _decay(rate * block, blocks))
    before = pt.concatenate([pt.zeros_like(ends[:, :, :1]), ends[:, :, :-1]], axis=2)
    fade = pt.exp(-rate[:, None] * np.arange(1.0, block + 1.0))
    carried = before[:, :, :, None] * fade[:, None, None, :]
    return (within + carried).reshape(shape)


def _decay(rate: Any, size: int) -> Any:
    """Return what is left of a shock of one step at each later one, shape (domain, shock, step)."""
    import pytensor.tensor as pt

    age = np.arange(size)[None, :] - np.arange(size)[:, None]
    return pt.exp(-rate[:, None, None] * np.maximum(age, 0)) * (age >= 0)
