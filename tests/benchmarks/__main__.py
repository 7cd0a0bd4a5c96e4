"""Benchmarks of the engines: ``python -m tests.benchmarks [engines] [origins] [growth]``.

``engines`` fits ``ukraine`` cold with NUTS, cold with the fast engine, and with the fast engine
started from a fit of one quarter before; the cost is CPU time for the effective sample of the
question or present alignment that has the smallest one. ``origins`` fits 32 quarters, each on its
own vintage, from where the one before ended. ``growth`` takes the cost of a gradient and the
memory at growing numbers of pairs over 100 quarters. Everything runs in one process; leave the
machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.evidence.importers import import_csv
from forecast.evidence.ledger import Ledger
from forecast.forecasts.draws import stack_draws
from forecast.inference.engines import sample
from forecast.inference.fast import sample_fast
from forecast.model import build_data, build_model, pad_data
from forecast.runs.fit import RunSettings, per_draw
from forecast.runs.origins import SETTINGS, fit_origins
from forecast.studies import directory
from forecast.study.load import load_study
from tests.slow.posteriors import quality
from tests.slow.studies import Shape, Target, placeholders, shaped_study, shipped
from tests.toys import priors, seen

FIRST, LAST = "2018-03-31", "2025-12-31"
BEFORE, NOW = date(2026, 6, 30), date(2026, 11, 24)
SIZES = (12, 50, 200, 1000)


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
        ("fast, from the quarter before", "fast", earlier.start),
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
        import_csv(ledger, study, study.directory / "evidence.csv")
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
                    "questions": sum(one.probability is not None for one in fit.questions),
                    "question ESS": round(numbers.get("question_ess", 0.0)),
                    "parameter ESS": round(numbers["parameter_ess"]),
                    "bias": round(numbers["sampler_bias"], 3),
                }
            )
            sys.stderr.write(f"{rows[-1]}\n")
            wall, cpu = time.perf_counter(), time.process_time()
    return pd.DataFrame(rows)


def growth() -> pd.DataFrame:
    """Return the cost of a gradient and the memory by the number of pairs."""
    rows = []
    for pairs in SIZES:
        shape = replace(Shape(pairs // 2, 2001, 25), per_year=2)
        study = shaped_study(shape)
        panel = seen(study, *placeholders(shape, study), as_of=study.questions[0].opens)
        model = build_model(pad_data(build_data(panel, priors())).data, priors())
        posterior = sample_fast(model, draws=50, tune=20, chains=2, seed=1, progress=False)
        gradients = posterior.gradients + (posterior.tuning_gradients or 0)
        rows.append(
            {
                "pairs": pairs,
                "unknowns": posterior.start.labels.size,
                "records": len(panel.signals),
                "compiling s": round(posterior.seconds["compile"], 1),
                "ms for a gradient, two chains side by side": round(
                    2e3 * posterior.seconds["sample"] / gradients, 2
                ),
                "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
        sys.stderr.write(f"{rows[-1]}\n")
    table = pd.DataFrame(rows)
    for column in table.columns[-2:]:
        slope = np.polyfit(np.log(table["pairs"][1:]), np.log(table[column][1:]), 1)[0]
        sys.stdout.write(f"exponent of {column} in pairs, from {SIZES[1]} on: {slope:.2f}\n")
    return table


BENCHMARKS = {"engines": engines, "origins": origins, "growth": growth}


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
