"""Roll alignment forward from its last state, many paths per draw."""

import numpy as np

from forecast.forecasts.draws import Draws, generator


def future_alignment(
    draws: Draws, pair: int, periods: int, paths: int, seed: int, *, purpose: str = "alignment"
) -> np.ndarray:
    """Simulate a pair's alignment after the last period of the panel.

    The path keeps its autoregression from the last state; level and shocks stay (each shock at its
    full effect from the next period on).

    Parameters
    ----------
    pair : int
        Position of the pair.
    periods, paths : int
        Number of future periods, and of paths per draw.
    purpose : str
        What the paths are for: each purpose has random numbers of its own.

    Returns
    -------
    array, shape (draw, path, domain, period)
    """
    domains = len(draws.data.coords["domain"])
    if "path_now" not in draws:
        return np.zeros((draws.count, paths, domains, periods))
    label = draws.data.coords["pair"][pair]
    rng = generator(seed, purpose, label)
    fixed = draws["level"][:, pair]
    if "shock_effect" in draws:
        fixed = fixed + draws["shock_effect"][:, :, pair].sum(axis=1)
    keep = 0.5 ** (1.0 / (draws["path_half_life"] * draws.data.periods_per_year))
    spread = draws["path_scale"] * np.sqrt(1.0 - keep**2)
    state = np.repeat(draws["path_now"][:, pair][:, None], paths, axis=1)
    future = np.empty((draws.count, paths, domains, periods))
    for step in range(periods):
        noise = rng.standard_normal((draws.count, paths, domains))
        state = keep[:, None] * state + spread[:, None] * noise
        future[..., step] = fixed[:, None] + state
    return future


def future_shocks(draws: Draws, recipient: str, periods: int, paths: int, seed: int) -> np.ndarray:
    """Simulate the shocks that all supporters of a recipient share, shape (draw, path, period)."""
    rng = generator(seed, "recipient shock", recipient)
    # Period by period, so that a longer horizon does not change the nearer periods.
    raw = np.stack([rng.standard_normal((draws.count, paths)) for _ in range(periods)], axis=2)
    return np.asarray(draws["recipient_shock_scale"][:, None, None] * raw)
