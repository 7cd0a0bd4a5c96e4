"""The append-only ledger of evidence, in SQLite: the one module that touches the database.

Each entry is a record, a correction that supersedes one, or a retraction. It carries two clocks
(``known_at``: when the world knew; ``recorded_at``: when we wrote) and a hash over its content and
its predecessor's hash, so that no entry can change unnoticed (``forecast.evidence.integrity``).
Format: table ``entries`` as below, ``PRAGMA user_version`` 1.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import sqlalchemy as sa
from sqlalchemy import event

from forecast import clock
from forecast.errors import BusyError, EvidenceError, LedgerError
from forecast.evidence import entries as rules
from forecast.evidence.entries import GENESIS, Entry, Head, Held, Kind, Plan
from forecast.evidence.record import Record
from forecast.study.models import Study

FORMAT = 1
#: Seconds to wait for another process that writes.
PATIENCE = 30.0

_METADATA = sa.MetaData()
_ENTRIES = sa.Table(
    "entries",
    _METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False, index=True),
    sa.Column("target_seq", sa.Integer),
    sa.Column("known_at", sa.Text, nullable=False, index=True),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("chain_hash", sa.Text, nullable=False),
)


class Ledger:
    """An open ledger. Use ``Ledger.open``, as a context manager or with ``close``."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open the ledger in a file, making it and its directory where they do not exist.

        Raises
        ------
        LedgerError
            If the file is no ledger of ours, or of a newer format.
        BusyError
            If another process keeps it locked.
        """
        _refuse_url(str(path))
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        # No pool: a command opens few connections, and none may outlive its use.
        url = sa.URL.create("sqlite", database=str(path))
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        ledger = cls(engine, str(path))
        ledger._create()
        return ledger

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

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
    def head(self) -> Head:
        """The last entry's number and hash."""
        with self._connection() as connection:
            return _head(connection)

    def entries(self, *, known_by: date | None = None) -> list[Entry]:
        """Return the entries in the order of writing, or only those known by a day's end."""
        return list(self.scan(known_by=known_by))

    def scan(self, *, known_by: date | None = None) -> Iterator[Entry]:
        """Yield the entries one at a time; see ``entries``."""
        query = sa.select(_ENTRIES).order_by(_ENTRIES.c.seq)
        if known_by is not None:
            query = query.where(_ENTRIES.c.known_at <= known_by.isoformat())
        with self._connection() as connection:
            for row in connection.execute(query):
                yield Entry(**row._mapping)

    def plan(self, records: Iterable[Record]) -> Plan:
        """Return what appending records would do, without writing."""
        with self._connection() as connection:
            return rules.plan(list(records), _held(connection))

    def append_records(self, records: Iterable[Record], *, supersede: bool = False) -> Plan:
        """Append records, all or none; those held already, in any version, are passed over.

        Parameters
        ----------
        records
            Checked records.
        supersede
            Let a record whose id is held with other content correct that one.

        Returns
        -------
        Plan
            What was done.

        Raises
        ------
        EvidenceError
            If an id is held with other content and ``supersede`` is not set.
        """
        records = list(records)
        with self._connection(write=True) as connection:
            held = _held(connection)
            plan = rules.plan(records, held)
            if plan.corrections and not supersede:
                ids = ", ".join(record.id for record in plan.corrections[:5])
                raise EvidenceError(
                    f"{len(plan.corrections)} records are held with other content: {ids}",
                    where=self._name,
                    expected="new ids, or the same content",
                    remedy="supersede them if they are corrections",
                )
            drafts = [rules.draft("record", record, record.known) for record in plan.additions]
            drafts += [rules.correction(record, record.known, held) for record in plan.corrections]
            _write(connection, drafts)
        return plan

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
        with self._connection(write=True) as connection:
            draft = rules.correction(record, known_at or record.known, _held(connection))
            return _write(connection, [draft])[0]

    def retract(self, record_id: str, *, known_at: date, why: str) -> Entry:
        """Append the withdrawal of a record, which holds from ``known_at`` on.

        Raises
        ------
        EvidenceError
            If no such record is held, it is withdrawn already, or no reason is given.
        """
        with self._connection(write=True) as connection:
            draft = rules.retraction(record_id, known_at, why, _held(connection))
            return _write(connection, [draft])[0]

    def _create(self) -> None:
        with self._connection() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > FORMAT:
            raise LedgerError(
                f"format {version} is newer than this program",
                where=self._name,
                expected=f"format {FORMAT} or older",
                remedy="update the program",
            )
        if version == 0:
            with self._connection(write=True) as connection:
                _METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def _connection(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction; what the database refuses becomes our own error."""
        try:
            with (
                self._engine.connect().execution_options(ledger_write=write) as connection,
                connection.begin(),
            ):
                yield connection
        except sa.exc.OperationalError as error:
            if "locked" not in str(error.orig) and "busy" not in str(error.orig):
                raise self._refusal(error) from error
            raise BusyError(
                "another process holds the ledger",
                where=self._name,
                expected=f"it to be free within {PATIENCE:g} s",
                remedy="wait for the other process, and try again",
            ) from error
        except sa.exc.DBAPIError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: sa.exc.DBAPIError) -> LedgerError:
        return LedgerError(
            f"the ledger cannot be used: {error.orig}",
            where=self._name,
            expected="a ledger that this program made, in a place that can be written",
            remedy="check the file and its rights, or restore a backup",
        )


def ledger_path(study: Study) -> Path:
    """Return where a study keeps its ledger; a relative place is counted from its directory.

    Raises
    ------
    LedgerError
        If the study asks for a database server.
    """
    _refuse_url(study.ledger_url or "")
    return study.directory / (study.ledger_url or ".forecast/ledger.db")


def _refuse_url(place: str) -> None:
    if "://" in place:
        raise LedgerError(
            f"{place.split(':')[0]!r} ledgers are not supported",
            where=place,
            expected="a path to an SQLite file",
            remedy="remove 'ledger' from study.toml, or give a path",
        )


def _prepare(connection: Any, _record: Any) -> None:
    """Make a new SQLite connection wait for others, write ahead, and leave BEGIN to us."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    connection.execute("PRAGMA synchronous = FULL")
    # A damaged text must reach the check of its hash, not fail to be read.
    connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
    deadline = time.monotonic() + PATIENCE
    # Switching to WAL does not wait by itself while another process switches too.
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except connection.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin(connection: sa.Connection) -> None:
    # A writer takes the lock at once: one that reads first could lose it to another between.
    write = connection.get_execution_options().get("ledger_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _head(connection: sa.Connection) -> Head:
    query = sa.select(_ENTRIES.c.seq, _ENTRIES.c.chain_hash).order_by(_ENTRIES.c.seq.desc())
    row = connection.execute(query.limit(1)).first()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.chain_hash)


def _held(connection: sa.Connection) -> dict[str, Held]:
    columns = _ENTRIES.c
    query = sa.select(
        columns.record_id, columns.seq, columns.known_at, columns.kind, columns.content_hash
    ).order_by(columns.seq)
    held: dict[str, Held] = {}
    for row in connection.execute(query):
        one = held.setdefault(row.record_id, Held())
        one.hashes.add(row.content_hash)
        one.seq, one.known_at, one.kind = row.seq, row.known_at, cast(Kind, row.kind)
    return held


def _write(connection: sa.Connection, drafts: Sequence[Entry]) -> list[Entry]:
    """Store entries behind the head."""
    entries = rules.chained(drafts, _head(connection), clock.now())
    if entries:
        connection.execute(sa.insert(_ENTRIES), [dict(vars(entry)) for entry in entries])
    return entries
