"""The likelihood of the model, term by term, at given draws of alignment and parameters.

The graph is that of the PyMC model: alignment stands in it as an input, everything else is built by
the code that builds the model. So draws can be held against a panel that they were not fitted to,
by the one likelihood that there is.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from forecast.errors import ModelError
from forecast.inference.graphs import lift, signature, without_shared
from forecast.inference.jax_setup import prepare_jax
from forecast.model import ModelData, build_likelihood, pad_data
from forecast.model.stacking import distinct, stack_data, sums_by_part
from forecast.priors import Priors

# Draws that one call of a program evaluates.
_CHUNK = 100
# Calls at the same time: each holds some tens of megabytes for a panel of 1,600 terms.
_AT_ONCE = 4
_KEPT_PROGRAMS = 16

_programs: dict[Any, Any] = {}
_lock = Lock()


@dataclass(frozen=True)
class _Graph:
    """Inputs by name, lifted constants with their values, and one output for each node."""

    inputs: list[Any]
    lifted: list[Any]
    data: list[np.ndarray]
    outputs: list[Any]
    names: tuple[str, ...]


def pointwise(
    data: ModelData, priors: Priors, values: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the log-likelihood of every term at every draw.

    Parameters
    ----------
    data : ModelData
        Not padded. Its terms and chains may be any: those of a panel, or a selection.
    values : dict of arrays, each (draw, ...)
        Draws on the scale of the model's variables, for the periods, series and spans of `data`.

    Returns
    -------
    dict of arrays, each (draw, term)
        By node: ``count``, ``binary``, ``ordinal``, ``continuous``, and ``witness`` by chain. A
        node without terms is left out.

    Raises
    ------
    ModelError
        If the draws lack a variable of the model.
    """
    padded = pad_data(data).data
    graph = _graph(padded, priors)
    if graph is None:
        return {}
    inputs = [_shaped(one, values) for one in graph.inputs]
    count = len(inputs[0])
    program = _program(graph)

    def some(first: int) -> list[np.ndarray]:
        chunk = [_chunk(array[first : first + _CHUNK]) for array in inputs]
        return [np.asarray(array)[: count - first] for array in program(chunk, graph.data)]

    # XLA runs a call on one core. The first one compiles, which is not to be done twice; more than
    # a few at once would only need memory.
    parts = [some(0)]
    pool = ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1))
    try:
        parts += pool.map(some, range(_CHUNK, count, _CHUNK))
    finally:
        pool.shutdown(cancel_futures=True)
    joined = {name: np.concatenate(one) for name, *one in zip(graph.names, *parts, strict=True)}
    sizes = {kind: terms.n for kind, terms in data.terms.items()}
    return {name: array[:, : sizes.get(name)] for name, array in joined.items()}


def log_likelihoods(
    parts: Sequence[ModelData], priors: Priors, values: dict[str, np.ndarray]
) -> np.ndarray:
    """Return the log-likelihood of each of several panels at every draw, shape (part, draw).

    Parameters
    ----------
    parts
        Of one structure; see :func:`forecast.model.stacking.stack_data`.
    values : dict of arrays, each (draw, ...)
        For the stacked parts.
    """
    data, places = distinct(stack_data(parts))
    terms = pointwise(data, priors, values)
    if not terms:
        return np.zeros((len(parts), len(next(iter(values.values())))))
    return sums_by_part(parts, terms, places)


def _chunk(array: np.ndarray) -> np.ndarray:
    """Fill up to the size that the program was compiled for."""
    missing = _CHUNK - len(array)
    return np.concatenate([array, np.repeat(array[:1], missing, axis=0)]) if missing else array


def _shaped(variable: Any, values: dict[str, np.ndarray]) -> np.ndarray:
    """Return the draws of an input; periods that only pad get zeros, which nothing reads."""
    name = str(variable.name)
    if name not in values:
        raise ModelError(
            f"the draws have no variable {name}",
            expected="draws of a model with the same structure",
            remedy="make a new run",
        )
    array = np.asarray(values[name], dtype=float)
    wanted = variable.type.shape
    room = [(0, 0)] + [(0, size - own) for size, own in zip(wanted, array.shape[1:], strict=True)]
    if any(more < 0 for _, more in room):
        raise ModelError(
            f"the draws of {name} have the shape {array.shape[1:]}",
            expected=f"at most {wanted}",
            remedy="make a new run",
        )
    return np.pad(array, room)


def _graph(data: ModelData, priors: Priors) -> _Graph | None:
    import pytensor.tensor as pt
    from pytensor.graph import clone_replace
    from pytensor.graph.traversal import ancestors

    model = build_likelihood(data, priors)
    terms = [*model.observed_RVs, *model.potentials]
    if not terms:
        return None
    outputs = model.logp(vars=terms, sum=False)
    shapes = {name: np.shape(value) for name, value in model.initial_point(0).items()}
    inputs, replaced = [], {}
    for variable in model.free_RVs:
        value = model.rvs_to_values[variable]
        given = pt.TensorType("float64", shape=shapes[value.name])(str(variable.name))
        transform = model.rvs_to_transforms[variable]
        inputs.append(given)
        replaced[value] = (
            given if transform is None else transform.forward(given, *variable.owner.inputs)
        )
    outputs = without_shared(clone_replace(outputs, replaced))
    reached = set(ancestors(outputs))
    inputs = [one for one in inputs if one in reached]
    lifted, arrays = lift(outputs)
    names = tuple(str(one.name) for one in terms)
    return _Graph(inputs=inputs, lifted=lifted, data=arrays, outputs=outputs, names=names)


def _program(graph: _Graph) -> Any:
    key = tuple(signature(graph.inputs, graph.lifted, graph.outputs))
    with _lock:
        program = _programs.get(key)
        if program is None:
            program = _compile(graph)
            while len(_programs) >= _KEPT_PROGRAMS:
                _programs.pop(next(iter(_programs)))
            _programs[key] = program
    return program


def _compile(graph: _Graph) -> Any:
    prepare_jax()
    import jax
    from pymc.sampling.jax import get_jaxified_graph
    from pytensor.graph import clone_replace, rewrite_graph

    # Rewritten after the lifting: no value of the data can decide what the program is.
    arrays = [one.type() for one in graph.lifted]
    outputs = clone_replace(graph.outputs, dict(zip(graph.lifted, arrays, strict=True)))
    wanted = ("canonicalize", "stabilize", "local_remove_check_parameter")
    outputs = [rewrite_graph(one, include=wanted) for one in outputs]
    function = get_jaxified_graph(inputs=[*graph.inputs, *arrays], outputs=outputs)
    each = jax.vmap(lambda values, data: function(*values, *data), in_axes=(0, None))
    return jax.jit(each)
