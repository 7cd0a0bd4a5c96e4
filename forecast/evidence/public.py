"""Brings a public data set into the ledger: read by its format, mapped, then like any table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from forecast.errors import ProblemsError
from forecast.evidence.importers import ImportReport, import_rows
from forecast.evidence.ledger import Ledger
from forecast.evidence.readers import read_public
from forecast.evidence.vintage import record_of, standing
from forecast.study.models import Study
from forecast.study.problems import Collector, Row

_UNCHANGED = "unchanged since the release that is held"


def import_public(
    ledger: Ledger,
    study: Study,
    name: str,
    file: Path,
    *,
    mapping: Path | None = None,
    known_at: date | None = None,
    supersede: bool = False,
    proposer: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Append what a public file says of a study's pairs and indicators, all or none.

    A newer release of a data set repeats most of the older one. What it repeats is known already;
    what it changes corrects the record with the same id, if ``supersede`` is set.

    Parameters
    ----------
    name
        The format, one of ``forecast.evidence.readers.FORMATS``.
    mapping
        A mapping file of the user's in place of the shipped one.
    known_at
        When the file was released, if that is not what the mapping says.

    Raises
    ------
    EvidenceError
        If there is no such format, or the file cannot be read in it.
    ProblemsError
        Listing every row that is wrong; nothing of the file was written.
    """
    reading = read_public(name, file, study, mapping=mapping, known_at=known_at)
    if any(problem.severity == "error" for problem in reading.problems):
        raise ProblemsError(reading.problems)
    news, unchanged = _news(ledger, reading.rows)
    out = Collector(Path(file).name)
    report = import_rows(
        ledger, study, news, out=out, supersede=supersede, proposer=proposer, dry_run=dry_run
    )
    return replace(
        report,
        warnings=(*reading.problems, *report.warnings),
        skipped={**reading.skipped, **({_UNCHANGED: unchanged} if unchanged else {})},
        notes=reading.notes,
    )


def _news(ledger: Ledger, rows: tuple[Row, ...]) -> tuple[list[Row], int]:
    """Return the rows that say something new, and how many only repeat an earlier release."""
    labels = {f"{row['supporter']}->{row['recipient']}" for row in rows}
    held = standing(ledger.scan(pairs=labels)).newest if rows else {}
    news = []
    for row in rows:
        entry = held.get(row["id"])
        if entry is None or _differ(row, record_of(entry).columns.items()):
            news.append(row)
    return news, len(rows) - len(news)


def _differ(row: Row, cells: Iterable[tuple[str, str]]) -> bool:
    """Say whether a row differs from what is held by more than the date of its release."""
    if row["known_at_basis"] != "file_vintage":
        return any(row[name] != text for name, text in cells)
    return any(row[name] != text for name, text in cells if name != "known_at")
