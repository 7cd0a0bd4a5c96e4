"""Names the term of a model that is not finite at a point."""

from typing import Any

import numpy as np

from forecast.inference.density import Density


def first_bad_term(model: Any, density: Density, position: np.ndarray) -> str | None:
    """Return the name of the first term of the log-density that is not finite, or None.

    Parameters
    ----------
    model : pymc.Model
        The one that the density was made from.
    position : array, shape (coordinate,)
    """
    from pymc.sampling.jax import get_jaxified_graph

    parts = [
        position[one.start : one.stop].reshape(one.shape).astype(variable.dtype)
        for one, variable in zip(density.blocks, model.free_RVs, strict=True)
    ]
    inputs = [model.rvs_to_values[variable] for variable in model.free_RVs]
    for term in (*model.observed_RVs, *model.potentials, *model.free_RVs):
        graph = model.logp(vars=[term], sum=False)
        values = np.asarray(get_jaxified_graph(inputs=inputs, outputs=graph)(*parts)[0])
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            return _named(model, term, bad[0])
    return None


def _named(model: Any, term: Any, index: np.ndarray) -> str:
    dims = model.named_vars_to_dims.get(term.name, ())
    labels = [str(model.coords[dim][int(i)]) for dim, i in zip(dims, index, strict=False)]
    return f"the term {term.name}[{', '.join(labels)}]" if labels else f"the term {term.name}"
