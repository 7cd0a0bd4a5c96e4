"""Benchmarks: ``python -m tests.benchmarks [floor] [engines] [origins] [growth] ...``.

``engines`` fits ``ukraine`` cold with NUTS, cold with the fast engine, and with the fast engine
started from a fit of two quarters before; the cost is CPU time for the effective sample of the
question or present alignment that has the smallest one. ``origins`` fits 32 quarters, each on its
own vintage, from where the one before ended. ``floor`` is the cost of one gradient, and ``growth``
that and the memory at growing numbers of pairs and of quarters. ``ledger`` imports up to a million
records and reads a panel from them; ``appends`` lets eight processes write at once. ``update`` lets
records act on a run, by commands and in a session. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger
from forecast.forecasts.draws import stack_draws
from forecast.inference.density import make_density
from forecast.inference.engines import sample
from forecast.inference.fast import sample_fast
from forecast.model import pad_data
from forecast.runs.fit import RunSettings, per_draw
from forecast.runs.origins import SETTINGS, fit_origins
from forecast.studies import directory
from forecast.study.load import load_study
from tests.benchmarks.ledger import appends, ledger
from tests.benchmarks.size import TIME
from tests.benchmarks.update import update
from tests.slow.posteriors import quality
from tests.slow.studies import Target, shipped

FIRST, LAST = "2018-03-31", "2025-12-31"
BEFORE, NOW = date(2026, 6, 30), date(2026, 11, 24)
# Pairs over 25 years of quarters, and years with 50 pairs.
PAIRS, YEARS = (12, 50, 200, 1000), 25
SPANS = (6, 12, 25, 50, 100)


def engines() -> pd.DataFrame:
    """Return cost and effective samples of a cold and a warm fit by each engine."""
    settings, now = RunSettings(), shipped("now", NOW)
    before = shipped("before", BEFORE)
    size = {"draws": settings.draws, "tune": settings.tune, "chains": settings.chains}
    earlier = sample_fast(before.padded_model(), **size, seed=2, progress=False)
    rows = []
    for name, engine, start in (
        ("NUTS, cold", "nuts", None),
        ("fast, cold", "fast", None),
        ("fast, from two quarters before", "fast", earlier.start),
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        posterior = sample(now.padded_model(), engine, **size, seed=1, progress=False, start=start)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        ess = _smallest(now, posterior.tree)
        rows.append(
            {
                "fit": name,
                "wall s": round(wall),
                "CPU s": round(cpu),
                "gradients of draws": posterior.gradients,
                "of tuning": posterior.tuning_gradients,
                "smallest ESS": round(ess),
                "CPU s for ESS 400": round(400.0 * cpu / ess),
            }
        )
    return pd.DataFrame(rows)


def _smallest(chosen: Target, tree: object) -> float:
    """Return the smallest ESS among questions and the alignment of the last period."""
    trimmed = pad_data(chosen.data).trim(tree)
    draws = stack_draws(trimmed, chosen.data)
    asked = per_draw(chosen.forecast(draws, paths=200))
    values = {name: array for name, array in asked.items() if np.ptp(array)}
    alignment = draws["alignment"][..., -1]
    values["alignment"] = alignment.reshape(draws.chains, -1, *alignment.shape[1:])
    return min(one["ess"] for one in quality(values).values())


def origins() -> pd.DataFrame:
    """Fit 32 quarterly origins and return what each took."""
    study = load_study(directory("ukraine"))
    days = [one.date() for one in pd.date_range(FIRST, LAST, freq="QE")]
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Ledger.open(Path(folder) / "ledger.db")) as ledger,
    ):
        import_table(ledger, study, study.directory / "evidence.csv")
        wall, cpu = time.perf_counter(), time.process_time()
        for fit in fit_origins(study, ledger, days, settings=SETTINGS):
            numbers = fit.diagnosis.as_dict()
            rows.append(
                {
                    "origin": fit.panel.as_of,
                    "wall s": round(time.perf_counter() - wall, 1),
                    "CPU s": round(time.process_time() - cpu, 1),
                    "compiling s": round(fit.seconds["compile"], 1),
                    "engine": fit.posterior.engine,
                    "status": fit.diagnosis.status,
                    "why": fit.posterior.fallback
                    or ("" if fit.diagnosis.status == "converged" else fit.diagnosis.sentence),
                    "questions": sum(one.probability is not None for one in fit.questions),
                    "question ESS": round(numbers.get("question_ess", 0.0)),
                    "parameter ESS": round(numbers["parameter_ess"]),
                    "bias": round(numbers.get("sampler_bias", float("nan")), 3),
                }
            )
            sys.stderr.write(f"{rows[-1]}\n")
            wall, cpu = time.perf_counter(), time.process_time()
    return pd.DataFrame(rows)


def growth() -> pd.DataFrame:
    """Return the cost of a gradient and the memory by pairs and periods, each in a new process."""
    cases = dict.fromkeys([(pairs, YEARS) for pairs in PAIRS] + [(50, years) for years in SPANS])
    rows = []
    for pairs, years in cases:
        command = [sys.executable, "-m", "tests.benchmarks.size", str(pairs), str(years)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        sys.stderr.write(f"{rows[-1]}\n")
    table = pd.DataFrame(rows)
    for size, fixed, held in (("pairs", "periods", 4 * YEARS), ("periods", "pairs", 50)):
        own = table[table[fixed] == held].sort_values(size)
        for column in (TIME, "MB at most"):
            slope = np.polyfit(np.log(own[size]), np.log(own[column]), 1)[0]
            last = np.log(own[column].iloc[-1] / own[column].iloc[-2])
            last /= np.log(own[size].iloc[-1] / own[size].iloc[-2])
            sys.stdout.write(f"exponent of {column} in {size}: {slope:.2f}, at last {last:.2f}\n")
    return table.round(2)


def floor() -> pd.DataFrame:
    """Return what one gradient of ``ukraine`` costs, by itself and with the cores to itself."""
    import jax

    density = make_density(shipped("now", NOW).padded_model())
    x, data = jax.numpy.asarray(density.origin), jax.device_put(density.data)
    slope = jax.value_and_grad(density.program.log_density)

    def step(number: Any, carried: Any) -> Any:
        value, gradient = slope(x + 1e-12 * carried, data)
        return 1e-12 * (value + gradient.sum())

    many = jax.jit(lambda count: jax.lax.fori_loop(0, count, step, 0.0))
    many(2).block_until_ready()
    times = []
    for _ in range(20):
        started = time.perf_counter()
        many(50).block_until_ready()
        times.append(1e3 * (time.perf_counter() - started) / 50)
    return pd.DataFrame(
        [
            {
                "unknowns": density.size,
                "ms a gradient, least": round(min(times), 2),
                "median": round(float(np.median(times)), 2),
            }
        ]
    )


BENCHMARKS = {
    "floor": floor,
    "engines": engines,
    "origins": origins,
    "growth": growth,
    "ledger": ledger,
    "appends": appends,
    "update": update,
}


def main(arguments: list[str]) -> int:
    """Run the benchmarks that are asked for, by default all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}")
    for name in parser.parse_args(arguments).names or BENCHMARKS:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark {name}; there are {', '.join(BENCHMARKS)}")
        started = time.perf_counter()
        table = BENCHMARKS[name]()
        sys.stdout.write(f"{name}\n{table.to_string(index=False)}\n")
        sys.stdout.write(f"in all {time.perf_counter() - started:.0f} s\n\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
