"""The ledger itself: what may be asked of it, and what may be appended."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from itertools import batched
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from forecast import clock
from forecast.errors import EvidenceError
from forecast.evidence import entries as rules
from forecast.evidence.entries import (
    GENESIS,
    ConflictError,
    Entry,
    Head,
    Held,
    Tally,
    Verdict,
)
from forecast.evidence.ledger.connection import Database
from forecast.evidence.ledger.migrate import bring_up
from forecast.evidence.ledger.place import Place
from forecast.evidence.ledger.tables import ENTRIES
from forecast.evidence.record import Record

# Entries looked up, chained and written at a time: bounds the memory of any import.
_BATCH = 2_000
_FIELDS = tuple(column.name for column in ENTRIES.columns)


class Ledger:
    """An open ledger. Use ``Ledger.open``, as a context manager or with ``close``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, place: Place | Path | str) -> Self:
        """Open a ledger, making it where it does not exist and bringing an older one up to date.

        Parameters
        ----------
        place
            A file, the URL of a PostgreSQL database, or what ``ledger_place`` returned.

        Raises
        ------
        LedgerError
            If what is there is no ledger of ours, or of a newer format, or cannot be reached.
        BusyError
            If another process keeps it locked.
        """
        if not isinstance(place, Place):
            place = Place.at(place)
        if not place.on_server:
            place.file.parent.mkdir(parents=True, exist_ok=True)
        database = Database(place)
        try:
            bring_up(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Let go of the file or the server."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The place, as people may read it."""
        return self._database.place.shown

    @property
    def head(self) -> Head:
        """The last entry's number and hash."""
        with self._database.transaction() as connection:
            return _head(connection)

    def entries(self, *, known_by: date | None = None, record_id: str | None = None) -> list[Entry]:
        """Return the entries in the order of writing: all, those known by a day, or of a record."""
        return list(self.scan(known_by=known_by, record_id=record_id))

    def scan(
        self,
        *,
        known_by: date | None = None,
        record_id: str | None = None,
        pairs: Collection[str] | None = None,
        indicators: Collection[str] | None = None,
    ) -> Generator[Entry]:
        """Yield entries one at a time in the order of writing.

        Parameters
        ----------
        known_by
            Only those known by the end of this day.
        record_id
            Only those of this record.
        pairs
            Only records of these pairs, and every correction, retraction and review: a correction
            may move a record from one pair to another.
        indicators
            Likewise, records of these indicators alone.
        """
        columns = ENTRIES.c
        query = sa.select(ENTRIES).order_by(columns.seq)
        if known_by is not None:
            query = query.where(columns.known_at <= known_by.isoformat())
        if record_id is not None:
            query = query.where(columns.record_id == record_id)
        if pairs is not None:
            query = query.where(columns.pair.in_(sorted(pairs)) | (columns.kind != "record"))
        if indicators is not None:
            named = columns.indicator.in_(sorted(indicators))
            query = query.where(named | (columns.kind != "record"))
        # A server's cursor must be closed even where the reader stops half-way.
        with (
            self._database.transaction() as connection,
            closing(connection.execution_options(yield_per=_BATCH).execute(query)) as found,
        ):
            for row in found:
                yield Entry(**dict(zip(_FIELDS, row, strict=True)))

    def count_elsewhere(self, pairs: Collection[str], *, known_by: date) -> int:
        """Return how many records of other pairs were known by the end of a day."""
        columns = ENTRIES.c
        query = sa.select(sa.func.count()).where(
            columns.kind == "record",
            columns.known_at <= known_by.isoformat(),
            columns.pair.not_in(sorted(pairs)),
        )
        with self._database.transaction() as connection:
            return int(connection.execute(query).scalar_one())

    def plan(self, records: Iterable[Record]) -> Tally:
        """Return what appending records would do, without writing."""
        with self._database.transaction() as connection:
            drafts = map(rules.draft, records)
            return _append(connection, drafts, supersede=True, write=False)

    def append_records(
        self, records: Iterable[Record], *, supersede: bool = False, proposer: str = ""
    ) -> Tally:
        """Append records, all or none; those held already, in any version, are passed over.

        Parameters
        ----------
        records
            Checked records.
        supersede
            Let a record whose id is held with other content correct that one.
        proposer
            Who proposes them: they count only once somebody else accepts them.

        Returns
        -------
        Tally
            What was done.

        Raises
        ------
        ConflictError
            If an id is held with other content and ``supersede`` is not set.
        EvidenceError
            If an id comes twice with different content, or a correction would be known before what
            it corrects.
        """
        drafts = (rules.draft(record, proposer=proposer) for record in records)
        return self.append(drafts, supersede=supersede)

    def append(
        self, drafts: Iterable[Entry], *, supersede: bool = False, dry_run: bool = False
    ) -> Tally:
        """Append drafts of ``forecast.evidence.entries.draft``; see ``append_records``.

        They are taken a few thousand at a time, so any number fits into memory. A dry run returns
        the same tally and raises the same errors, and writes nothing.
        """
        begin = self._database.transaction if dry_run else self._writing
        with begin() as connection:
            tally = _append(connection, drafts, supersede=supersede, write=not dry_run)
            if tally.corrected and not supersede:
                # Leaving the block by an error takes back what was written.
                raise ConflictError(tally.corrected, self.name)
        return tally

    def supersede(self, record: Record, *, known_at: date | None = None) -> Entry:
        """Append a correction of the record with the same id, known from its own date on.

        Parameters
        ----------
        record
            The record as it should read.
        known_at
            When the correction became known; the record's own ``known_at`` unless told.

        Raises
        ------
        EvidenceError
            If no such record is held, or the correction would be known before what it corrects.
        """
        return self.supersede_all([record], known_at=known_at)[0]

    def supersede_all(
        self, records: Iterable[Record], *, known_at: date | None = None
    ) -> list[Entry]:
        """Append corrections of several records, all or none; see ``supersede``."""
        written: list[Entry] = []
        with self._writing() as connection:
            for record in records:
                held = _held(connection, [record.id]).get(record.id)
                draft = rules.correction(record, known_at or record.known, held)
                written.append(_write_one(connection, draft))
        return written

    def retract(self, record_id: str, *, known_at: date, why: str) -> Entry:
        """Append the withdrawal of a record, which holds from ``known_at`` on.

        Raises
        ------
        EvidenceError
            If no such record is held, it is withdrawn already, or no reason is given.
        """
        with self._writing() as connection:
            held = _held(connection, [record_id]).get(record_id)
            return _write_one(connection, rules.retraction(record_id, known_at, why, held))

    def review(self, record_id: str, verdict: Verdict, *, by: str, why: str = "") -> Entry:
        """Append what another person than its proposer says of a proposed record.

        Raises
        ------
        EvidenceError
            If nothing waits for review under this id, its own proposer reviews it, or a dispute
            gives no reason.
        """
        with self._writing() as connection:
            held = _held(connection, [record_id]).get(record_id)
            return _write_one(connection, rules.review(record_id, verdict, by, why, held))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Yield a connection that alone may append until the block ends."""
        with self._database.transaction(write=True) as connection:
            # An SQLite writer is alone already; on a server, readers go on meanwhile.
            if self._database.place.on_server:
                connection.execute(sa.text("LOCK TABLE entries IN EXCLUSIVE MODE"))
            yield connection


def _head(connection: sa.Connection) -> Head:
    query = sa.select(ENTRIES.c.seq, ENTRIES.c.chain_hash).order_by(ENTRIES.c.seq.desc())
    row = connection.execute(query.limit(1)).first()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.chain_hash)


def _held(connection: sa.Connection, ids: Collection[str]) -> dict[str, Held]:
    query = sa.select(ENTRIES).where(ENTRIES.c.record_id.in_(ids)).order_by(ENTRIES.c.seq)
    held: dict[str, Held] = {}
    for row in connection.execute(query):
        entry = Entry(**dict(zip(_FIELDS, row, strict=True)))
        proposer = _proposer(entry.content) if entry.kind == "propose" else ""
        held.setdefault(entry.record_id, Held()).follow(entry, proposer=proposer)
    return held


def _proposer(content: str) -> str:
    return str(json.loads(content).get("proposed_by", ""))


def _append(
    connection: sa.Connection, drafts: Iterable[Entry], *, supersede: bool, write: bool
) -> Tally:
    head = start = _head(connection)
    recorded_at = clock.now().isoformat()
    added = repeated = 0
    known: list[str] = []
    corrected: list[str] = []
    for batch in batched(drafts, _BATCH):
        held = _held(connection, [one.record_id for one in batch])
        news: dict[str, Entry] = {}
        for one in batch:
            before = held.get(one.record_id)
            twin = news.get(one.record_id)
            if before is not None and one.content_hash in before.hashes:
                if before.newest > start.seq:
                    repeated += 1
                else:
                    known.append(one.record_id)
                continue
            if twin is not None and twin.content_hash == one.content_hash:
                repeated += 1
                continue
            if twin is not None or (before is not None and before.newest > start.seq):
                raise EvidenceError(
                    f"{one.record_id!r} comes twice with different content",
                    expected="each id once",
                    remedy="give one of the two an id of its own",
                )
            if before is None:
                added += 1
                news[one.record_id] = one
            else:
                corrected.append(one.record_id)
                if supersede:
                    news[one.record_id] = rules.following(one, before)
        if write:
            head = _write(connection, news.values(), head, recorded_at)
    return Tally(added, tuple(known), repeated, tuple(corrected))


def _write_one(connection: sa.Connection, draft: Entry) -> Entry:
    (entry,) = rules.chained([draft], _head(connection), clock.now().isoformat())
    _insert(connection, [entry])
    return entry


def _write(
    connection: sa.Connection, drafts: Iterable[Entry], head: Head, recorded_at: str
) -> Head:
    """Store entries behind the head; return the new one."""
    entries = list(rules.chained(drafts, head, recorded_at))
    if not entries:
        return head
    _insert(connection, entries)
    return Head(entries[-1].seq, entries[-1].chain_hash)


def _insert(connection: sa.Connection, entries: list[Entry]) -> None:
    rows = [{name: getattr(entry, name) for name in _FIELDS} for entry in entries]
    connection.execute(sa.insert(ENTRIES), rows)
