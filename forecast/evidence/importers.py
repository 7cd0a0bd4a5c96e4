"""Brings a CSV file of evidence into the ledger: whole, or not at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Problem, ProblemsError
from forecast.evidence.check import read_record
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import COLUMNS, Record
from forecast.study.csvfile import read_csv
from forecast.study.models import Study
from forecast.study.problems import Collector


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or would do where ``dry_run`` is set.

    ``announced`` counts the new records that were known before their event; ``warnings`` names
    records that look like one event told by several sources without a common cluster.
    """

    file: str
    added: int
    already_known: int
    superseded: int
    blank_rows: int
    announced: int
    warnings: tuple[Problem, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class EvidenceFile:
    """The records of a file with the lines they stand on, and what is wrong with it."""

    records: tuple[tuple[int, Record], ...]
    blank_rows: int
    problems: tuple[Problem, ...]


def read_evidence(study: Study, file: Path, *, encoding: str = "utf-8") -> EvidenceFile:
    """Return the records of a CSV file, checked against a study, and everything wrong with it."""
    out = Collector(file.name)
    table = read_csv(file, COLUMNS, out=out, encoding=encoding)
    records: list[tuple[int, Record]] = []
    first: dict[str, tuple[int, Record]] = {}
    for row in table.rows:
        record = read_record(row, study, out)
        if record is None:
            continue
        line, earlier = first.setdefault(record.id, (row.line, record))
        if earlier.content_hash != record.content_hash:
            out.add(
                "conflict",
                f"{record.id!r} stands in line {line} with other content",
                line=row.line,
                field="id",
                expected="each id once",
                remedy="give this row an id of its own, or remove one of the two",
            )
        records.append((row.line, record))
    _warn_of_same_events(records, out)
    return EvidenceFile(tuple(records), table.blank_rows, tuple(out.problems))


def check_csv(study: Study, file: Path, *, encoding: str = "utf-8") -> list[Problem]:
    """Return everything that is wrong with a CSV file of evidence."""
    return list(read_evidence(study, file, encoding=encoding).problems)


def import_csv(
    ledger: Ledger,
    study: Study,
    file: Path,
    *,
    encoding: str = "utf-8",
    supersede: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Append the records of a CSV file to the ledger, all or none.

    Parameters
    ----------
    ledger, study
        Where the records go, and what they are checked against.
    file
        A file with the columns of ``evidence.csv``.
    encoding
        Name of its text encoding.
    supersede
        Let a row whose id is held with other content correct that record.
    dry_run
        Check and report, write nothing.

    Raises
    ------
    ProblemsError
        Listing every problem of the file; nothing of it was written.
    """
    file = Path(file)
    evidence = read_evidence(study, file, encoding=encoding)
    problems = list(evidence.problems)
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    records = [record for _, record in evidence.records]
    plan = ledger.plan(records)
    if plan.corrections and not supersede:
        raise ProblemsError(_conflicts(file.name, evidence, plan.corrections))
    if not dry_run:
        plan = ledger.append_records(records, supersede=supersede)
    new = (*plan.additions, *plan.corrections)
    return ImportReport(
        file=file.name,
        added=len(plan.additions),
        already_known=plan.already_known,
        superseded=len(plan.corrections),
        blank_rows=evidence.blank_rows,
        announced=sum(record.announced for record in new),
        warnings=tuple(problems),
        dry_run=dry_run,
    )


def _conflicts(file: str, evidence: EvidenceFile, corrections: tuple[Record, ...]) -> list[Problem]:
    out = Collector(file)
    for line, record in evidence.records:
        if record in corrections:
            out.add(
                "conflict",
                f"{record.id!r} is in the ledger with other content",
                line=line,
                field="id",
                expected="the same content, or a new id",
                remedy="give the row a new id, or import it as a correction that supersedes",
            )
    return out.problems


def _warn_of_same_events(records: list[tuple[int, Record]], out: Collector) -> None:
    """Warn of one event told by several sources without a cluster that links them.

    The panel merges such rows only inside a cluster, so they would count as often as told.
    """
    # The first record of each source, by what makes two records look like one event.
    told: dict[tuple[str, ...], dict[str, tuple[int, Record]]] = defaultdict(dict)
    for line, record in records:
        sides = (record.supporter, record.recipient)
        who = sorted(sides) if record.mutual == "1" else sides
        dated = (record.event_date, record.date_precision)
        by_source = told[(*who, record.indicator, *dated, record.value)]
        for source, (earlier, other) in by_source.items():
            linked = record.cluster and record.cluster == other.cluster
            if source != record.source_name and record.id != other.id and not linked:
                out.add(
                    "same-event",
                    f"{record.id!r} looks like {other.id!r} of line {earlier}, "
                    "told by another source",
                    line=line,
                    field="cluster",
                    expected="a common cluster if both tell of one event",
                    remedy="name one cluster in both rows, or leave them if the events differ",
                    severity="warning",
                )
                break
        by_source.setdefault(record.source_name, (line, record))
