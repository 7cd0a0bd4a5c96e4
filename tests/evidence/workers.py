"""What other processes do to a ledger in tests; importable by a process that starts afresh."""

from __future__ import annotations

import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.study.load import load_study
from tests.tiny import record


def append_one_by_one(home: str, study_directory: Path, name: str, count: int) -> None:
    """Append records in as many transactions, as one of several processes."""
    study = load_study(study_directory)
    with Ledger.open(home) as ledger:
        for number in range(count):
            ledger.append_records([record(study, id=f"{name}-{number}")])


def import_and_stall(path: Path, study_directory: Path, file: Path, written: Event) -> None:
    """Import a file, but stop for good once its rows are written and not yet committed."""
    study = load_study(study_directory)
    with Ledger.open(path) as ledger:

        def stall(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith("INSERT"):
                written.set()
                time.sleep(600)

        sa.event.listen(ledger._database.engine, "after_cursor_execute", stall)
        import_table(ledger, study, file)
