"""The log-density of a PyMC model as a JAX function of one flat vector and the data.

The arrays that stand in the model's graph as constants (indices, exposures, values, kernels) are
lifted out and become arguments. A panel of a later date with arrays of the same shapes then has
the same graph, and what was compiled for the first serves the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from forecast.inference.graphs import lift, signature, without_shared
from forecast.inference.jax_setup import prepare_jax

_KEPT_PROGRAMS = 8


@dataclass(frozen=True)
class Block:
    """The coordinates of one random variable in the flat vector.

    Attributes
    ----------
    name
        The variable's name.
    start, stop
        Its slice.
    labels : tuple of tuples of str, or None
        Labels along each axis; None where a transform leaves fewer coordinates than labels.
    """

    name: str
    start: int
    stop: int
    shape: tuple[int, ...]
    labels: tuple[tuple[str, ...], ...] | None

    def label(self, position: int) -> str:
        """Name a coordinate by its position in the flat vector."""
        index = np.unravel_index(position - self.start, self.shape)
        if self.labels is None:
            inside = ", ".join(str(int(i)) for i in index)
        else:
            inside = ", ".join(names[int(i)] for names, i in zip(self.labels, index, strict=True))
        return f"{self.name}[{inside}]" if inside else self.name


@dataclass(frozen=True)
class Program:
    """Compiled functions of one graph; ``data`` are the lifted arrays.

    Attributes
    ----------
    log_density : function (x, data) -> scalar
    expand : function (x, data) -> list of arrays, one for each reported variable
    """

    log_density: Callable[..., Any]
    expand: Callable[..., Any]


@dataclass(frozen=True)
class Density:
    """A model's log-density on the unconstrained scale.

    Attributes
    ----------
    program : Program
        The same object for models of the same structure, within a process.
    data : tuple of arrays
        The lifted constants.
    blocks : tuple of Block
    origin : array, shape (coordinate,)
        The model's initial point.
    outputs : tuple of str
        Names of what ``expand`` returns.
    dims, coords
        Of those variables.
    """

    program: Program
    data: tuple[Any, ...]
    blocks: tuple[Block, ...]
    origin: np.ndarray
    outputs: tuple[str, ...]
    dims: dict[str, tuple[str, ...]]
    coords: dict[str, list[Any]]

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.origin)

    def label(self, position: int) -> str:
        """Name a coordinate: its variable and, where they are known, its labels."""
        block = next(one for one in self.blocks if one.start <= position < one.stop)
        return block.label(position)


_programs: dict[Any, Program] = {}


def make_density(model: Any, *, without: tuple[str, ...] = ()) -> Density:
    """Turn a PyMC model into a density.

    Parameters
    ----------
    model : pymc.Model
    without
        Variables that ``expand`` leaves out.
    """
    prepare_jax()
    import pytensor.tensor as pt
    from pytensor.graph import clone_replace

    blocks, origin = _blocks(model)
    parts = [
        pt.TensorType("float64", shape=(block.stop - block.start,))(block.name) for block in blocks
    ]
    values = {
        model.rvs_to_values[variable]: part.reshape(block.shape).astype(variable.dtype)
        for variable, block, part in zip(model.free_RVs, blocks, parts, strict=True)
    }
    reported = {one.name for one in (*model.free_RVs, *model.deterministics)} - set(without)
    chosen = [one for one in model.unobserved_value_vars if one.name in reported]
    graphs = without_shared(clone_replace([model.logp(), *chosen], values))
    lifted, data = lift(graphs)
    program = _program(parts, lifted, graphs)
    names = tuple(str(one.name) for one in chosen)
    dims = {
        name: tuple(str(dim) for dim in model.named_vars_to_dims.get(name, ())) for name in names
    }
    used = {dim for own in dims.values() for dim in own}
    return Density(
        program=program,
        data=tuple(data),
        blocks=blocks,
        origin=origin,
        outputs=names,
        dims=dims,
        coords={dim: list(labels) for dim, labels in model.coords.items() if dim in used},
    )


def _blocks(model: Any) -> tuple[tuple[Block, ...], np.ndarray]:
    initial = model.initial_point(0)
    blocks, start = [], 0
    values = []
    for variable in model.free_RVs:
        value = np.asarray(initial[model.rvs_to_values[variable].name], dtype=float)
        dims = model.named_vars_to_dims.get(variable.name, ())
        labels = tuple(tuple(map(str, model.coords[dim])) for dim in dims)
        full = tuple(len(one) for one in labels) == value.shape
        blocks.append(
            Block(
                name=str(variable.name),
                start=start,
                stop=start + value.size,
                shape=value.shape,
                labels=labels if full else None,
            )
        )
        values.append(value.ravel())
        start += value.size
    return tuple(blocks), np.concatenate(values)


def _program(parts: list[Any], lifted: list[Any], graphs: list[Any]) -> Program:
    key = tuple(signature(parts, lifted, graphs))
    if key not in _programs:
        while len(_programs) >= _KEPT_PROGRAMS:
            _programs.pop(next(iter(_programs)))
        _programs[key] = _compile(parts, lifted, graphs)
    return _programs[key]


def _compile(parts: list[Any], lifted: list[Any], graphs: list[Any]) -> Program:
    from pymc.sampling.jax import get_jaxified_graph
    from pytensor.graph import clone_replace, rewrite_graph

    # Rewritten after the lifting: no value of the data can decide what the program is.
    inputs = [one.type() for one in lifted]
    replaced = clone_replace(graphs, dict(zip(lifted, inputs, strict=True)))
    # The same rewrites that nutpie makes before it compiles.
    wanted = ["canonicalize", "stabilize", "local_remove_check_parameter"]
    replaced[0] = rewrite_graph(replaced[0], include=wanted)
    log_density = get_jaxified_graph(inputs=[*parts, *inputs], outputs=[replaced[0]])
    expand = get_jaxified_graph(inputs=[*parts, *inputs], outputs=replaced[1:])
    split = _splitter([part.type.shape[0] for part in parts])
    return Program(
        log_density=lambda x, data: log_density(*split(x), *data)[0],
        expand=lambda x, data: expand(*split(x), *data),
    )


def _splitter(sizes: list[int]) -> Callable[[Any], Any]:
    """Return a function that cuts a vector into parts.

    Its derivative joins the parts; that of slices would add up as many vectors of full length.
    """
    import jax
    import jax.numpy as jnp

    edges = np.cumsum([0, *sizes]).tolist()

    @jax.custom_vjp
    def split(x: Any) -> tuple[Any, ...]:
        return tuple(x[start:stop] for start, stop in pairwise(edges))

    split.defvjp(lambda x: (split(x), None), lambda _, parts: (jnp.concatenate(parts),))
    return split
