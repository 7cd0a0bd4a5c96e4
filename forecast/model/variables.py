"""Random variables from prior sets: one place that knows how a prior becomes a PyMC variable."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.priors import Prior, Priors


def variable(
    name: str, prior: Prior, dims: str | Sequence[str] | None = None
) -> Any:  # a PyTensor variable; PyMC is not typed
    """Add a random variable with this prior to the model in context."""
    import pymc as pm

    # Plain Python floats would enter the graph in single precision where that loses nothing, and
    # their logarithms are then taken in single precision too.
    sigma = np.float64(prior.number("sigma"))
    if prior.dist == "normal":
        return pm.Normal(name, np.float64(prior.number("mu")), sigma, dims=dims)
    if prior.dist == "halfnormal":
        return pm.HalfNormal(name, sigma, dims=dims)
    return pm.LogNormal(name, np.log(prior.number("median")), sigma, dims=dims)


def intercept_moments(
    priors: Priors, kinds: Sequence[str], periods_per_year: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and sd of each indicator's intercept, by its kind.

    The prior of a count is stated for a quarter and moved to the study's period.
    """
    chosen = [priors[f"intercept_{kind}"] for kind in kinds]
    shift = np.log(periods_per_year / 4.0)
    return (
        np.array(
            [
                prior.number("mu") - (shift if kind == "count" else 0.0)
                for prior, kind in zip(chosen, kinds, strict=True)
            ]
        ),
        np.array([prior.number("sigma") for prior in chosen]),
    )
