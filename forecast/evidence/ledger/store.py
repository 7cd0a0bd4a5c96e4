"""The ledger itself: what may be asked of it, and what may be appended."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from itertools import batched
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

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
    Kind,
    Reason,
    Tally,
    Verdict,
)
from forecast.evidence.ledger.connection import Database
from forecast.evidence.ledger.migrate import bring_up, format_of
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
        self._moment: sa.Connection | None = None

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

    @staticmethod
    def format_at(place: Place) -> int:
        """Return the format of the ledger at a place, 0 where there is none; nothing is made.

        Raises
        ------
        LedgerError
            If what is there is no ledger of ours, or of a newer format, or cannot be reached.
        """
        if not place.on_server and not place.file.is_file():
            return 0
        database = Database(place)
        try:
            return format_of(database)
        finally:
            database.close()

    @property
    def name(self) -> str:
        """The place, as people may read it."""
        return self._database.place.shown

    @property
    def head(self) -> Head:
        """The last entry's number and hash."""
        with self._reading() as connection:
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
        until: int | None = None,
    ) -> Generator[Entry]:
        """Yield entries one at a time in the order of writing.

        Parameters
        ----------
        known_by
            Only those known by the end of this day.
        record_id
            Only those of this record.
        pairs
            Only records of these pairs, and all entries of every record that was ever corrected,
            withdrawn or proposed: a correction may move a record from one pair to another.
        indicators
            Likewise, records of these indicators alone.
        until
            Only entries up to this number: the ledger as it stood then.
        """
        columns = ENTRIES.c
        query = sa.select(ENTRIES).order_by(columns.seq)
        if known_by is not None:
            query = query.where(columns.known_at <= known_by.isoformat())
        if record_id is not None:
            query = query.where(columns.record_id == record_id)
        if pairs is not None:
            query = query.where(columns.pair.in_(sorted(pairs)) | _changed())
        if indicators is not None:
            named = columns.indicator.in_(sorted(indicators))
            query = query.where(named | _changed())
        if until is not None:
            query = query.where(columns.seq <= until)
        # A server's cursor must be closed even where the reader stops half-way.
        with (
            self._reading() as connection,
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
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def number_of(self, chain_hash: str) -> int | None:
        """Return the number of the entry with this chain hash, or None where there is none."""
        query = sa.select(ENTRIES.c.seq).where(ENTRIES.c.chain_hash == chain_hash)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else int(found)

    def newest_known(self, pairs: Collection[str], *, by: date) -> date | None:
        """Return the newest day, up to one, on which anything about these pairs became known."""
        columns = ENTRIES.c
        query = sa.select(sa.func.max(columns.known_at)).where(
            columns.pair.in_(sorted(pairs)) | _changed(), columns.known_at <= by.isoformat()
        )
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else date.fromisoformat(str(found)[:10])

    def holds(self, pairs: Collection[str]) -> bool:
        """Say whether any entry is about one of these pairs."""
        query = sa.select(ENTRIES.c.seq).where(ENTRIES.c.pair.in_(sorted(pairs))).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def held(self, ids: Iterable[str]) -> set[str]:
        """Return those of some ids under which any entry is held."""
        found: set[str] = set()
        with self._reading() as connection:
            for batch in batched(ids, _BATCH):
                query = sa.select(ENTRIES.c.record_id).where(ENTRIES.c.record_id.in_(batch))
                found.update(connection.execute(query).scalars())
        return found

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
        with self._writing(dry_run=dry_run) as connection:
            tally = _append(connection, drafts, supersede=supersede, write=not dry_run)
            if tally.corrected and not supersede:
                # Leaving the block by an error takes back what was written.
                raise ConflictError(tally.corrected, self.name)
        return tally

    def supersede(
        self, record: Record, *, known_at: date | None = None, dry_run: bool = False
    ) -> Entry:
        """Append a correction of the record with the same id, known from its own date on.

        Parameters
        ----------
        record
            The record as it should read.
        known_at
            When the correction became known; the record's own ``known_at`` unless told.
        dry_run
            Return what would be written, with all that may be wrong with it, and write nothing.

        Raises
        ------
        EvidenceError
            If no such record is held, or the correction would be known before what it corrects.
        """
        return self.supersede_all([record], known_at=known_at, dry_run=dry_run)[0]

    def supersede_all(
        self, records: Iterable[Record], *, known_at: date | None = None, dry_run: bool = False
    ) -> list[Entry]:
        """Append corrections of several records, all or none; see ``supersede``."""
        written: list[Entry] = []
        with self._writing(dry_run=dry_run) as connection:
            for record in records:
                held = _held(connection, [record.id]).get(record.id)
                draft = rules.correction(record, known_at or record.known, held)
                written.append(draft if dry_run else _write_one(connection, draft))
        return written

    def retract(
        self,
        record_id: str,
        *,
        known_at: date,
        why: str,
        reason: Reason = "false",
        dry_run: bool = False,
    ) -> Entry:
        """Append the withdrawal of a record, which holds from ``known_at`` on.

        Parameters
        ----------
        why
            In words.
        reason
            ``false`` where the report was not true: it then speaks against its grade. ``slip``
            where it was coded wrongly, ``duplicate`` where another record tells the same.
        dry_run
            Return what would be written, and write nothing.

        Raises
        ------
        EvidenceError
            If no such record is held, it is withdrawn already, or no reason is given.
        """
        with self._writing() as connection:
            held = _held(connection, [record_id]).get(record_id)
            draft = rules.retraction(record_id, known_at, why, held, reason=reason)
            return draft if dry_run else _write_one(connection, draft)

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
    def snapshot(self) -> Iterator[None]:
        """Let all that is read in the block be of one moment, whoever appends meanwhile."""
        with self._database.transaction() as connection:
            self._moment = connection
            try:
                yield
            finally:
                self._moment = None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        if self._moment is not None:
            yield self._moment
            return
        with self._database.transaction() as connection:
            yield connection

    @contextmanager
    def _writing(self, *, dry_run: bool = False) -> Iterator[sa.Connection]:
        """Yield a connection that alone may append until the block ends."""
        if dry_run:
            with self._reading() as connection:
                yield connection
            return
        with self._database.transaction(write=True) as connection:
            # An SQLite writer is alone already; on a server, readers go on meanwhile.
            if self._database.place.on_server:
                connection.execute(sa.text("LOCK TABLE entries IN EXCLUSIVE MODE"))
            yield connection


def _changed() -> sa.ColumnElement[bool]:
    """Say of an entry that its record has others than its first."""
    # Named one by one, since an index finds what is equal and not what differs.
    later = sorted(set(get_args(Kind)) - {"record"})
    ids = sa.select(ENTRIES.c.record_id).where(ENTRIES.c.kind.in_(later))
    return ENTRIES.c.record_id.in_(ids)


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
    outdated: list[str] = []
    corrected: list[str] = []
    # What a dry run would have written, by id.
    unwritten: dict[str, str] = {}
    for batch in batched(drafts, _BATCH):
        held = _held(connection, [one.record_id for one in batch])
        news: dict[str, Entry] = {}
        for one in batch:
            before = held.get(one.record_id)
            twin = news.get(one.record_id)
            earlier = twin.content_hash if twin is not None else unwritten.get(one.record_id)
            if before is not None and before.newest > start.seq:
                earlier = before.standing or before.proposed
            if earlier == one.content_hash:
                repeated += 1
                continue
            if earlier is None and before is not None and one.content_hash in before.hashes:
                if one.content_hash == before.standing or (
                    before.waits and one.content_hash == before.proposed
                ):
                    known.append(one.record_id)
                    continue
                if not supersede or one.known_at < before.known_at:
                    outdated.append(one.record_id)
                    continue
            if earlier is not None:
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
        else:
            unwritten.update((name, one.content_hash) for name, one in news.items())
    return Tally(added, tuple(known), tuple(outdated), repeated, tuple(corrected))


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
