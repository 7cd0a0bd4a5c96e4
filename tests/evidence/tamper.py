"""Reaches into a ledger behind its back."""

from __future__ import annotations

import sqlalchemy as sa

from forecast.evidence.ledger import Place
from forecast.evidence.ledger.connection import Database


def execute(home: str, statement: str) -> None:
    """Run one statement on a ledger's database and commit it."""
    database = Database(Place.at(home))
    with database.transaction(write=True) as connection:
        connection.exec_driver_sql(statement)
    database.close()


def overwrite(home: str, column: str, seq: int, data: bytes) -> None:
    """Put bytes in the place of a text; as characters on PostgreSQL, which holds only UTF-8."""
    database = Database(Place.at(home))
    value: object = data
    if database.place.on_server:
        value = data.decode("latin-1").replace("\0", "\1")
    with database.transaction(write=True) as connection:
        statement = f"UPDATE entries SET {column} = CAST(:data AS TEXT) WHERE seq = :seq"
        connection.execute(sa.text(statement), {"data": value, "seq": seq})
    database.close()


def cell(home: str, column: str, seq: int) -> object:
    """Return one cell of the table of entries."""
    database = Database(Place.at(home))
    with database.transaction() as connection:
        query = sa.text(f"SELECT {column} FROM entries WHERE seq = :seq")
        found = connection.execute(query, {"seq": seq}).scalar_one()
    database.close()
    return found
