"""What a ledger costs: a million records imported, a panel read from them, appends side by side.

The synthetic ledger is an organisation's: 200 states, 1,000 pairs, 12 indicators, 12 years. The
panel is that of a study of 50 of these pairs that shares the ledger. Every measurement runs in a
process of its own, so that its memory is its own.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from forecast.evidence.importers import import_table
from forecast.evidence.integrity import verify
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import COLUMNS
from forecast.evidence.vintage import read_as_of
from forecast.panel import build_panel
from forecast.study.models import Actor, Coverage, Indicator, Ladder, Pair, Study
from forecast.study.periods import Calendar
from tests.tiny import record

SIZES = (10_000, 100_000, 1_000_000)
STATES, PAIRS, SHARED = 200, 1_000, 50
START, DAYS = date(2012, 1, 1), 12 * 365
AS_OF = date(2023, 12, 31)
PROCESSES, APPENDS = 8, 500


def world(pairs: int = PAIRS) -> Study:
    """Return the study of so many pairs of the synthetic states."""
    codes = [f"S{number:03d}" for number in range(STATES)]
    rng = random.Random(1)
    chosen: dict[Pair, None] = {}
    while len(chosen) < PAIRS:
        chosen[Pair(*rng.sample(codes, 2))] = None
    kept = tuple(chosen)[:pairs]
    indicators = {
        f"signal_{number}": Indicator(
            name=f"signal_{number}",
            domain="military",
            kind="count" if number % 2 else "binary",
            reference=number == 0,
        )
        for number in range(12)
    }
    coverage = tuple(
        Coverage(name, kept, START, None, "zero", "synthetic")
        for name, one in indicators.items()
        if one.kind == "count"
    )
    return Study(
        id="world",
        title="Synthetic",
        directory=Path(),
        calendar=Calendar("quarter", START),
        actors={code: Actor(code, code) for code in codes},
        pairs=kept,
        domains=("military",),
        ladder=Ladder(("none", "some")),
        indicators=indicators,
        coverage=coverage,
        prior_sets=("signals-2026", "witness-2026"),
    )


def write_records(path: Path, count: int) -> None:
    """Write so many rows of evidence of the study of all pairs."""
    rng = random.Random(2)
    pairs = world().pairs
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(count):
            pair = rng.choice(pairs)
            day = START + timedelta(days=rng.randrange(DAYS))
            known = day + timedelta(days=rng.randrange(60))
            writer.writerow(
                [
                    *(f"W{number:07d}", day.isoformat(), "day", known.isoformat(), "exact"),
                    *(pair.supporter, pair.recipient, "0", f"signal_{rng.randrange(12)}", "1", ""),
                    *("bilateral", f"agency {rng.randrange(40)}"),
                    *(f"https://example.org/{number}", rng.choice("ABCD"), rng.choice("1234")),
                    *("", f"report number {number} of what two states did together"),
                ]
            )


def measure_import(home: str, path: Path) -> dict[str, float]:
    """Import a table into a new ledger; return seconds and the peak of memory in GB."""
    study = world()
    began = time.perf_counter()
    with Ledger.open(home) as ledger:
        report = import_table(ledger, study, path)
    seconds = time.perf_counter() - began
    return {"added": report.added, "seconds": seconds, "gigabytes": peak()}


def measure_panel(home: str, pairs: int) -> dict[str, float]:
    """Read the panel of a study of so many pairs; return seconds and the peak of memory in GB."""
    study = world(pairs)
    began = time.perf_counter()
    with Ledger.open(home) as ledger:
        vintage = read_as_of(ledger, AS_OF, pairs=study.pairs)
        read = time.perf_counter() - began
        panel = build_panel(study, vintage)
    seconds = time.perf_counter() - began
    return {
        "records": len(vintage.records),
        "terms": len(panel.signals),
        "reading": read,
        "seconds": seconds,
        "gigabytes": peak(),
    }


def peak() -> float:
    """Return the most memory that this process ever held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def apart(what: str, *arguments: object) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.ledger", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def append_single(home: str, directory: str, name: str) -> None:
    """Append records in as many transactions."""
    from forecast.study.load import load_study

    study = load_study(Path(directory))
    with Ledger.open(home) as ledger:
        for number in range(APPENDS):
            ledger.append_records([record(study, id=f"{name}-{number}")])


def append_batched(home: str, directory: str, name: str) -> None:
    """Append the same records in one transaction."""
    from forecast.study.load import load_study

    study = load_study(Path(directory))
    with Ledger.open(home) as ledger:
        ledger.append_records([record(study, id=f"{name}-{n}") for n in range(APPENDS)])


def throughput(home: str, directory: str, *, batched: bool) -> float:
    """Return the appends a second of eight processes side by side, their start left out."""
    work = append_batched if batched else append_single
    context = multiprocessing.get_context("spawn")
    with Ledger.open(home) as ledger:
        before = ledger.head.seq
    with context.Pool(PROCESSES) as pool:
        # Every process has imported everything once this returns.
        pool.map(verify_import, range(PROCESSES * 4), chunksize=1)
        began = time.perf_counter()
        names = [f"{'B' if batched else 'S'}{number}" for number in range(PROCESSES)]
        pool.starmap(work, [(home, directory, name) for name in names], chunksize=1)
        seconds = time.perf_counter() - began
    with Ledger.open(home) as ledger:
        assert ledger.head.seq - before == PROCESSES * APPENDS
        verify(ledger)
    return PROCESSES * APPENDS / seconds


def verify_import(_number: int) -> None:
    """Keep a process of the pool busy for a moment, so that each one starts."""
    time.sleep(0.1)


def ledger() -> pd.DataFrame:
    """Return the cost of imports of growing size, and of the panel of 50 pairs from each."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            path, home = Path(place) / f"{size}.csv", f"{place}/{size}.db"
            write_records(path, size)
            done = apart("import", home, path)
            panel = apart("panel", home, SHARED)
            rows.append(
                {
                    "records": size,
                    "import s": round(done["seconds"], 1),
                    "us a record": round(done["seconds"] / size * 1e6),
                    "GB": round(done["gigabytes"], 2),
                    "of 50 pairs": panel["records"],
                    "panel s": round(panel["seconds"], 2),
                    "panel GB": round(panel["gigabytes"], 2),
                }
            )
    return pd.DataFrame(rows)


def appends() -> pd.DataFrame:
    """Return the appends a second of eight processes, single and batched, on each database."""
    from tests.plugins.postgres import PASSWORD, running_server
    from tests.tiny import write_study

    os.environ.setdefault("PGPASSWORD", PASSWORD)
    rows = []
    with tempfile.TemporaryDirectory() as place, running_server() as server:
        directory = str(write_study(Path(place) / "study"))
        homes = {"SQLite": f"{place}/l.db", "PostgreSQL": f"{server}?schema=appends"}
        for name, home in homes.items():
            single = throughput(home, directory, batched=False)
            batched = throughput(home, directory, batched=True)
            rows.append(
                {
                    "database": name,
                    "8 x 500 single, a second": round(single),
                    "8 batches of 500, records a second": round(batched),
                }
            )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    found = (
        measure_import(given[0], Path(given[1]))
        if what == "import"
        else measure_panel(given[0], int(given[1]))
    )
    print(json.dumps(found))  # noqa: T201
