"""Brings a table of evidence into the ledger: whole, or not at all.

The table is read once and checked row by row; what is sound waits in a temporary file. Only where
every row is sound is the ledger locked and the waiting rows appended, so that a long import holds
nobody up while it reads, and takes little memory.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import batched
from pathlib import Path
from typing import IO

from forecast import clock
from forecast.errors import Problem, ProblemsError
from forecast.evidence.check import Checker
from forecast.evidence.checks import check_records
from forecast.evidence.duplicates import Proposal, Told, proposals, told
from forecast.evidence.entries import ConflictError, Entry, draft
from forecast.evidence.export import without_apostrophes
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import COLUMNS, Record
from forecast.evidence.tables import open_table
from forecast.evidence.vintage import read_as_of, record_of, standing
from forecast.study.models import Study
from forecast.study.problems import Collector, Row

#: Errors after which the reading of a file stops: nobody reads more of them.
ENOUGH = 1_000
#: New records up to which those held are searched for twins; beyond, the file's own alone.
_FEW = 20_000
#: Proposals of clusters that a report lists.
_SHOWN = 50
_BLOCK = 2_000
#: What is known of an entry before it is numbered and chained.
_FIELDS = ("kind", "record_id", "known_at", "content", "content_hash", "pair", "indicator")


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or would do where ``dry_run`` is set.

    ``announced`` counts the records that were known before their event; ``pending`` those that wait
    for review; ``warnings`` names records that look like one event told by several sources without
    a common cluster; ``outdated`` counts rows that are held as a version that was corrected,
    withdrawn or disputed since, and change nothing; ``corrected`` names the records that were held
    with other content; ``skipped`` the
    rows of a public data set that are not evidence for this study, by reason; ``notes`` what else
    is to be known of it.
    """

    file: str
    added: int
    already_known: int
    superseded: int
    blank_rows: int
    announced: int
    pending: int = 0
    warnings: tuple[Problem, ...] = ()
    outdated: int = 0
    corrected: tuple[str, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass
class _Waiting:
    """Sound rows on their way into the ledger, and what must be known of all of them."""

    file: IO[bytes]
    out: Collector
    lines: dict[str, tuple[int, str]] = field(default_factory=dict)
    twins: list[Told] = field(default_factory=list)
    announced: set[str] = field(default_factory=set)
    known_last: str = ""
    pairs: set[str] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)

    def note(self, line: int, record: Record, entry: Entry) -> None:
        """Remember a record, and note one whose id came before with other content."""
        first, content_hash = self.lines.setdefault(record.id, (line, entry.content_hash))
        if content_hash != entry.content_hash:
            self.out.add(
                "conflict",
                f"{record.id!r} stands in line {first} with other content",
                line=line,
                field="id",
                expected="each id once",
                remedy="give this row an id of its own, or remove one of the two",
            )
        self.known_last = max(self.known_last, entry.known_at)
        if record.announced:
            self.announced.add(record.id)
        self.pairs.update((entry.pair, record.pair.reverse.label))
        self.indicators.add(entry.indicator)

    def drafts(self) -> Iterator[Entry]:
        """Yield the entries that wait, from the beginning."""
        self.file.seek(0)
        while True:
            try:
                block = marshal.load(self.file)
            except EOFError:
                return
            for cells in block:
                yield Entry(**dict(zip(_FIELDS, cells, strict=True)))


def check_table(
    study: Study, file: Path, *, encoding: str = "utf-8", today: date | None = None
) -> list[Problem]:
    """Return everything that is wrong with a table of evidence.

    Parameters
    ----------
    today
        Also look at all records together, and for dates yet to come.
    """
    out = Collector(file.name)
    rows = open_table(file, COLUMNS, out=out, encoding=encoding)
    records = list(_checked(study, rows, out, today))
    with closing(tempfile.TemporaryFile()) as place:
        waiting = _Waiting(place, out)
        _gather(study, records, waiting, "", lambda count: None)
    problems = [*out.problems, *_warnings(file.name, proposals(waiting.twins))]
    if today is not None and not out.errors:
        lines = {record.id: line for line, record in reversed(records)}
        once = list({record.id: record for _, record in records}.values())
        problems += check_records(study, once, today=today, file=file.name, lines=lines)
    return problems


