"""The shipped studies: data only. ``forecast run ukraine`` copies one and works on the copy."""

import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from forecast.errors import StudyError


def shipped() -> list[str]:
    """Return the ids of the shipped studies, in alphabetical order.

    Examples
    --------
    >>> "ukraine" in shipped()
    True
    """
    return sorted(one.name for one in _root().iterdir() if (one / "study.toml").is_file())


def directory(study_id: str) -> Path:
    """Return the directory of a shipped study, which is for reading alone.

    Raises
    ------
    StudyError
        If no shipped study has this id.
    """
    if study_id not in shipped():
        raise StudyError(
            f"no shipped study is called {study_id!r}",
            expected=f"one of {', '.join(shipped())}",
            remedy="correct the id, or name a study directory",
        )
    return _root() / study_id


def copy_to(study_id: str, target: Path) -> None:
    """Copy a shipped study's files to a directory that does not exist, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        copy = Path(scratch) / "study"
        ignored = shutil.ignore_patterns("__pycache__", "*.py", ".forecast")
        shutil.copytree(directory(study_id), copy, ignore=ignored)
        os.replace(copy, target)


def _root() -> Path:
    return Path(str(files("forecast.studies")))
