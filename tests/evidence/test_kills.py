"""A process that is killed at any step of its work leaves the ledger whole."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from forecast.evidence.importers import import_table
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger, Place, migrate, tables
from forecast.evidence.ledger.connection import Database
from tests.evidence.formats import write_format_1
from tests.tiny import PATROL, record, write_evidence

ROOT = Path(__file__).parents[2]
#: Kills of each job on each database, spread evenly over its steps.
KILLS = 45
ROWS = 30


@pytest.fixture(scope="module")
def killer():
    """Return a function that does a job in a process of its own, killed at a step."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.evidence.killing"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(job, home, study, *, file="", name="", step=0):
        asked = {"job": job, "home": home, "study": str(study), "name": name, "step": step}
        asked["file"] = str(file)
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.stdout.close()
    process.wait(timeout=30)


def spread(steps):
    """Return the numbers of the steps to be killed at: distinct, the first and last among them."""
    assert steps >= KILLS
    return sorted({1 + round(number * (steps - 1) / (KILLS - 1)) for number in range(KILLS)})


def state(home):
    """Return the ids that a verified ledger holds, once for each entry."""
    with Ledger.open(home) as ledger:
        entries = ledger.entries()
        assert verify(ledger).seq == len(entries)
        return [entry.record_id for entry in entries]


def assert_all_or_none(home, killer, study, job, names, *, wanted, **options):
    """Kill a job at every step of a spread; each time all that it writes is there, or nothing."""
    steps = killer(job, home, study.directory, name=names(0), **options_of(options, 0))["steps"]
    outcomes = []
    for number, step in enumerate(spread(steps), start=1):
        before = state(home)
        given = options_of(options, number)
        ended = killer(job, home, study.directory, name=names(number), step=step, **given)
        assert ended["status"] == -signal.SIGKILL
        new = state(home)[len(before) :]
        assert new in ([], wanted(number)), f"{job} killed at step {step}"
        outcomes.append(bool(new))
    assert len(outcomes) >= 40
    # Killed early nothing is there; killed once the commit was done, everything.
    assert outcomes[0] is False
    assert outcomes[-1] is True
    return outcomes


def options_of(options, number):
    return {key: make(number) for key, make in options.items()}


def test_an_append_is_there_whole_or_not_at_all(home, killer, tiny_study):
    Ledger.open(home).close()
    assert_all_or_none(
        home,
        killer,
        tiny_study,
        "append",
        lambda number: f"A{number}",
        wanted=lambda number: [f"A{number}-{one}" for one in range(3)],
    )


def test_an_import_is_there_whole_or_not_at_all_and_the_next_one_works(
    home, killer, tiny_study, tmp_path
):
    Ledger.open(home).close()

    def file(number):
        folder = tmp_path / str(number)
        folder.mkdir(exist_ok=True)
        return write_evidence(folder, [PATROL | {"id": name} for name in names(number)])

    def names(number):
        return [f"I{number}-{row:02d}" for row in range(ROWS)]

    assert_all_or_none(
        home, killer, tiny_study, "import", lambda number: "", wanted=names, file=file
    )
    with Ledger.open(home) as ledger:
        report = import_table(ledger, tiny_study, file(1))
        assert report.added + report.already_known == ROWS
        verify(ledger)


def test_a_correction_is_there_whole_or_not_at_all(home, killer, tiny_study):
    with Ledger.open(home) as ledger:
        ledger.append_records([record(tiny_study, id=f"S{number}") for number in range(99)])
    assert_all_or_none(
        home,
        killer,
        tiny_study,
        "supersede",
        lambda number: f"S{number}",
        wanted=lambda number: [f"S{number}"],
    )


def test_a_retraction_is_there_whole_or_not_at_all(home, killer, tiny_study):
    with Ledger.open(home) as ledger:
        ledger.append_records([record(tiny_study, id=f"R{number}") for number in range(99)])
    assert_all_or_none(
        home,
        killer,
        tiny_study,
        "retract",
        lambda number: f"R{number}",
        wanted=lambda number: [f"R{number}"],
    )


def old_ledger(database, tmp_path, number, request):
    """Return the place of a ledger of format 1 with five entries."""
    if database == "sqlite":
        return write_format_1(tmp_path / f"{number}.db")
    server = request.getfixturevalue("postgres_server")
    home = f"{server}?schema=old_{number}"
    opened = Database(Place.at(home))
    with opened.transaction(write=True) as connection:
        connection.execute(sa.schema.CreateSchema(f"old_{number}"))
        migrate.run(connection, 0, target=1)
        with contextlib.closing(sqlite3.connect(write_format_1(tmp_path / "source.db"))) as source:
            source.row_factory = sqlite3.Row
            rows = [dict(row) for row in source.execute("SELECT * FROM entries")]
        first = [column for column in tables.ENTRIES.c if column.name in rows[0]]
        connection.execute(sa.insert(sa.table("entries", *map(sa.column, rows[0]))), rows)
        assert len(first) == len(rows[0])
    opened.close()
    return home


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)]
)
def test_an_upgrade_is_whole_or_did_not_happen(database, killer, tiny_study, tmp_path, request):
    steps = killer("migrate", old_ledger(database, tmp_path, 0, request), tiny_study.directory)
    reached = spread(steps["steps"])
    assert len(reached) >= 40
    for step in reached:
        home = old_ledger(database, tmp_path, step, request)
        ended = killer("migrate", home, tiny_study.directory, step=step)
        assert ended["status"] == -signal.SIGKILL
        assert state(home) == ["E1", "E2", "E3", "E1", "E2"]
