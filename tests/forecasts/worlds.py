"""Hand-made worlds: parameters with known values instead of a posterior, and no sampling."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from forecast.forecasts.draws import Draws
from forecast.forecasts.world import World
from forecast.model.data import ModelData
from forecast.panel import Panel
from forecast.study.models import Pair

CHINA, NAMIBIA = Pair("CHN", "RUS"), Pair("NA", "RUS")
RUNGS = ("none", "rhetorical", "economic", "dual-use", "lethal", "troops")


def still_draws(data: ModelData, count: int = 4, **values: Any) -> Draws:
    """Return draws in which alignment is 0 for ever and nothing varies, but for ``values``.

    A value is broadcast to the shape of its variable (without draws) unless it has the draws.
    """
    size = {name: len(labels) for name, labels in data.coords.items()}
    pairs, domains, periods = size["pair"], size["domain"], size["period"]
    shapes: dict[str, tuple[tuple[int, ...], float]] = {
        "alignment": ((pairs, domains, periods), 0.0),
        "level": ((pairs, domains), 0.0),
        "path_now": ((pairs, domains), 0.0),
        "path_half_life": ((domains,), 1.0),
        "path_scale": ((domains,), 0.0),
        "intercept": ((size["indicator"],), 0.0),
        "signed_loading": ((size["indicator"],), 1.0),
        "dispersion": ((size["count_indicator"],), 1e8),
        "level_gap": ((size["level_step"],), 1.0),
        "noise_scale": ((size["continuous_indicator"],), 1e-12),
        "lag_weight": ((size["continuous_indicator"],), 0.0),
        "series_scale": ((), 0.0),
        "series_raw": ((size["series"],), 0.0),
    }
    if len(data.steps):
        shapes["shock_effect"] = ((len(data.steps), pairs, domains), 0.0)
    if data.chains is not None:
        shapes |= {
            "equation_weight": ((3, domains), 0.0),
            "recipient_shock_scale": ((), 0.0),
            "recipient_shock_raw": ((len(data.chains.recipients), data.chains.length), 0.0),
            "rung_gap": ((size["rung_step"],), 1.0),
        }
        for axis in ("state", "firms"):
            shapes |= {
                f"first_{axis}": ((), -0.5),
                f"onset_{axis}": ((), -2.0),
                f"climb_{axis}": ((), 2.5),
                f"hold_{axis}": ((), 2.0),
            }
        if size["driver"]:
            shapes["driver_weight"] = ((size["driver"],), 0.0)
    drawn = {
        name: np.array(np.broadcast_to(values.pop(name, default), (count, *shape)), dtype=float)
        for name, (shape, default) in shapes.items()
    }
    assert not values, f"no such variables: {sorted(values)}"
    return Draws(chains=2, data=data, values=drawn)


def make(
    panel: Panel,
    draws: Draws,
    *,
    paths: int = 200,
    back: int = 8,
    ahead: int = 8,
    seed: int = 5,
) -> World:
    """Return a world with room for windows from two years back to two years ahead."""
    return World(
        panel=panel,
        draws=draws,
        seed=seed,
        paths=paths,
        back=back,
        ahead=ahead,
        degrees_of_freedom=4.0,
    )


def with_rungs(world: World, pair: Pair, state: Any, firms: Any = 0) -> World:
    """Put given rungs, shape (..., period), in the place of a pair's simulated ones."""
    chain = world.chain(pair.label)
    assert chain is not None
    shape = (world.draws.count, world.paths, world.back + world.ahead)
    axes = [np.broadcast_to(np.asarray(axis), shape) for axis in (state, firms)]
    world._rungs[chain] = np.stack(axes, axis=3)
    return world


def day(text: str) -> date:
    """Return an ISO date."""
    return date.fromisoformat(text)
