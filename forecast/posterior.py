"""Store and load the draws of a run as zarr, beside the run's manifest.

A posterior is a ``DataTree`` with groups ``posterior``, ``sample_stats`` and, of the fast engine,
``equipartition``; alignment is kept in single precision, which is far finer than its Monte Carlo
error.
"""

from pathlib import Path
from typing import Any

from forecast.errors import RunError

FORMAT = "posterior/1"
DIRECTORY = "posterior.zarr"
#: In ``sample_stats``: the log-likelihood of all evidence at each draw as it is stored.
LOG_LIKELIHOOD = "log_likelihood"


def save_posterior(tree: Any, directory: Path) -> Path:
    """Write the draws of a run into its directory."""
    import xarray as xr

    posterior = tree["posterior"].to_dataset()
    if "alignment" in posterior:
        posterior = posterior.assign(alignment=as_stored(posterior["alignment"]))
    stats = tree["sample_stats"].to_dataset()
    numeric = stats[[name for name in stats if stats[name].dtype.kind in "biuf"]]
    groups = {"posterior": posterior, "sample_stats": numeric}
    if "equipartition" in tree.children:
        groups["equipartition"] = tree["equipartition"].to_dataset()
    kept = xr.DataTree.from_dict(groups)
    for node in kept.subtree:
        node.attrs.pop("created_at", None)
    kept.attrs["format"] = FORMAT
    path = directory / DIRECTORY
    kept.to_zarr(path, consolidated=False)
    return path


def as_stored(alignment: Any) -> Any:
    """Return alignment in the precision in which it is kept."""
    return alignment.astype("float32")


def load_posterior(directory: Path) -> Any:
    """Load the draws of a run.

    Raises
    ------
    RunError
        If the run has no draws, or in a format that this version does not read.
    """
    import xarray as xr

    path = directory / DIRECTORY
    if not path.is_dir():
        raise RunError(
            "the run has no draws", where=str(path), remedy="make the run again with `forecast run`"
        )
    tree = xr.open_datatree(path, engine="zarr", consolidated=False)
    found = tree.attrs.get("format")
    if found != FORMAT:
        raise RunError(
            f"draws in format {found!r}",
            where=str(path),
            expected=FORMAT,
            remedy="make the run again with this version",
        )
    # The store lists its variables in whatever order it meets them.
    ordered = {name: _sorted(node.to_dataset()) for name, node in tree.children.items()}
    result = xr.DataTree.from_dict(ordered)
    result.attrs.update(tree.attrs)
    return result


def _sorted(dataset: Any) -> Any:
    """Sort the variables, and turn zarr's own type of text, which NumPy cannot cast, into text."""
    for name in (*dataset.coords, *dataset.data_vars):
        if dataset[name].dtype.kind == "T":
            dataset[name] = dataset[name].astype(object)
    return dataset[sorted(map(str, dataset.data_vars))]
