"""Arguments and options that several commands share, and how their text is read."""

from __future__ import annotations

import codecs
from datetime import date
from typing import Annotated

import typer

from forecast.cli.console import set_logging


def read_date(text: str) -> date:
    """Return the day that an ISO date names; anything else is a usage error."""
    try:
        if len(text) != len("2022-02-04"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a date; write YYYY-MM-DD, such as 2022-02-04"
        ) from None


def read_encoding(name: str) -> str:
    """Return the name of a text encoding that Python knows; another is a usage error."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise typer.BadParameter(f"{name!r} is no encoding; try utf-8, latin-1 or cp1252") from None


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="A study directory, or the id of a shipped study."),
]
RunArgument = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="A run's id, or latest; the newest where none is given."),
]
RunOption = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="A run's id; the newest run unless told."),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=read_date,
        metavar="DATE",
        help="Use only what was known on this day (YYYY-MM-DD).",
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document to standard output, nothing else."),
]
VerboseOption = Annotated[
    bool,
    typer.Option("--verbose", callback=set_logging, help="Log each step to standard error."),
]
