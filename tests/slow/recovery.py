"""Recovery: fit data simulated from the prior, and see whether the truth lies where it should.

Run ``python -m tests.slow.recovery`` to write ``docs/results/recovery.csv`` and to print it. What
is done is kept in the folder that the environment variable FORECAST_RECOVERY_CACHE names, so that
a run that was cut short goes on where it stopped.

The truth of a question is its roll-forward probability at the true parameters, alignment and
rungs. A posterior draw states the same probability at its own parameters, alignment and rungs: one
rung path is drawn for each draw. ``mixed`` is the interval that averages over the rungs of each
draw, as reports show it; the truth above need not lie in it that often.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws, generator, stack_draws
from forecast.forecasts.ladder import filter_chain, sample_future, sample_past
from forecast.forecasts.questions import credible_interval
from forecast.forecasts.simulate import Simulation, simulate_panel
from forecast.inference.diagnostics import diagnose
from forecast.inference.nuts import sample_nuts
from forecast.inference.prior import sample_prior
from forecast.model import build_data, build_model
from tests.slow.small_study import GRADES, RUNGS, template
from tests.toys import priors

SETS, SEED = 20, 2026
CHAINS, TUNE, DRAWS = 2, 400, 400
AHEAD, PATHS, TRUE_PATHS = 4, 250, 40_000
# pair, rung, track: reached within the four quarters after the as-of date?
QUESTIONS = (("CHN->RUS", "dual-use", "state"), ("IRN->RUS", "economic", "any"))
CACHE = "FORECAST_RECOVERY_CACHE"
TABLE = Path(__file__).parents[2] / "docs" / "results" / "recovery.csv"


@dataclass(frozen=True)
class Answer:
    """One question of one data set: the truth, and 90 % intervals."""

    truth: float
    low: float
    high: float
    mixed_low: float
    mixed_high: float

    @property
    def covered(self) -> bool:
        return self.low <= self.truth <= self.high

    @property
    def mixed_covered(self) -> bool:
        return self.mixed_low <= self.truth <= self.mixed_high


@dataclass(frozen=True)
class Recovered:
    """What one data set gave: answers, and shares of true values inside central intervals."""

    number: int
    seconds: float
    status: str
    divergent: float
    worst_rhat: float
    path50: float
    path90: float
    loading50: float
    loading90: float
    answers: tuple[Answer, ...]


@cache
def simulations() -> tuple[Simulation, ...]:
    """Return the data sets, simulated from draws of the prior.

    A draw with more acts in a cell than the likelihood can sum over is passed over. The rule reads
    the data alone, so that posteriors of the others are as well calibrated as before.
    """
    structure = template()
    data = build_data(structure, priors())
    drawn = stack_draws(sample_prior(build_model(data, priors()), 2 * SETS, SEED), data)
    found = list(_simulated(structure, drawn))
    assert len(found) >= SETS, "too many draws of the prior were passed over"
    return tuple(found[:SETS])


def _simulated(structure, drawn: Draws) -> Iterator[Simulation]:
    for draw in range(drawn.count):
        values = {name: array[draw : draw + 1] for name, array in drawn.values.items()}
        one = Draws(chains=1, data=drawn.data, values=values)
        rng = np.random.default_rng([SEED, draw])
        try:
            yield simulate_panel(structure, one, priors=priors(), rng=rng, grades=GRADES)
        except ModelError:
            continue


def recover(number: int) -> Recovered:
    """Fit one data set, or read what an earlier run kept of it."""
    folder = os.environ.get(CACHE)
    kept = Path(folder) / f"recovery-{number:02}.json" if folder else None
    if kept is not None and kept.is_file():
        document = json.loads(kept.read_text())
        return Recovered(**document | {"answers": tuple(Answer(**a) for a in document["answers"])})
    result = _fit(number, simulations()[number])
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.with_suffix(".part").write_text(json.dumps(asdict(result)))
        kept.with_suffix(".part").rename(kept)
    return result


def _fit(number: int, simulation: Simulation) -> Recovered:
    started = time.perf_counter()
    data = build_data(simulation.panel, priors())
    posterior = sample_nuts(
        build_model(data, priors()),
        draws=DRAWS,
        tune=TUNE,
        chains=CHAINS,
        seed=SEED + number,
        progress=False,
    )
    draws, truth = stack_draws(posterior.tree, data), simulation.truth
    answers, per_draw = [], {}
    for question in QUESTIONS:
        answer, chances = _answer(draws, simulation, question)
        answers.append(answer)
        per_draw[" ".join(question)] = chances.reshape(CHAINS, -1)
    diagnosis = diagnose(posterior.tree, per_draw)
    numbers = diagnosis.as_dict()
    paths = inside(draws["alignment"], truth.draws["alignment"][0])
    loadings = inside(_loadings(draws), _loadings(truth.draws)[0])
    return Recovered(
        number=number,
        seconds=time.perf_counter() - started,
        status=diagnosis.status,
        divergent=float(numbers["divergent_share"]),
        worst_rhat=float(numbers["parameter_rhat"]),
        path50=paths[0],
        path90=paths[1],
        loading50=loadings[0],
        loading90=loadings[1],
        answers=tuple(answers),
    )


def _loadings(draws: Draws) -> np.ndarray:
    return np.concatenate([draws["loading"], draws["loading_free"]], axis=1)


def inside(draws: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return the share of true values inside the central 50 % and 90 % intervals of the draws."""
    shares = []
    for prob in (0.5, 0.9):
        low, high = np.quantile(draws, ((1.0 - prob) / 2.0, (1.0 + prob) / 2.0), axis=0)
        shares.append(float(np.mean((low <= truth) & (truth <= high))))
    return shares[0], shares[1]


