"""Reaches into a ledger's file behind its back."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


def execute(path: Path, statement: str, parameters: tuple[object, ...] = ()) -> None:
    """Run one statement on a ledger's file and commit it."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, parameters)


def cell(path: Path, column: str, seq: int) -> object:
    """Return one cell of the table of entries."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = f"SELECT {column} FROM entries WHERE seq = ?"
        return connection.execute(query, (seq,)).fetchone()[0]
