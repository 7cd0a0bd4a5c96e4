"""Random variables from prior sets: one place that knows how a prior becomes a PyMC variable."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.priors import Prior, Priors


def variable(
    name: str, prior: Prior, dims: str | Sequence[str] | None = None
) -> Any:  # a PyTensor variable; PyMC is not typed
    """Add a random variable with this prior to the model in context.

    Log-normal and normal variables are centred; fixed ones become data.
    """
    import pymc as pm

    if prior.dist == "normal":
        return pm.Normal(name, prior.number("mu"), prior.number("sigma"), dims=dims)
    if prior.dist == "halfnormal":
        return pm.HalfNormal(name, prior.number("sigma"), dims=dims)
    if prior.dist == "lognormal":
        return pm.LogNormal(name, np.log(prior.number("median")), prior.number("sigma"), dims=dims)
    return pm.Data(name, prior.number("value"))


def intercept_moments(priors: Priors, kinds: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and sd of each indicator's intercept, by its kind."""
    chosen = [priors[f"intercept_{kind}"] for kind in kinds]
    return (
        np.array([prior.number("mu") for prior in chosen]),
        np.array([prior.number("sigma") for prior in chosen]),
    )
