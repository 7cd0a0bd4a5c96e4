"""What an update of ``ukraine`` takes: from Enter to answer, and in a session that is under way.

The run is made first, by the same command as a user's. Records are plausible and of low grade, so
that the gate passes: what is timed is the update, not a refit. A command finds the compiled
programs that earlier ones kept, as a user's does, unless it says that it has to compile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from forecast.api import Run, Study
from tests.plugins import fits

AS_OF = date(2026, 11, 20)
MANY = 50
# Supporter of Russia, indicator, value.
_SEEN = (
    ("CHN", "un_vote_alignment", "abstain"),
    ("TUR", "hedging", "1"),
    ("IND", "hedging", "1"),
    ("BLR", "public_support", "1"),
    ("SRB", "public_support", "1"),
    ("PRK", "public_support", "1"),
    ("IRN", "hedging", "1"),
)


def _rows(known: date) -> Iterator[dict[str, str]]:
    """Make up records that became known on a day, each a little earlier than the next."""
    number = 0
    while True:
        supporter, indicator, value = _SEEN[number % len(_SEEN)]
        yield fits.BASE | {
            "id": f"{known}-{number}",
            "event_date": (known - timedelta(days=1 + number % 7)).isoformat(),
            "known_at": known.isoformat(),
            "supporter": supporter,
            "recipient": "RUS",
            "mutual": "0",
            "indicator": indicator,
            "value": value,
            "attribution": "state" if indicator == "public_support" else "",
            "theatre": "other",
            "source_name": "a daily",
            "source_url_or_doc": f"page {known}-{number}",
            "source_reliability": "E",
            "credibility": "5",
            "note": f"record {known}-{number}",
        }
        number += 1


class _Place:
    """A copy of the shipped study with one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        self.programs = {"JAX_COMPILATION_CACHE_DIR": str(folder / "programs")}
        self.fit = self.command("run", "--as-of", AS_OF.isoformat(), "--no-reasons")
        self.study = Study.load(folder / "ukraine")
        self.day = AS_OF

    def next_day(self, count: int) -> None:
        """Let records come in on the next day."""
        self.day += timedelta(days=1)
        self.add(_rows(self.day), count)

    def add(self, rows: Iterator[dict[str, str]], count: int) -> None:
        """Take in some more records."""
        taken = [next(rows) for _ in range(count)]
        fits.add_records(self.study, taken, self.folder / taken[0]["id"])

    def command(self, name: str, *options: str, **variables: str) -> float:
        """Run a command in a process of its own, and return the seconds that it took."""
        call = "import sys; from forecast.cli import main; sys.exit(main())"
        ours = {"PYTHONPATH": str(Path(__file__).parents[2])} | self.programs | variables
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", call, name, "ukraine", *options],
            cwd=self.folder,
            env=os.environ | ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
        self.said = done.stdout
        return time.perf_counter() - started

    def update(self, **variables: str) -> float:
        """Update by a command."""
        words = ("update", "--as-of", str(self.day), "--dry-run", "--json")
        seconds = self.command(*words, **variables)
        found = json.loads(self.said)
        assert found["path"] == "reweighted", found["why"]
        return seconds


def _commands(place: _Place) -> Iterator[tuple[str, int, float]]:
    place.next_day(MANY)
    yield "command", MANY, place.update()
    place.next_day(1)
    yield "command", 1, place.update()
    place.next_day(1)
    yield "command that has to compile", 1, place.update(JAX_COMPILATION_CACHE_DIR="")


def _session(place: _Place) -> Iterator[tuple[str, int, float]]:
    """Update one run again and again, as a notebook does that stays open."""
    directory = next((place.folder / "ukraine/.forecast/runs").glob(f"{AS_OF}-*"))
    run = Run.open(directory)

    def timed() -> float:
        started = time.perf_counter()
        found = run.update(as_of=place.day, write=False)
        assert found.answer.path == "reweighted", found.answer.why
        return time.perf_counter() - started

    for name in ("first record of a session", "first of the next day", "of the day after"):
        place.day += timedelta(days=1)
        rows = _rows(place.day)
        place.add(rows, 1)
        yield f"session, {name}", 1, timed()
        for _ in range(2):
            place.add(rows, 1)
            yield "session, next of the same day", 1, timed()
    place.next_day(MANY)
    yield "session, another day", MANY, timed()


def update() -> pd.DataFrame:
    """Return the seconds that updates take beside those of the run that they follow.

    Nothing is written, so each weighs all that came in since the run (``records``), of which the
    last ones are new (``new``).
    """
    with tempfile.TemporaryDirectory() as folder:
        place = _Place(Path(folder))
        made = [("the run", 0, place.fit), *_session(place), *_commands(place)]
    table = pd.DataFrame(made, columns=["what", "new", "s"])
    table.insert(2, "records", table["new"].cumsum())
    return table.assign(**{"of the run": (table["s"] / place.fit).round(3)}).round({"s": 1})
