"""Draws from the prior, under the same names as the posterior's."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def sample_prior(model: Any, draws: int, seed: int) -> Any:
    """Draw all parameters from the prior.

    Returns
    -------
    DataTree
        Group ``posterior`` with one chain, so that the same code reads prior and posterior.
    """
    import pymc as pm
    import xarray as xr

    names = [v.name for v in (*model.free_RVs, *model.deterministics)]
    with warnings.catch_warnings(), _quiet("pymc.sampling.forward"):
        # The reports are a potential; a prior leaves them out by definition.
        warnings.filterwarnings("ignore", "The effect of Potentials on other", UserWarning)
        drawn = pm.sample_prior_predictive(
            draws=draws,
            model=model,
            var_names=names,
            random_seed=seed,
            # Compiling to machine code would take longer than the draws themselves.
            compile_kwargs={"mode": "FAST_COMPILE"},
        )
    return xr.DataTree.from_dict({"posterior": drawn["prior"].to_dataset()})


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger's notes (not its warnings) to itself for a while."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
