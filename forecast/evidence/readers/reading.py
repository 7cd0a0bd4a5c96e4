"""Turns what a public file says into rows of evidence for a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.errors import Problem
from forecast.evidence.readers.catalogue import reader
from forecast.evidence.readers.convert import Converter, interval
from forecast.evidence.readers.mapping import load_mapping
from forecast.evidence.readers.wanted import Wanted
from forecast.study.dates import parse_known_at
from forecast.study.models import Study
from forecast.study.problems import Row


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a public file holds for a study.

    Attributes
    ----------
    rows
        Rows with every column of ``evidence.csv``, in the order of the file.
    skipped
        How many rows of the file, or values of a row, were left out, by reason.
    notes
        What the user should know: faults of the file, and where its silence means zero.
    problems
        What is wrong; any error must stop the import.
    """

    rows: tuple[Row, ...]
    skipped: Mapping[str, int]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_public(
    name: str,
    path: Path,
    study: Study,
    *,
    mapping: Path | None = None,
    known_at: date | None = None,
) -> Reading:
    """Read a public data file into rows of evidence for a study.

    Parameters
    ----------
    name
        The format, one of ``FORMATS``.
    path
        The file as it was published.
    study
        Whose actors, pairs and indicators decide what is kept.
    mapping
        A mapping file in place of the shipped one.
    known_at
        Day on which this release of the file came out, in place of the mapping's.

    Raises
    ------
    EvidenceError
        If there is no such format, or the file or the mapping cannot be read.
    """
    path = Path(path)
    read = reader(name)
    chosen = load_mapping(name, mapping)
    wanted = Wanted(
        study,
        path.name,
        names=chosen.names,
        not_states=chosen.not_states,
        actors=chosen.actors,
    )
    converter = Converter(name, study, chosen, wanted, known_at)
    rows: dict[str, Row] = {}
    for observation in read(path, wanted):
        row = converter.row(observation)
        if row is None:
            continue
        earlier = rows.setdefault(row["id"], row)
        if earlier.values != row.values:
            _note_conflict(wanted, earlier, row)
        elif earlier is not row:
            wanted.skip("repetition of an earlier row")
    early = sum(_known_before(row) for row in rows.values())
    if early:
        wanted.note(
            f"rows of events after the day on which they were known: {early}; "
            "check the day of the release"
        )
    wanted.note(f"coverage: {chosen.coverage}")
    return Reading(
        rows=tuple(sorted(rows.values(), key=lambda one: (one.line, one["id"]))),
        skipped=dict(sorted(wanted.skipped.items())),
        notes=tuple(wanted.notes),
        problems=tuple(wanted.problems.problems),
    )


def _known_before(row: Row) -> bool:
    first, _ = interval(row["event_date"], row["date_precision"])
    return parse_known_at(row["known_at"]) < first


def _note_conflict(wanted: Wanted, earlier: Row, row: Row) -> None:
    differing = [name for name, cell in row.values.items() if earlier[name] != cell]
    wanted.problems.add(
        "conflict",
        f"{row['id']!r} stands in row {earlier.line} with another {', '.join(differing)}",
        line=row.line,
        field=differing[0],
        expected="each source row once",
        remedy="remove one of the two rows of the file",
    )
