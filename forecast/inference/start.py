"""Where a sampler starts: from the prior's centre, or from where an earlier fit ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np

from forecast.errors import RunError
from forecast.inference.density import Block, Density

FILE = "start.npz"
FORMAT = "start/1"
_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    BadZipFile,
    ZlibError,
)


@dataclass(frozen=True)
class Start:
    """The end of a fit, by the labels of its coordinates.

    Attributes
    ----------
    labels : array of str, shape (coordinate,)
    positions : array, shape (chain, coordinate)
    scale : array, shape (coordinate,)
        Of the sampler's steps along each coordinate.
    """

    labels: np.ndarray
    positions: np.ndarray
    scale: np.ndarray

    def place(
        self, density: Density, chains: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move to a density that shares coordinates with the one that was sampled.

        A coordinate without a counterpart (a new period's innovation, a new shock's effect) starts
        from a draw of scale 1 about the model's initial point; so do chains beyond those at hand.

        Returns
        -------
        positions : array, shape (chain, coordinate)
        scale : array, shape (coordinate,)
        """
        where = {label: position for position, label in enumerate(self.labels.tolist())}
        old = np.array([where.get(label, -1) for label in labels_of(density.blocks)])
        known = old >= 0
        positions, _ = cold_start(density, chains, rng, jitter=1.0)
        held = np.arange(chains) % len(self.positions)
        positions[:, known] = self.positions[held][:, old[known]]
        scale = np.ones(density.size)
        scale[known] = self.scale[old[known]]
        return positions, scale

    def save(self, directory: Path) -> None:
        """Write to a run's directory."""
        np.savez_compressed(
            directory / FILE,
            format=np.array(FORMAT),
            labels=self.labels.astype(np.str_),
            positions=self.positions,
            scale=self.scale,
        )


def load_start(directory: Path) -> Start:
    """Read the end of a run's fit.

    Raises
    ------
    RunError
        If the run kept none, or it cannot be read.
    """
    path = directory / FILE
    try:
        # NumPy leaves the file open where it is not the archive that it seemed.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if str(file["format"]) != FORMAT:
                raise ValueError(f"format {file['format']}, not {FORMAT}")
            start = Start(file["labels"], file["positions"], file["scale"])
        if not len(start.labels) == len(start.scale) == start.positions.shape[1]:
            raise ValueError("its arrays do not fit together")
        return start
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        BadZipFile,
        ZlibError,
    ) as error:
        raise RunError(
            f"no start can be read from this run: {error}",
            where=str(path),
            expected="a run that the fast engine made",
            remedy="leave --start out, or name a run whose manifest says engine fast",
        ) from error


def cold_start(
    density: Density, chains: int, rng: np.random.Generator, jitter: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """Start about the model's initial point; returns positions and scale as ``Start.place``.

    Never exactly at 0, where scales have no gradient from the blocks that they multiply.
    """
    positions = density.origin + jitter * rng.normal(size=(chains, density.size))
    return positions, np.ones(density.size)


def labels_of(blocks: Sequence[Block]) -> list[str]:
    """Name every coordinate of a flat vector, such as ``path_raw[military, CHN->RUS, 2014-Q3]``."""
    names: list[str] = []
    for block in blocks:
        axes: Any = block.labels
        if axes is None:
            axes = [[f"{place} of {length}" for place in range(length)] for length in block.shape]
        names.extend(
            f"{block.name}[{', '.join(one)}]" if one else block.name for one in product(*axes)
        )
    return names
