"""Brings a ledger of an older format up to the newest one, in one transaction.

Alembic runs the steps; each format's step is a module in ``migrations/versions`` whose revision is
the format's number. A ledger says its format in the table ``alembic_version``, and SQLite files
also in ``PRAGMA user_version``, by which the first release knows that a file is newer than itself.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from forecast.errors import LedgerError
from forecast.evidence.ledger.connection import Database
from forecast.evidence.ledger.tables import FORMAT

# One number for all: whoever makes the tables on a server is alone with it.
_SERVER_LOCK = 4_021_622
_FIRST = {"seq", "kind", "record_id", "target_seq", "known_at", "recorded_at", "content"}


def bring_up(database: Database) -> None:
    """Make the tables of a new ledger, or bring those of an older one up to the newest format.

    Raises
    ------
    LedgerError
        If the format is newer than this program, or the tables are not a ledger's.
    """
    if format_of(database) == FORMAT:
        return
    with database.transaction(write=True) as connection:
        if database.place.on_server:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SERVER_LOCK)))
            # Making one needs a right that whoever made it for us may not have given.
            if not sa.inspect(connection).has_schema(database.place.schema):
                connection.execute(sa.schema.CreateSchema(database.place.schema))
        # Another process may have done it while this one waited.
        held = _format(connection, database)
        if held < FORMAT:
            run(connection, held)
            if not database.place.on_server:
                connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")


def format_of(database: Database) -> int:
    """Return the format of the ledger that a database holds, 0 where it holds none."""
    with database.transaction() as connection:
        return _format(connection, database)


def _format(connection: sa.Connection, database: Database) -> int:
    """Return the format of what is there: 0 for nothing yet."""
    tables = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in tables:
        query = sa.text("SELECT version_num FROM alembic_version")
        version = str(connection.execute(query).scalar_one_or_none() or "")
        if not version.isdecimal():
            raise _foreign(database, f"it has the unknown format {version!r}")
        held = int(version)
    elif "entries" in tables:
        columns = {column["name"] for column in sa.inspect(connection).get_columns("entries")}
        if not columns >= _FIRST:
            raise _foreign(database, "its table 'entries' is not a ledger's")
        held = 1
    else:
        held = 0
    if not database.place.on_server:
        marked = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        held = marked if marked > FORMAT else held
    if held > FORMAT:
        raise LedgerError(
            f"format {held} is newer than this program",
            where=database.place.shown,
            expected=f"format {FORMAT} or older",
            remedy="update the program",
        )
    return held


def run(connection: sa.Connection, held: int, *, target: int = FORMAT) -> None:
    """Take a ledger from one format to another within the transaction of a connection."""
    # Loaded only here: a ledger that is up to date costs no import of Alembic.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "forecast.evidence.ledger:migrations")
    scripts = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: object) -> Any:
        return scripts._upgrade_revs(str(target), revision)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=str(target)) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        context = environment.get_context()
        if held == 1 and not context.get_current_heads():
            # The first release wrote no table of versions.
            context.stamp(scripts, "1")
        environment.run_migrations()


def _foreign(database: Database, what: str) -> LedgerError:
    return LedgerError(
        what,
        where=database.place.shown,
        expected="a ledger that this program made, or an empty place",
        remedy="name another place for the ledger",
    )
