"""Chooses the engine of a fit, and falls back to NUTS where the fast one cannot be trusted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from forecast.errors import FitError
from forecast.inference.diagnostics import BIAS_MARGIN, sampler_checks
from forecast.inference.fast import sample_fast
from forecast.inference.nuts import sample_nuts
from forecast.inference.posterior import Posterior
from forecast.inference.start import Start

ENGINES = ("auto", "fast", "nuts")


def sample(
    model: Any,
    engine: str,
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    progress: bool = True,
    start: Start | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Posterior:
    """Sample a model's posterior with one of the ``ENGINES``.

    ``auto`` takes the fast engine and, where that stops with an error or its own checks do not
    pass, NUTS; the reason is kept as ``fallback``.

    Raises
    ------
    FitError
        If the chosen engine, or NUTS as the last resort, cannot sample.
    """
    settings: dict[str, Any] = {
        "draws": draws,
        "tune": tune,
        "chains": chains,
        "seed": seed,
        "progress": progress,
    }
    if engine == "nuts":
        return sample_nuts(model, **settings)
    if engine == "fast":
        return sample_fast(model, **settings, start=start)
    try:
        posterior = sample_fast(model, **settings, start=start)
    except FitError as error:
        reason = f"{error.what}."
    else:
        reason = distrust(posterior)
        if not reason:
            return posterior
    say(f"Falling back to NUTS. {reason}")
    return replace(sample_nuts(model, **settings), fallback=reason)


def distrust(posterior: Posterior) -> str:
    """Say why a sampler's draws cannot be trusted; empty where its own checks pass.

    That draws are too few is no reason: as many of NUTS would say less.
    """
    return " ".join(
        text
        for name, *_, verdict, text in sampler_checks(posterior.tree)
        if verdict != "ok" and name != BIAS_MARGIN
    )
