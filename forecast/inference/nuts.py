"""NUTS on the one model: nutpie with JAX."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from forecast.errors import FitError
from forecast.inference.jax_setup import prepare_jax
from forecast.inference.posterior import Posterior

# The innovations are large, and what forecasts need of them is kept in `path_now`.
_DROPPED = ("path_raw",)


def sample_nuts(
    model: Any, *, draws: int, tune: int, chains: int, seed: int, progress: bool = True
) -> Posterior:
    """Sample the posterior with NUTS.

    Chains start from the prior's centre with a small random jitter (never exactly 0, where scales
    have no gradient from the blocks that they multiply) and run in parallel on the cores.

    Parameters
    ----------
    model : pymc.Model
    draws, tune, chains : int
        Draws and tuning steps of each chain.
    seed : int
        The same seed, model and machine give the same draws.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    FitError
        If sampling cannot start or stops with an error of the sampler.
    KeyboardInterrupt
        If interrupted; nothing is returned then.
    """
    prepare_jax()
    import nutpie

    started = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model, backend="jax", gradient_backend="jax")
    ready = time.perf_counter()
    with _bar(progress, chains * (draws + tune)) as callback:
        tree = _run(
            compiled,
            callback,
            draws=draws,
            tune=tune,
            chains=chains,
            seed=seed,
            cores=min(chains, os.cpu_count() or 1),
        )
    for group in [name for name in tree.children if name.startswith("warmup")]:
        del tree[group]
    tree["posterior"] = tree["posterior"].to_dataset().drop_vars(_DROPPED, errors="ignore")
    return Posterior(
        tree=tree,
        seconds={"compile": ready - started, "sample": time.perf_counter() - ready},
        gradients=int(tree["sample_stats"]["n_steps"].sum()),
    )


def _run(compiled: Any, callback: Callable[[Any], None] | None, **settings: Any) -> Any:
    """Run the sampler in the background, so that Ctrl-C ends it instead of cutting it short."""
    import nutpie

    sampler = None
    try:
        sampler = nutpie.sample(
            compiled,
            progress_bar=False,
            progress_callback=callback,
            save_warmup=False,
            blocking=False,
            **settings,
        )
        return sampler.wait()
    except KeyboardInterrupt:
        if sampler is not None:
            sampler.cancel()
        raise
    except RuntimeError as error:
        raise FitError(
            f"sampling stopped: {error}",
            expected="a finite log-density at the start values",
            remedy="run `forecast check` and look for extreme values, then try another --seed",
        ) from error


def _bar(show: bool, total: int) -> AbstractContextManager[Callable[[Any], None] | None]:
    if not show:
        return nullcontext(None)
    from forecast.inference.progress import nuts_bar

    return nuts_bar(total)
