"""The building blocks of a report: sections of text, tables, question cards and figures.

Sections are built once from :class:`~forecast.report.content.ReportData`; HTML and Markdown
render the same blocks, so that both state the same facts.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Verdict = Literal["ok", "doubtful", "failed"]


@dataclass(frozen=True)
class Bar:
    """A probability drawn on a line from 0 to 1: a range, a point, perhaps a second mark."""

    point: float | None
    low: float | None = None
    high: float | None = None
    mark: float | None = None


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    ``foreign`` text comes from evidence or a study file and is set apart from the page's own
    direction of writing; ``href`` is set only for links that passed :func:`web_link`.
    """

    text: str
    href: str = ""
    foreign: bool = False
    bar: Bar | None = None
    verdict: Verdict | None = None
    swatch: str = ""


@dataclass(frozen=True)
class Column:
    """A column's heading; numbers are aligned on the right."""

    name: str
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its caption; ``collapsed`` hides it behind its caption until asked for.

    ``stacked`` turns each row into a small card on a narrow screen; else the table scrolls.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    collapsed: bool = False
    stacked: bool = False
    note: str = ""


@dataclass(frozen=True)
class Prose:
    """A paragraph, or a list of short statements where there are several ``items``."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code:
    """Something to type, shown as it is."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure to be drawn when the page is made; ``name`` is unique in the page."""

    name: str
    label: str
    draw: Callable[[], Figure]


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Small figures side by side under one heading, with a legend of (colour name, text).

    ``wide`` figures stand two in a row at most. ``facts`` is what the figures show, as a table for
    readers of the Markdown version.
    """

    heading: str
    pictures: tuple[Picture, ...]
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""
    collapsed: bool = False
    wide: bool = False
    facts: Table | None = None


@dataclass(frozen=True)
class Strip:
    """Probabilities of all rungs side by side: parts of (colour name, start, width) in 0 to 1."""

    label: str
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, kw_only=True)
class QuestionCard:
    """One question with its probability, or with the reason for having none.

    ``extra`` stands beside the status; ``small`` is for a reader who asks for more; ``signed`` is
    what a person put beside the model's probability.
    """

    id: str
    title: str
    pair: str
    event: str
    window: str
    status: str
    number: str
    words: str
    interval: str
    reason: str
    extra: tuple[str, ...]
    small: tuple[str, ...]
    bar: Bar | None
    strips: tuple[Strip, ...]
    rungs: Table | None
    signed: str = ""


@dataclass(frozen=True, kw_only=True)
class Cards:
    """Question cards under one heading; prominent ones show their rungs at a glance."""

    heading: str
    cards: tuple[QuestionCard, ...]
    prominent: bool
    legend: tuple[tuple[str, str], ...] = ()


Block = Table | Prose | Code | Gallery | Cards


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report; ``missing`` says why it could not be made, and is empty otherwise."""

    id: str
    title: str
    lead: str = ""
    blocks: tuple[Block, ...] = ()
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What a reader who reads nothing else should take away."""

    title: str
    as_of: str
    status: str
    verdict: Verdict
    status_text: str
    finding: tuple[str, ...]
    checks: tuple[tuple[str, Verdict, str], ...]
    facts: tuple[tuple[str, str], ...]


def clean(text: object) -> str:
    """Return text without control characters, on one line and in composed form (NFC).

    Marks that reverse the direction of writing stay, since names may need them; the page isolates
    them, so that they cannot reorder anything beside them.
    """
    composed = unicodedata.normalize("NFC", "" if _is_missing(text) else str(text))
    spaced = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in composed)
    # A lone surrogate cannot be written as UTF-8.
    return " ".join(spaced.encode("utf-8", "replace").decode("utf-8").split())


def _is_missing(value: object) -> bool:
    """Return whether a table holds nothing here; the text NA is something (Namibia)."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def web_link(address: object) -> str:
    """Return an address that may become a link: http or https with a host; else an empty text."""
    text = "" if _is_missing(address) else str(address).strip()
    if any(sign.isspace() or unicodedata.category(sign)[0] == "C" for sign in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in {"http", "https"} and parts.hostname else ""


def foreign(text: object, *, href: object = "") -> Cell:
    """Return a cell of text from outside, linked where the address is safe."""
    return Cell(clean(text), href=web_link(href), foreign=True)