def _answer(
    draws: Draws, simulation: Simulation, question: tuple[str, str, str]
) -> tuple[Answer, np.ndarray]:
    pair = question[0]
    chains = draws.data.chains
    chain = chains.pair.tolist().index(draws.data.coords["pair"].index(pair))
    now = simulation.truth.rungs[chain, -1]
    known = np.broadcast_to(now, (1, TRUE_PATHS, 2))
    truth = _reached(simulation.truth.draws, chain, known, question).mean()
    filtered = filter_chain(draws, chain)
    rng = generator(SEED, "past", pair)
    one = np.repeat(sample_past(filtered, 1, 1, rng)[:, :, 0], PATHS, axis=1)
    many = sample_past(filtered, 1, PATHS, rng)[:, :, 0]
    own = _reached(draws, chain, one, question)
    mixed = _reached(draws, chain, many, question)
    ends = (*credible_interval(own), *credible_interval(mixed))
    return Answer(float(truth), *ends), mixed.mean(axis=1)


def _reached(
    draws: Draws, chain: int, last: np.ndarray, question: tuple[str, str, str]
) -> np.ndarray:
    """Return whether the rung is reached after now on each simulated path, shape (draw, path)."""
    _, rung, track = question
    future = sample_future(draws, chain, last, AHEAD, SEED)
    heights = future[..., 0] if track == "state" else future.max(axis=3)
    return np.asarray(heights.max(axis=2) >= RUNGS.index(rung), dtype=float)


def rows(results: list[Recovered]) -> list[dict[str, object]]:
    """Return the table: one row per data set."""
    table = []
    for one in results:
        row: dict[str, object] = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(one).items()
            if name != "answers"
        }
        for number, answer in enumerate(one.answers, start=1):
            row |= {f"q{number}_{k}": round(v, 3) for k, v in asdict(answer).items()}
            row[f"q{number}_covered"] = int(answer.covered)
            row[f"q{number}_mixed_covered"] = int(answer.mixed_covered)
        table.append(row)
    return table


def bootstrap(shares: list[float], seed: int = SEED, repeats: int = 4000) -> tuple[float, float]:
    """Return the mean over data sets and its standard error by a bootstrap over them."""
    values = np.array(shares)
    rng = np.random.default_rng(seed)
    means = values[rng.integers(len(values), size=(repeats, len(values)))].mean(axis=1)
    return float(values.mean()), float(means.std())


def summary(results: list[Recovered]) -> str:
    """Return the pooled coverage in words."""
    lines = []
    for name in ("path50", "path90", "loading50", "loading90"):
        mean, error = bootstrap([getattr(one, name) for one in results])
        lines.append(f"{name}: {mean:.3f}, standard error {error:.3f}")
    for number, question in enumerate(QUESTIONS):
        covered = sum(one.answers[number].covered for one in results)
        mixed = sum(one.answers[number].mixed_covered for one in results)
        lines.append(
            f"{' '.join(question)}: 90 % interval covers in {covered} of {len(results)}"
            f" ({mixed} with the rungs of each draw averaged)"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Recover some data sets and print the table; write it where all are done."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.recovery", description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help="only the first so many")
    count = parser.parse_args(arguments).sets
    results: list[Recovered] = []
    writer = None
    for number in range(count):
        results.append(recover(number))
        if writer is None:
            writer = csv.DictWriter(sys.stdout, rows(results)[0], lineterminator="\n")
            writer.writeheader()
        writer.writerow(rows(results)[-1])
        sys.stdout.flush()
    sys.stdout.write(summary(results) + "\n")
    if count == SETS:
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows(results)[0], lineterminator="\n")
            table.writeheader()
            table.writerows(rows(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