def check_ledger(
    ledger: Ledger, study: Study, *, today: date, file: Path | None = None
) -> list[Problem]:
    """Return what is wrong with the records that stand in a ledger, of the study's pairs.

    Parameters
    ----------
    file
        A table whose records should be in the ledger; those that are not are named.
    """
    records = read_as_of(ledger, date.max, pairs=study.pairs).records
    twins = (told(one, study.indicators.get(one.indicator)) for one in records)
    found = proposals(filter(None, twins))
    problems = [*check_records(study, records, today=today), *_warnings("ledger", found)]
    if file is not None and file.exists():
        problems += _not_imported(ledger, study, file)
    return problems


def _not_imported(ledger: Ledger, study: Study, file: Path) -> list[Problem]:
    """Return what is wrong with a table, and how many of its records the ledger lacks."""
    out = Collector(file.name)
    rows = open_table(file, COLUMNS, out=out, encoding="utf-8")
    records = list(_checked(study, rows, out, None))
    held = ledger.held([record.id for _, record in records])
    absent = [(line, record.id) for line, record in records if record.id not in held]
    if absent:
        out.add(
            "not-imported",
            f"{len(absent)} records are not in the ledger, the first {absent[0][1]!r}",
            line=absent[0][0],
            field="id",
            expected="records that the ledger holds, too: fits read the ledger alone",
            remedy=f"take them in with 'forecast evidence import STUDY {file}'",
            severity="warning",
        )
    return out.problems


def import_table(
    ledger: Ledger,
    study: Study,
    file: Path,
    *,
    encoding: str = "utf-8",
    supersede: bool = False,
    proposer: str = "",
    dry_run: bool = False,
    advance: Callable[[int], None] = lambda count: None,
) -> ImportReport:
    """Append the records of a table to the ledger, all or none.

    Parameters
    ----------
    ledger, study
        Where the records go, and what they are checked against.
    file
        A CSV, XLSX, Parquet or JSON-lines file with the columns of ``evidence.csv``.
    encoding
        Name of the text encoding of a CSV file.
    supersede
        Let a row whose id is held with other content correct that record.
    proposer
        Who proposes the records: they count only once somebody else accepts them.
    dry_run
        Check and report, write nothing.
    advance
        Told how many more rows were read.

    Raises
    ------
    ProblemsError
        Listing every problem of the file; nothing of it was written.
    """
    file = Path(file)
    out = Collector(file.name)
    rows = open_table(file, COLUMNS, out=out, encoding=encoding)
    report = import_rows(
        ledger,
        study,
        rows,
        out=out,
        supersede=supersede,
        proposer=proposer,
        dry_run=dry_run,
        advance=advance,
    )
    return replace(report, blank_rows=rows.blank_rows)


def import_rows(
    ledger: Ledger,
    study: Study,
    rows: Iterable[Row],
    *,
    out: Collector,
    supersede: bool = False,
    proposer: str = "",
    dry_run: bool = False,
    advance: Callable[[int], None] = lambda count: None,
) -> ImportReport:
    """Append the records of rows, wherever they come from; see ``import_table``.

    Problems that the reading of the rows notes in ``out`` stop the import like those of the rows.
    """
    with closing(tempfile.TemporaryFile()) as file:
        waiting = _Waiting(file, out)
        records = _checked(study, _as_exported(ledger, rows), out, clock.today())
        _gather(study, records, waiting, proposer, advance)
        if out.errors:
            raise ProblemsError(out.problems)
        # Looked at before anything is written: damage elsewhere must not follow a success.
        held = list(_held_twins(ledger, study, waiting)) if len(waiting.lines) <= _FEW else []
        try:
            tally = ledger.append(waiting.drafts(), supersede=supersede, dry_run=dry_run)
        except ConflictError as error:
            raise ProblemsError(_conflicts(out.file, waiting, error.ids)) from error
    new = tally.added + len(tally.corrected)
    found = proposals([*waiting.twins, *held], among=waiting.lines) if new else ()
    return ImportReport(
        file=out.file,
        added=tally.added,
        already_known=tally.already_known,
        superseded=len(tally.corrected),
        blank_rows=0,
        notes=_after_as_of(study, waiting) if new else (),
        announced=len(waiting.announced.difference(tally.known, tally.outdated)),
        pending=new if proposer else 0,
        warnings=(*out.problems, *_warnings(out.file, found)),
        outdated=len(tally.outdated),
        corrected=tally.corrected,
        dry_run=dry_run,
    )


