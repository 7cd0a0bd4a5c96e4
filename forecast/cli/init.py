"""``forecast init``: make a study directory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from forecast.cli import blank
from forecast.cli.console import show, show_json
from forecast.cli.options import JsonOption
from forecast.cli.workspace import copy_shipped
from forecast.errors import StudyError


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The directory to make; it must not exist.")
    ],
    source: Annotated[
        str,
        typer.Option("--from", metavar="ID", help="A shipped study to copy, or blank."),
    ] = "blank",
    json: JsonOption = False,
) -> None:
    """Make a study directory, blank or from a shipped study, for you to edit.

    \b
    Examples:
      forecast init my-study
      forecast init my-ukraine --from ukraine
    """
    from forecast import studies

    shipped = studies.shipped()
    if source != "blank" and source not in shipped:
        raise typer.BadParameter(
            f"there is no shipped study {source!r}; choose blank or {', '.join(shipped)}",
            param_hint="--from",
        )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StudyError(
            "the directory is not empty",
            where=str(directory),
            remedy="name one that does not exist yet",
        )
    if source == "blank":
        identifier = _identifier(directory)
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in blank.files(identifier).items():
            (directory / name).write_text(content, encoding="utf-8")
    else:
        identifier = source
        copy_shipped(source, directory)
    files = sorted(path.name for path in directory.iterdir())
    if json:
        show_json({"study": identifier, "directory": str(directory), "files": files})
        return
    show(f"Made {directory} ({', '.join(files)}).")
    show(f"Edit study.toml and the tables, then: forecast check {directory}")


def _identifier(directory: Path) -> str:
    """Return a study id made from the name of a directory."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", directory.resolve().name).strip("-_")
    return name or "study"
