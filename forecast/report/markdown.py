"""The report as Markdown: the facts of the page as text and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from forecast.report.blocks import (
    Block,
    Cards,
    Cell,
    Code,
    Column,
    Gallery,
    Headline,
    Prose,
    Section,
    Table,
)
from forecast.report.content import ReportData
from forecast.report.numbers import NOTHING
from forecast.report.sections import build_sections, headline

_SPECIAL: Final = re.compile(
    r"[\\`*{}\[\]|~$]|(?<![^\W_])_|_(?![^\W_])|^(?:[#+=-]|\d+[.)])(?=\s|$)"
)
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_LINK: Final = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C", "\\": "%5C", "`": "%60"})


def render_markdown(data: ReportData) -> str:
    """Return the report as Markdown with the same facts as the page, its figures as tables.

    Parameters
    ----------
    data
        What to report.
    """
    parts = [*_top(headline(data))]
    for section in build_sections(data):
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return text so that Markdown shows it as it is, on one line, also inside a table."""
    shown = text.translate(_ENTITIES)
    return _SPECIAL.sub(
        lambda match: "\\" + match[0] if len(match[0]) == 1 else _dotted(match[0]), shown
    )


def _dotted(number: str) -> str:
    """Keep ``1.`` at the start of a line from beginning a list."""
    return f"{number[:-1]}\\{number[-1]}"


def _top(head: Headline) -> Iterable[str]:
    yield f"# {escape(head.title)}"
    yield f"Forecast as of {head.as_of}. {head.status_text}. Fit: {escape(head.status)}."
    yield from (escape(sentence) for sentence in head.finding)
    yield "\n".join(
        f"- **{name}** ({verdict}): {escape(text)}" for name, verdict, text in head.checks
    )
    yield "\n".join(f"- {name}: {escape(value)}" for name, value in head.facts)


def _section(section: Section) -> Iterable[str]:
    yield f"## {escape(section.title)}"
    yield escape(section.lead)
    yield escape(section.missing)
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterable[str]:
    match block:
        case Table():
            yield from _table(block)
        case Cards():
            yield from _cards(block)
        case Gallery():
            if block.facts is not None:
                yield from _table(block.facts)
        case Code():
            fence = "`" * (max(map(len, re.findall("`+", block.text)), default=0) + 3)
            yield f"{fence}\n{block.text}\n{fence}"
        case Prose():
            yield escape(block.text)
            yield from (escape(item) for item in block.items)


def _table(table: Table) -> Iterable[str]:
    yield f"### {escape(table.caption)}"
    yield _grid(table.columns, table.rows)
    yield escape(table.note)


def _grid(columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]]) -> str:
    # A bar only repeats the numbers beside it.
    rows = list(rows)
    kept = [at for at in range(len(columns)) if not any(row[at].bar for row in rows)]
    lines = [
        _line(escape(columns[at].name) for at in kept),
        _line("---:" if columns[at].number else "---" for at in kept),
        *(_line(_cell(row[at]) for at in kept) for row in rows),
    ]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.href:
        return f"[{text or escape(cell.href)}](<{cell.href.translate(_IN_LINK)}>)"
    return text


def _cards(cards: Cards) -> Iterable[str]:
    """List the questions in one table, and the rungs of each in a table of its own."""
    yield f"### {escape(cards.heading)}"
    if not cards.cards:
        return
    names = ("Id", "Question", "Pair", "Window", "Status", "Probability", "Words", "Interval")
    columns = tuple(
        Column(name, number=name == "Probability") for name in (*names, "Remarks", "Event")
    )
    rows = [
        (
            Cell(card.id),
            Cell(card.title),
            Cell(card.pair),
            Cell(card.window),
            Cell(card.status),
            Cell(card.number or NOTHING),
            Cell(card.words or NOTHING),
            Cell(card.interval or NOTHING),
            Cell("; ".join(filter(None, (card.signed, card.reason, *card.extra, *card.small)))),
            Cell(card.event),
        )
        for card in cards.cards
    ]
    yield _grid(columns, rows)
    for card in cards.cards:
        if card.rungs is not None:
            yield f"**{escape(card.id)}: {escape(card.rungs.caption.lower())}**"
            yield _grid(card.rungs.columns, card.rungs.rows)
