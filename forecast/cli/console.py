"""Where words go: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import typer


def show(text: str = "") -> None:
    """Print a result."""
    typer.echo(text)


def show_json(value: Any) -> None:
    """Print one JSON document as the whole of the result."""
    plain = (sys.stdout.encoding or "").lower() not in {"utf-8", "utf8"}
    typer.echo(json.dumps(value, ensure_ascii=plain, indent=2, allow_nan=False))


def tell(text: str) -> None:
    """Say what is going on, beside the results."""
    typer.echo(text, err=True)


def complain(text: str) -> None:
    """Say what went wrong, beside the results."""
    typer.echo(f"forecast: {text}", err=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as aligned columns of plain text, headings above."""
    lines = [list(headings), *([_one_line(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell + " " * (wide - _width(cell)) for cell, wide in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def shorten(text: str, width: int) -> str:
    """Return a text cut to a width, with an ellipsis where something was cut."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def set_logging(verbose: bool) -> bool:
    """Send the package's log to standard error where ``--verbose`` is given."""
    logger = logging.getLogger("forecast")
    logger.handlers.clear()
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
    return verbose


def _one_line(text: str) -> str:
    """Keep control characters of evidence from moving the cursor or colouring the terminal."""
    return "".join(" " if unicodedata.category(mark) in {"Cc", "Cf"} else mark for mark in text)


def _width(text: str) -> int:
    """Count terminal columns: East Asian wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in text
    )


def frame_rows(frame: Any) -> Iterator[Any]:
    """Yield the rows of a data frame by name, whose types a general frame does not know."""
    yield from frame.itertuples(index=False)
