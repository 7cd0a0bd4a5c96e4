"""Keeps caches of the libraries beneath us out of a home directory that cannot be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def move_if_needed() -> None:
    """Let PyTensor, Matplotlib and JAX cache in the temporary folder where the home is read-only.

    They give up, or complain at length, where they cannot write. What the user has set stays as
    it is. Call it before any of them is imported.
    """
    if writable(Path.home()):
        return
    folder = Path(tempfile.gettempdir()) / f"forecast-caches-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    flags = os.environ.get("PYTENSOR_FLAGS", "")
    if "compiledir" not in flags:
        place = f"base_compiledir={folder / 'pytensor'}"
        os.environ["PYTENSOR_FLAGS"] = f"{flags},{place}" if flags else place
    os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder / "jax"))


def writable(folder: Path) -> bool:
    """Whether a file can be made in a folder: permissions alone miss read-only file systems."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
