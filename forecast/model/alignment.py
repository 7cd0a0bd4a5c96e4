"""Latent alignment: levels of actors and pairs, dated shocks, and an AR(1) path."""

from typing import Any

import numpy as np

from forecast.model.data import ModelData
from forecast.model.variables import variable
from forecast.priors import Priors


def level_parts(data: ModelData) -> list[tuple[str, str, np.ndarray]]:
    """List the parts of the level: name, coordinate, and the position of each pair in it.

    A part is left out where it has one member, or where it cannot be told from pair effects
    because each member has one pair.
    """
    pairs = np.arange(len(data.supporter))
    parts = [
        ("supporter", "supporter", data.supporter),
        ("recipient", "recipient", data.recipient),
    ]
    kept = [
        part for part in parts if 1 < len(set(part[2].tolist())) < len(pairs)
    ]
    if len(pairs) > 1:
        kept.append(("pair", "pair", pairs))
    return kept


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

    Centred zero-sum effects: their scales mix far better than non-centred ones.
    """
    import pymc as pm
    import pytensor.tensor as pt

    pairs, domains = len(data.supporter), len(data.coords["domain"])
    parts = level_parts(data)
    level = pt.zeros((pairs, domains))
    if not parts:
        return pm.Deterministic("level", level, dims=("pair", "domain"))
    names = [f"{name}{suffix}" for name, _, _ in parts for suffix in ("", " by domain")]
    pm.modelcontext(None).add_coord("level_part", names)
    scale = variable("level_scale", priors["level_scale"], "level_part")
    for position, (name, dim, index) in enumerate(parts):
        common = pm.ZeroSumNormal(f"{name}_level", sigma=scale[2 * position], dims=dim)
        level = level + common[index][:, None]
        if domains > 1:
            own = pm.ZeroSumNormal(
                f"{name}_domain_level",
                sigma=scale[2 * position + 1],
                dims=("domain", dim),
                n_zerosum_axes=2,
            )
            level = level + own[:, index].T
    return pm.Deterministic("level", level, dims=("pair", "domain"))


def _add_paths(data: ModelData, priors: Priors) -> Any:
    """Add AR(1) paths from their stationary law, shape (pair, domain, period).

    The path is a lower-triangular product of standard normal innovations (non-centred).
    """
    import pymc as pm
    import pytensor.tensor as pt

    periods = len(data.coords["period"])
    half_life = variable("path_half_life", priors["path_half_life"], "domain")
    scale = variable("path_scale", priors["path_scale"], "domain")
    raw = pm.Normal("path_raw", 0.0, 1.0, dims=("domain", "pair", "period"))
    lag = np.arange(periods)[:, None] - np.arange(periods)[None, :]
    rate = np.log(2.0) / (half_life * data.periods_per_year)
    decay = pt.exp(-rate[:, None, None] * np.maximum(lag, 0)[None, :, :])
    keep = pt.exp(-rate)
    innovation = pt.sqrt(1.0 - keep**2)
    weight = pt.where(np.arange(periods)[None, :] == 0, 1.0, innovation[:, None])
    lower = decay * (lag >= 0)[None, :, :] * weight[:, None, :] * scale[:, None, None]
    path = pt.matmul(raw, lower.transpose(0, 2, 1)).transpose(1, 0, 2)
    pm.Deterministic("path_now", path[:, :, -1], dims=("pair", "domain"))
    return path
