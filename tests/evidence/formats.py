"""Ledgers as earlier releases wrote them; each dump was made by that release."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

DUMPS = Path(__file__).parent / "ledgers"


def write_format_1(path: Path) -> str:
    """Write the ledger of format 1: three records, a correction and a retraction."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript((DUMPS / "format-1.sql").read_text(encoding="utf-8"))
    return str(path)
