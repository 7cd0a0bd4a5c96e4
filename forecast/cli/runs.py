"""Finds the runs of a study by their ids."""

from __future__ import annotations

from pathlib import Path

from forecast.errors import RunError


def find_run(study: Path, identifier: str | None) -> Path:
    """Return the directory of a run, the newest where no id is given or ``latest``.

    Raises
    ------
    RunError
        If the study has no such run, or none at all.
    """
    place = study / ".forecast" / "runs"
    # A run directory appears under its name only when it is whole; drafts begin with a dot.
    found = sorted(place.glob("[!.]*/manifest.json"), key=lambda file: file.stat().st_mtime)
    runs = {file.parent.name: file.parent for file in found}
    if not runs:
        raise RunError(
            "the study has no run yet", where=str(study), remedy=f"make one: forecast run {study}"
        )
    if identifier is None or identifier == "latest":
        return list(runs.values())[-1]
    if identifier not in runs:
        raise RunError(
            f"there is no run {identifier!r}",
            where=str(study),
            expected=f"one of {', '.join(runs)}",
            remedy="name one of these, or none for the newest",
        )
    return runs[identifier]
