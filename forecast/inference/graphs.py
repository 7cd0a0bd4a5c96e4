"""What a PyTensor graph computes, apart from the arrays of data that stand in it as constants."""

from collections.abc import Iterator
from typing import Any

import numpy as np

# Shapes of tensors stand in the graph as short vectors, and JAX must know them when it compiles.
_SMALLEST_LIFTED = 8


def without_shared(graphs: list[Any]) -> list[Any]:
    """Put constants in the place of shared variables, such as the lengths of dimensions."""
    import pytensor.tensor as pt
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph import clone_replace
    from pytensor.graph.traversal import ancestors

    shared = [one for one in ancestors(graphs) if isinstance(one, SharedVariable)]
    values = {one: pt.constant(one.get_value(), dtype=one.type.dtype) for one in shared}
    return list(clone_replace(graphs, values)) if values else graphs


def lift(graphs: list[Any]) -> tuple[list[Any], list[np.ndarray]]:
    """Return the constants that become arguments, with their values, in the graph's order."""
    from pytensor.graph.basic import Constant
    from pytensor.graph.traversal import ancestors

    lifted, data = [], []
    for variable in ancestors(graphs):
        array = getattr(variable, "data", None)
        if (
            isinstance(variable, Constant)
            and isinstance(array, np.ndarray)
            and array.size >= _SMALLEST_LIFTED
        ):
            lifted.append(variable)
            data.append(array)
    return lifted, data


def signature(parts: list[Any], lifted: list[Any], graphs: list[Any]) -> Iterator[Any]:
    """Describe a graph but for the values of what was lifted: equal means the same function."""
    from pytensor.graph.basic import Constant
    from pytensor.graph.traversal import toposort

    known: dict[Any, Any] = {one: ("x", number, one.type) for number, one in enumerate(parts)}
    known |= {one: ("data", number, one.type) for number, one in enumerate(lifted)}

    def name(variable: Any) -> Any:
        if variable in known:
            return known[variable]
        assert isinstance(variable, Constant), f"{variable} is neither data nor unknown"
        return ("constant", variable.type, _content(variable.data))

    for number, node in enumerate(toposort(graphs, blockers=[*parts, *lifted])):
        yield (node.op, tuple(name(one) for one in node.inputs))
        known |= {one: ("node", number, place) for place, one in enumerate(node.outputs)}
    yield tuple(name(one) for one in graphs)


def _content(value: Any) -> Any:
    """Return a small constant so that two are equal only if every digit is."""
    if value is None:
        return None
    array = np.asarray(value)
    plain = array.dtype.kind in "biuf"
    return (array.dtype.str, array.shape, array.tobytes()) if plain else str(value)