def _as_exported(ledger: Ledger, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows, those that our own CSV export made safe as they are held in the ledger."""
    for row in rows:
        bare = without_apostrophes(row.values)
        if bare is not None:
            held = {entry.content_hash for entry in ledger.entries(record_id=row["id"])}
            if Record.from_columns(bare, 0.0).content_hash in held:
                yield Row(row.line, bare)
                continue
        yield row


def _checked(
    study: Study, rows: Iterable[Row], out: Collector, today: date | None
) -> Iterator[tuple[int, Record]]:
    """Yield the sound records of rows with their lines; stop once there are errors enough."""
    checker = Checker(study, today=today)
    for row in rows:
        record = checker.read(row, out)
        if record is not None:
            yield row.line, record
        elif out.errors >= ENOUGH:
            out.add(
                "too-many",
                f"{out.errors} errors so far; reading stopped here",
                line=row.line,
                expected="a table of sound rows",
                remedy="mend what is listed, and try again",
            )
            return


def _gather(
    study: Study,
    records: Iterable[tuple[int, Record]],
    waiting: _Waiting,
    proposer: str,
    advance: Callable[[int], None],
) -> None:
    """Let the drafts of records wait."""
    keys: dict[tuple[str, ...], tuple[str, ...]] = {}
    for block in batched(records, _BLOCK):
        marshalled = []
        for line, record in block:
            entry = draft(record, proposer=proposer)
            waiting.note(line, record, entry)
            twin = told(record, study.indicators.get(record.indicator), line)
            if twin is not None:
                waiting.twins.append(replace(twin, key=keys.setdefault(twin.key, twin.key)))
            marshalled.append(tuple(getattr(entry, name) for name in _FIELDS))
        marshal.dump(marshalled, waiting.file)
        advance(len(block))


def _after_as_of(study: Study, waiting: _Waiting) -> tuple[str, ...]:
    day = study.default_as_of
    if day is None or waiting.known_last <= day.isoformat():
        return ()
    return (
        f"some of this became known after {day}, the as_of of study.toml: runs see it with a later "
        "--as-of, or once as_of is raised",
    )


def _held_twins(ledger: Ledger, study: Study, waiting: _Waiting) -> Iterator[Told]:
    """Yield what is held of the pairs and indicators of some new records."""
    state = standing(ledger.scan(pairs=waiting.pairs, indicators=waiting.indicators))
    for record_id, entry in state.newest.items():
        if record_id not in waiting.lines and entry.pair in waiting.pairs:
            twin = told(record_of(entry), study.indicators.get(entry.indicator))
            if twin is not None:
                yield twin


def _conflicts(file: str, waiting: _Waiting, ids: tuple[str, ...]) -> list[Problem]:
    out = Collector(file)
    for record_id in ids[:ENOUGH]:
        out.add(
            "conflict",
            f"{record_id!r} is in the ledger with other content",
            line=waiting.lines[record_id][0],
            field="id",
            expected="the same content, or a new id",
            remedy="give the row a new id, or import it as a correction with --supersede",
        )
    return out.problems


def _warnings(file: str, found: Iterable[Proposal]) -> list[Problem]:
    """Warn of one event told by several sources without a cluster that links them.

    The panel merges such rows only inside a cluster, so they would count as often as told.
    """
    out = Collector(file)
    more = 0
    for proposal in found:
        if len(out.problems) >= _SHOWN:
            more += 1
            continue
        names = " and ".join(
            f"{one.id!r} of {f'line {one.line}' if one.line else 'the ledger'}"
            for one in proposal.records[:4]
        )
        rest = len(proposal.records) - 4
        out.add(
            "same-event",
            f"{names}{f' and {rest} more' if rest > 0 else ''} may tell of one event",
            line=max(one.line for one in proposal.records) or None,
            field="cluster",
            expected="a common cluster if they tell of one event",
            remedy=f"name one cluster in all, such as {proposal.name!r}, or leave them if the "
            "events differ",
            severity="warning",
        )
    if more:
        out.add(
            "same-event",
            f"{more} more groups of records may each tell of one event",
            field="cluster",
            expected="a common cluster in each group",
            remedy="see 'forecast evidence cluster STUDY'",
            severity="warning",
        )
    return out.problems
