"""Summaries of a posterior as one tidy table, for other programs to read.

One row an element of a variable: ``variable,supporter,recipient,domain,indicator,period,mean,sd,
q05,q50,q95,ess_bulk,rhat``; a column that does not apply is empty. Dimensions without a column of
their own stand in the name: ``shock_effect[invasion]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS: Final = (
    *("variable", "supporter", "recipient", "domain", "indicator", "period"),
    *("mean", "sd", "q05", "q50", "q95", "ess_bulk", "rhat"),
)

# The model has dims for parts of these (``staked_pair``, ``free_indicator``): the last word counts.
_LABELLED: Final = ("supporter", "recipient", "domain", "indicator", "period")


def summarise(posterior: xr.DataTree) -> pd.DataFrame:
    """Return mean, sd, quantiles and diagnostics of each element of a posterior.

    Parameters
    ----------
    posterior
        Draws with dims ``chain`` and ``draw``, as a run keeps them.

    Returns
    -------
    pandas.DataFrame
        In the order of the variables. Standard normal innovations (``*_raw``) are left out: they
        mean nothing apart from the variables that are made of them.
    """
    import pandas as pd

    draws = posterior["posterior"].to_dataset()
    tables = [_summary(draws[name]) for name in draws.data_vars if not str(name).endswith("_raw")]
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(tables, ignore_index=True)


def _summary(variable: xr.DataArray) -> pd.DataFrame:
    """Summarise one variable; its elements become rows, the last dim running fastest."""
    import pandas as pd

    dims = [dim for dim in variable.dims if dim not in ("chain", "draw")]
    flat = variable.transpose("chain", "draw", *dims).to_numpy()
    flat = flat.reshape(*flat.shape[:2], -1)  # chain, draw, element
    quantiles = np.quantile(flat, (0.05, 0.5, 0.95), axis=(0, 1))
    table = pd.DataFrame(_labels(variable, [str(dim) for dim in dims]))
    ess, rhat = _diagnostics(flat)
    numbers = {
        "mean": flat.mean(axis=(0, 1)),
        "sd": flat.std(axis=(0, 1), ddof=1),
        "q05": quantiles[0],
        "q50": quantiles[1],
        "q95": quantiles[2],
        "ess_bulk": ess,
        "rhat": rhat,
    }
    return table.assign(**numbers)[list(COLUMNS)]


def _diagnostics(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return bulk ESS and R-hat by element; not a number for one that is fixed."""
    from arviz_stats.base.array import array_stats

    ess, rhat = np.full((2, flat.shape[-1]), np.nan)
    moves = np.ptp(flat, axis=(0, 1)) > 0
    if moves.any():
        ess[moves] = array_stats.ess(flat[..., moves], method="bulk", chain_axis=0, draw_axis=1)
        rhat[moves] = array_stats.rhat(flat[..., moves], chain_axis=0, draw_axis=1)
    return ess, rhat


def _labels(variable: xr.DataArray, dims: list[str]) -> dict[str, list[str]]:
    """Return the label columns of a variable's elements."""
    shape = tuple(variable.sizes[dim] for dim in dims)
    labels: dict[str, list[str]] = {column: [] for column in COLUMNS[:6]}
    for index in np.ndindex(shape):
        row = dict.fromkeys(labels, "")
        rest = []
        for dim, position in zip(dims, index, strict=True):
            label = str(variable[dim].to_numpy()[position]) if dim in variable.coords else position
            kind = dim.rsplit("_", 1)[-1]
            if kind == "pair":
                row["supporter"], row["recipient"] = str(label).split("->")
            elif kind in _LABELLED:
                row[kind] = str(label)
            else:
                rest.append(str(label))
        row["variable"] = str(variable.name) + (f"[{','.join(rest)}]" if rest else "")
        for column, value in row.items():
            labels[column].append(value)
    return labels
