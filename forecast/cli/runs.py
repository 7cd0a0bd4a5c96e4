"""Finds the runs of a study by their ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forecast.errors import RunError


def find_run(study: Path, identifier: str | None) -> Path:
    """Return the directory of a run, the newest where no id is given or ``latest``.

    Raises
    ------
    RunError
        If the study has no such run, or none at all.
    """
    place = study / ".forecast" / "runs"
    # A run directory appears under its name only when it is whole. The newest is that of the latest
    # date; a failed one, or the base of a replay of past days, gives way to any other of the day.
    found = sorted(place.glob("[!.]*/manifest.json"), key=_recency)
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


def _recency(manifest: Path) -> tuple[str, bool, str, float]:
    """Return what a run is sorted by: its date, whether it stands, and when it was finished."""
    made = [_document(manifest.with_name(name)) for name in ("forecasts.json", "run.log.json")]
    as_of = str(made[0].get("as_of", manifest.parent.name[:10]))
    stands = made[0].get("status") != "failed"
    return as_of, stands, str(made[1].get("finished_at", "")), manifest.stat().st_mtime


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
