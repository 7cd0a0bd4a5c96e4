"""Transactions on either database, with what the database refuses said in our own words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from forecast.errors import BusyError, LedgerError
from forecast.evidence.ledger.place import Place

#: Seconds to wait for another process that writes.
PATIENCE = 60.0
# What PostgreSQL answers where a lock was not to be had in time.
_LOCK_NOT_AVAILABLE = "55P03"


class Database:
    """The connections to one ledger."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine = _server_engine(place) if place.on_server else _file_engine(place)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction that ends with the block, whole or not at all.

        A reader sees the ledger as it was when it began. A writer is alone from the beginning, so
        that the head which it reads stays the head.

        Raises
        ------
        BusyError
            If another process kept the ledger locked for too long.
        LedgerError
            If the database refuses.
        """
        options: dict[str, Any] = {"ledger_write": write}
        if self.place.on_server:
            options["isolation_level"] = "READ COMMITTED" if write else "REPEATABLE READ"
        try:
            with (
                self.engine.connect().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        except sa.exc.DBAPIError as error:
            raise self._translated(error) from error

    def _translated(self, error: sa.exc.DBAPIError) -> LedgerError | BusyError:
        said = " ".join(str(error.orig).split())
        locked = not self.place.on_server and ("locked" in said or "busy" in said)
        if locked or getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            return BusyError(
                "another process holds the ledger",
                where=self.place.shown,
                expected=f"it to be free within {PATIENCE:g} s",
                remedy="wait for the other process, and try again",
            )
        if self.place.on_server:
            return LedgerError(
                f"the ledger's server refuses: {said}",
                where=self.place.shown,
                expected="a server that answers, and a database in which we may make a schema",
                remedy="check the server, the URL, and PGPASSWORD or ~/.pgpass",
            )
        return LedgerError(
            f"the ledger cannot be used: {said}",
            where=self.place.shown,
            expected="a ledger that this program made, in a place that can be written",
            remedy="check the file and its rights, or restore a backup",
        )


def _file_engine(place: Place) -> sa.Engine:
    # No pool: a command opens few connections, and none may outlive its use.
    engine = sa.create_engine(place.url, poolclass=sa.NullPool)
    event.listen(engine, "connect", _prepare_file)
    event.listen(engine, "begin", _begin_on_file)
    return engine


def _prepare_file(connection: Any, _record: Any) -> None:
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


def _begin_on_file(connection: sa.Connection) -> None:
    # A writer takes the lock at once: one that reads first could lose it to another between.
    write = connection.get_execution_options().get("ledger_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _server_engine(place: Place) -> sa.Engine:
    settings = f"-c search_path={place.schema} -c lock_timeout={int(PATIENCE * 1000)}"
    given = place.url.query.get("options", "")
    # Two connections stay open while the ledger is: a new one costs more than an append.
    try:
        return sa.create_engine(
            place.url.difference_update_query(["options"]),
            connect_args={"options": f"{given} {settings}".strip(), "connect_timeout": 10},
            pool_size=2,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise LedgerError(
            "ledgers on a PostgreSQL server need the package psycopg",
            where=place.shown,
            expected="psycopg 3.2 or newer",
            remedy="pip install 'alignment-forecast[postgres]'",
        ) from error
