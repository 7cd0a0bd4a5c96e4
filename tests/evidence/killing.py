"""Kills a process that works on a ledger, at a chosen step of its work.

A step is a line of ``forecast.evidence`` that runs, a statement about to be sent to the database, a
statement just answered, or a commit about to happen. Run as a program, this reads one job a line
(JSON: ``job``, ``home``, ``study``, ``file``, ``name`` and ``step``), does each in a child process
of its own that kills itself (SIGKILL) at that step, and answers with how the child ended and how
many steps it did. Step 0 means to let it live. The parent imports everything once, so a child costs
milliseconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy as sa
from alembic.runtime.environment import EnvironmentContext

import forecast.evidence.importers as importers
import forecast.evidence.ledger.store as store
from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.study.load import load_study
from tests.tiny import record

assert EnvironmentContext  # imported beforehand, so that a migration's steps are the same each time
# Small blocks make many steps of few rows.
store._BATCH = importers._BLOCK = 7
# Twins in the ledger are not looked for: what is read before would grow from one kill to the next.
importers._FEW = 0
_OURS = os.sep + os.path.join("forecast", "evidence") + os.sep


class Steps:
    """Counts steps, and kills this process at the wanted one."""

    def __init__(self, wanted: int) -> None:
        self.done, self.wanted = 0, wanted

    def take(self, *_anything: Any, **_named: Any) -> None:
        self.done += 1
        if self.done == self.wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if _OURS not in frame.f_code.co_filename:
            return None
        if event == "line":
            self.take()
        return self.trace

    def watch(self) -> None:
        """Count from here on."""
        for name in ("before_cursor_execute", "after_cursor_execute", "commit", "begin"):
            sa.event.listen(sa.Engine, name, self.take)
        sys.settrace(self.trace)


def append(home: str, study: Path, _file: str, name: str, steps: Steps) -> None:
    """Append three records in one transaction."""
    loaded = load_study(study)
    made = [record(loaded, id=f"{name}-{number}") for number in range(3)]
    steps.watch()
    with closing(Ledger.open(home)) as ledger:
        ledger.append_records(made)


def import_file(home: str, study: Path, file: str, _name: str, steps: Steps) -> None:
    """Import a table of a few blocks."""
    loaded = load_study(study)
    steps.watch()
    with closing(Ledger.open(home)) as ledger:
        import_table(ledger, loaded, Path(file))


def supersede(home: str, study: Path, _file: str, name: str, steps: Steps) -> None:
    """Correct a record that is held."""
    loaded = load_study(study)
    made = record(loaded, id=name, value="2", known_at="2024-01-01")
    steps.watch()
    with closing(Ledger.open(home)) as ledger:
        ledger.supersede(made)


def retract(home: str, _study: Path, _file: str, name: str, steps: Steps) -> None:
    """Withdraw a record that is held."""
    steps.watch()
    with closing(Ledger.open(home)) as ledger:
        ledger.retract(name, known_at=date(2024, 1, 1), why="a hoax")


def migrate(home: str, _study: Path, _file: str, _name: str, steps: Steps) -> None:
    """Open a ledger of an older format."""
    steps.watch()
    Ledger.open(home).close()


JOBS: dict[str, Callable[[str, Path, str, str, Steps], None]] = {
    "append": append,
    "import": import_file,
    "supersede": supersede,
    "retract": retract,
    "migrate": migrate,
}


def run(job: dict[str, Any]) -> dict[str, int]:
    """Do one job in a child process; return how it ended and after how many steps."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        steps = Steps(job["step"])
        try:
            JOBS[job["job"]](job["home"], Path(job["study"]), job["file"], job["name"], steps)
        except BaseException:  # noqa: BLE001 - whatever it is, this is a child
            import traceback

            traceback.print_exc()
            os._exit(1)
        sys.settrace(None)
        os.write(writing, str(steps.done).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        done = answer.read()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "steps": int(done or 0)}


if __name__ == "__main__":
    # No thread runs here: the databases are opened in the children alone.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    for asked in sys.stdin:
        print(json.dumps(run(json.loads(asked))), flush=True)  # noqa: T201
