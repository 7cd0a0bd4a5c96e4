"""Draws from the prior, under the same names as the posterior's."""

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
    drawn = pm.sample_prior_predictive(
        draws=draws,
        model=model,
        var_names=names,
        random_seed=seed,
        # Compiling to machine code would take longer than the draws themselves.
        compile_kwargs={"mode": "FAST_COMPILE"},
    )
    return xr.DataTree.from_dict({"posterior": drawn["prior"].to_dataset()})
