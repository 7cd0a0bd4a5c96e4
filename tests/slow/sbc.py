"""Simulation-based calibration of the fast engine on a very small study.

A truth is drawn from the prior, a data set is simulated from it and fitted. If the engine samples
the exact posterior, the rank of the truth among nearly independent draws is uniform, for every test
quantity (Talts et al. 2018). Quantities that read the data as well find errors that parameters
alone hide (Modrák et al. 2023): here the joint log-likelihood, and the probability of a question.

Run ``python -m tests.slow.sbc`` to write ``docs/results/sbc.csv``, ``sbc.md`` and ``sbc.svg``. What
is done is kept in the folder that the environment variable FORECAST_SBC_CACHE names, so that a run
that was cut short goes on where it stopped. ``--engine nuts`` fits the same data sets with NUTS and
prints its verdict, to tell an error of the engine from one of the simulation; it writes nothing.

The band is that of Säilynoja et al. 2022 for the ECDF of the ranks, by simulation. Each quantity
has one of level ``1 - .05 / (number of quantities)``, so that all of them together stay
inside with a
chance of at least 95 %. ArviZ has the same band (``arviz_stats.ecdf_utils``); it is
worked out here because p-values come from the same simulation.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from forecast.errors import ModelError
from forecast.forecasts.draws import Draws, generator, stack_draws
from forecast.forecasts.ladder import filter_chain, sample_future, sample_past
from forecast.forecasts.simulate import Simulation, simulate_panel
from forecast.forecasts.simulated_signals import Grades
from forecast.inference import density as densities
from forecast.inference.fast import sample_fast
from forecast.inference.graphs import lift, without_shared
from forecast.inference.nuts import sample_nuts
from forecast.inference.prior import sample_prior
from forecast.model import ModelData, build_data, build_model, pad_data
from forecast.panel import Panel
from forecast.study.models import Actor, AtStake, Coverage, Indicator, Ladder, Pair, Shock, Study
from forecast.study.periods import Calendar
from tests.toys import fact, priors, seen

SETS, SEED = 300, 2031
# More draws of the prior than sets: some of them make counts too large to be reported.
PRIOR_DRAWS = 450
CHAINS, TUNE, DRAWS = 2, 200, 300
# Draws that a truth is ranked among, by thinning: ranks run from 0 to 99.
KEPT = 99
PATHS, AHEAD = 200, 4
LEVEL, REPEATS = 0.05, 40_000
CACHE = "FORECAST_SBC_CACHE"
FOLDER = Path(__file__).parents[2] / "docs" / "results"

FIRST_YEAR, AS_OF, TURN = 2020, date(2021, 12, 31), date(2020, 7, 1)
SUPPORTERS = ("AAA", "BBB")
RUNGS = ("none", "rhetorical", "dual-use", "lethal")
# Graded as records of the shipped study mostly are; cells with more acts are refused.
GRADES = Grades({"A1": 0.2, "B1": 0.3, "B2": 0.3, "C3": 0.2}, most=24)

# Fixed before the first run. Name, variable, and labels along its axes (a number is a position).
PARAMETERS: tuple[tuple[str, str, tuple[str | int, ...]], ...] = (
    ("path scale", "path_scale", ("rhetorical",)),
    ("level scale", "level_scale", (0,)),
    ("loading of visit", "signed_loading", ("visit",)),
    ("intercept of vote", "intercept", ("vote",)),
    ("dispersion of visit", "dispersion", ("visit",)),
    ("rung weight", "rung_weight", ("military",)),
    ("onset by states", "onset_state", ()),
    ("AAA->RUS military, first", "alignment", ("AAA->RUS", "military", 0)),
    ("AAA->RUS military, last", "alignment", ("AAA->RUS", "military", -1)),
    ("RUS->BBB rhetorical, first", "alignment", ("RUS->BBB", "rhetorical", 0)),
    ("RUS->BBB rhetorical, last", "alignment", ("RUS->BBB", "rhetorical", -1)),
)
# P(pair reaches the rung, by state or firms, within the four quarters after the as-of date).
QUESTION = ("BBB->RUS", "dual-use")
QUANTITIES = (*(name for name, *_ in PARAMETERS), "log-likelihood", "question")
_AXES = {
    "path_scale": ("domain",),
    "signed_loading": ("indicator",),
    "intercept": ("indicator",),
    "dispersion": ("count_indicator",),
    "rung_weight": ("domain",),
    "alignment": ("pair", "domain", "period"),
}


@dataclass(frozen=True)
class Ranked:
    """One data set: values of the quantities at the truth and in the thinned draws.

    Attributes
    ----------
    ess
        Effective number of the unthinned draws, by quantity.
    unresolved
        Share of draws with a step that could not be resolved.
    programs
        How many programs of log-densities the process had compiled by then.
    """

    number: int
    seconds: float
    unresolved: float
    programs: int
    truth: dict[str, float]
    draws: dict[str, list[float]]
    ess: dict[str, float]


def study() -> Study:
    """Return four pairs over eight quarters; support to RUS is at stake in the last six."""
    start = date(FIRST_YEAR, 1, 1)
    forward = tuple(Pair(one, "RUS") for one in SUPPORTERS)
    signals = (
        Indicator(
            name="vote",
            domain="rhetorical",
            kind="ordinal",
            levels=("against", "abstain", "with"),
            reference=True,
        ),
        Indicator(name="denial", domain="rhetorical", kind="binary", polarity=0),
        Indicator(name="visit", domain="military", kind="count"),
        Indicator(name="hosted", domain="military", kind="binary", reference=True),
    )
    reports = tuple(
        Indicator(
            name=f"report {rung}", domain="military", kind="binary", measures="outcome", rung=rung
        )
        for rung in RUNGS[1:]
    )
    return Study(
        id="calibration",
        title="A very small study",
        directory=Path("calibration"),
        calendar=Calendar("quarter", start),
        actors={code: Actor(code, code) for code in ("RUS", *SUPPORTERS)},
        pairs=(*forward, *(pair.reverse for pair in forward)),
        domains=("rhetorical", "military"),
        ladder=Ladder(RUNGS, ("rhetorical",)),
        shocks=(Shock("turn", TURN, "A turn"),),
        at_stake=(AtStake("RUS", TURN, None, TURN),),
        prior_sets=("signals-2026", "witness-2026"),
        indicators={one.name: one for one in (*signals, *reports)},
        # Sixteen cells: however many of them have acts, both parts are padded to sixteen.
        coverage=(Coverage("visit", forward, start, None, "zero", ""),),
    )


def template() -> Panel:
    """Return the panel of the study with placeholders for all that is to be simulated."""
    made = study()
    records = []
    for year in (FIRST_YEAR, FIRST_YEAR + 1):
        for pair in made.pairs:
            asked = [
                ("vote", "03-01", "A1"),
                ("hosted", "05-01", "B1"),
                ("vote", "08-01", "B2"),
                ("denial", "09-01", "B2"),
                ("hosted", "11-01", "C3"),
            ]
            records += [
                fact(
                    name,
                    f"{year}-{day}",
                    id=f"E{year}{pair.label}{number}",
                    pair=pair.label,
                    grade=grade,
                    known_at=f"{year}-12-31",
                )
                for number, (name, day, grade) in enumerate(asked)
            ]
    return seen(made, *records, as_of=AS_OF)


@cache
def simulations() -> tuple[Simulation, ...]:
    """Return the data sets, simulated from draws of the prior.

    A draw with more acts in a cell than ``GRADES.most`` is passed over. The rule reads the data
    alone, so that posteriors of the others are as well calibrated as before.
    """
    structure = template()
    data = build_data(structure, priors())
    drawn = stack_draws(sample_prior(build_model(data, priors()), PRIOR_DRAWS, SEED), data)
    found = list(_simulated(structure, drawn))
    assert len(found) >= SETS, f"only {len(found)} draws of the prior gave a data set"
    return tuple(found[:SETS])


def _simulated(structure: Panel, drawn: Draws) -> Iterator[Simulation]:
    for draw in range(drawn.count):
        values = {name: array[draw : draw + 1] for name, array in drawn.values.items()}
        one = Draws(chains=1, data=drawn.data, values=values)
        rng = np.random.default_rng([SEED, draw])
        try:
            yield simulate_panel(structure, one, priors=priors(), rng=rng, grades=GRADES)
        except ModelError:
            continue


def calibrate(number: int, engine: str = "fast") -> Ranked:
    """Fit one data set, or read what an earlier run kept of it."""
    folder = os.environ.get(CACHE)
    kept = Path(folder) / f"{engine}-{number:03}.json" if folder else None
    if kept is not None and kept.is_file():
        return Ranked(**json.loads(kept.read_text(encoding="utf-8")))
    result = _fit(number, simulations()[number], engine)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.with_suffix(".part").write_text(json.dumps(asdict(result)), encoding="utf-8")
        kept.with_suffix(".part").rename(kept)
    return result


def _fit(number: int, simulation: Simulation, engine: str) -> Ranked:
    import pytensor

    # Where each node of a graph was made is of no interest here, and takes a seventh of the time.
    with pytensor.config.change_flags(traceback__limit=0):
        return _fitted(number, simulation, engine)


def _fitted(number: int, simulation: Simulation, engine: str) -> Ranked:
    started = time.perf_counter()
    data = build_data(simulation.panel, priors())
    padded = pad_data(widened(data))
    model = build_model(padded.data, priors())
    sampler = {"fast": sample_fast, "nuts": sample_nuts}[engine]
    posterior = sampler(
        model, draws=DRAWS, tune=TUNE, chains=CHAINS, seed=SEED + number, progress=False
    )
    stats = posterior.tree["sample_stats"]
    draws = stack_draws(padded.trim(posterior.tree), data)
    values = measure(model, _with_truth(simulation.truth.draws, draws), simulation, number)
    thinned = np.linspace(draws.count, 0, KEPT, endpoint=False)[::-1].astype(int) - 1
    return Ranked(
        number=number,
        seconds=time.perf_counter() - started,
        unresolved=float(np.mean(stats["diverging"])),
        programs=len(densities._programs),
        truth={name: float(array[0]) for name, array in values.items()},
        draws={name: array[1:][thinned].tolist() for name, array in values.items()},
        ess={name: _ess(array[1:]) for name, array in values.items()},
    )


def widened(data: ModelData) -> ModelData:
    """Give the sums over true counts one width, so that data sets share a compiled program."""
    count = data.terms["count"]
    extra = dict(count.extra)
    for name, filler in (("true_values", 0.0), ("log_weights", -745.0)):
        more = GRADES.most + 1 - extra[name].shape[1]
        extra[name] = np.pad(extra[name], ((0, 0), (0, more)), constant_values=filler)
    return replace(data, terms=dict(data.terms) | {"count": replace(count, extra=extra)})


def _with_truth(truth: Draws, draws: Draws) -> Draws:
    """Put the truth before the draws, so that whatever is worked out treats both alike."""
    values = {name: np.concatenate([truth[name], draws[name]]) for name in draws.values}
    return Draws(chains=1, data=draws.data, values=values)


def _ess(series: np.ndarray) -> float:
    from arviz_stats.base import array_stats

    return float(array_stats.ess(series.reshape(CHAINS, -1), chain_axis=0, draw_axis=1))


def measure(model: Any, draws: Draws, simulation: Simulation, number: int) -> dict[str, np.ndarray]:
    """Return every quantity in every draw; the first is the truth."""
    values = {}
    for name, variable, labels in PARAMETERS:
        axes = _AXES.get(variable, ("",) * len(labels))
        place = tuple(
            label if isinstance(label, int) else draws.data.coords[axis].index(label)
            for axis, label in zip(axes, labels, strict=True)
        )
        values[name] = draws[variable][(slice(None), *place)]
    values["log-likelihood"] = log_likelihood(model, draws.values)
    values["question"] = chances(draws, simulation.truth.rungs, number)
    return {name: values[name] for name in QUANTITIES}


def chances(draws: Draws, rungs: np.ndarray, number: int) -> np.ndarray:
    """Return the probability of the question in each draw; the first draw has the true rungs.

    A draw has one sampled past. The truth is rolled forward on as many paths as a draw, so that
    what is left of noise has the same law in both.
    """
    pair, rung = QUESTION
    chain = draws.data.chains.pair.tolist().index(draws.data.coords["pair"].index(pair))
    rng = generator(SEED + number, "past", pair)
    last = sample_past(filter_chain(draws, chain), 1, 1, rng)[:, :, 0]
    last[0] = rungs[chain, -1]
    future = sample_future(draws, chain, np.repeat(last, PATHS, axis=1), AHEAD, SEED + number)
    return np.asarray(np.mean(future.max(axis=(2, 3)) >= RUNGS.index(rung), axis=1))


_likelihoods: dict[int, Any] = {}


def log_likelihood(model: Any, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the sum of the observed terms and of the witness potential, in each draw.

    The model's own graph is read at the drawn alignment and parameters, and compiled once for all
    data sets, as the engine's is.
    """
    import jax
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.graph import clone_replace
    from pytensor.graph.traversal import ancestors

    terms = [pm.logp(one, model.rvs_to_values[one]).sum() for one in model.observed_RVs]
    total = pt.sum(pt.stack([*terms, *(one.sum() for one in model.potentials)]))
    # What alignment is made of does not matter where alignment itself is given.
    needed = set(ancestors([total], blockers=[model["alignment"]]))
    chosen = [one for one in (model["alignment"], *model.free_RVs) if one in needed]
    shapes = [values[one.name].shape[1:] for one in chosen]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    vector = pt.TensorType("float64", shape=(int(ends[-1]),))("values")
    parts = {
        one: pt.specify_shape(
            vector[end - int(np.prod(shape)) : end].reshape(shape), one.type.shape
        )
        for one, shape, end in zip(chosen, shapes, ends, strict=True)
    }
    graphs = without_shared(clone_replace([total], parts, rebuild_strict=False))
    lifted, data = lift(graphs)
    program = densities._program([vector], lifted, graphs)
    if id(program) not in _likelihoods:
        _likelihoods[id(program)] = program, jax.jit(jax.vmap(program.log_density, (0, None)))
    flat = [values[one.name].reshape(len(values["alignment"]), -1) for one in chosen]
    return np.asarray(_likelihoods[id(program)][1](np.concatenate(flat, axis=1), data))


def ranks(results: list[Ranked], shrink: float = 1.0) -> dict[str, np.ndarray]:
    """Return the rank of each truth among its draws, by quantity; ties are broken at random.

    Parameters
    ----------
    shrink : float
        Below 1, draws are pulled towards their mean: an engine that is too sure.
    """
    rng = np.random.default_rng([SEED, 1])
    found: dict[str, list[int]] = {name: [] for name in QUANTITIES}
    for one in results:
        for name in QUANTITIES:
            draws = np.array(one.draws[name])
            draws = draws.mean() + shrink * (draws - draws.mean()) if shrink != 1.0 else draws
            below = int(np.sum(draws < one.truth[name]))
            ties = int(np.sum(draws == one.truth[name]))
            found[name].append(below + int(rng.integers(ties + 1)))
    return {name: np.array(own) for name, own in found.items()}


@dataclass(frozen=True)
class Band:
    """The simultaneous band of the ECDF of so many uniform ranks.

    Attributes
    ----------
    sets
        Number of ranks.
    least : array
        Simulated values of the statistic, sorted: the smallest tail chance over the grid.
    limit
        The band is left where the statistic is this small or smaller.
    """

    sets: int
    least: np.ndarray
    limit: float

    def p_value(self, own: np.ndarray) -> float:
        """Return the chance of an ECDF as far out as this one, if the ranks are uniform."""
        smaller = np.searchsorted(self.least, statistic(own[None])[0], side="right")
        return float((1 + smaller) / (1 + len(self.least)))

    def holds(self, own: np.ndarray) -> bool:
        """Say whether the ECDF of these ranks stays inside."""
        return bool(statistic(own[None])[0] > self.limit)

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and highest share of ranks below k that stay inside, k = 1..KEPT."""
        inside = _tails(self.sets) > self.limit
        low = inside.argmax(axis=1)
        high = self.sets - inside[:, ::-1].argmax(axis=1)
        return low / self.sets, high / self.sets


@cache
def _tails(sets: int) -> np.ndarray:
    """Return the smaller tail chance of so many ranks below k, shape (k, number below)."""
    share = np.arange(1, KEPT + 1)[:, None] / (KEPT + 1)
    number = np.arange(sets + 1)[None]
    return np.minimum(binom.cdf(number, sets, share), binom.sf(number - 1, sets, share))


def below(own: np.ndarray) -> np.ndarray:
    """Count the ranks below k = 1..KEPT in each row."""
    return np.stack([np.cumsum(np.bincount(row, minlength=KEPT + 1))[:-1] for row in own])


def statistic(own: np.ndarray) -> np.ndarray:
    """Return the smallest tail chance over the grid, for each row of ranks."""
    return _tails(own.shape[1])[np.arange(KEPT), below(own)].min(axis=1)


@cache
def band(sets: int, level: float = LEVEL / len(QUANTITIES)) -> Band:
    """Simulate the band of uniform ranks that is left with a chance of ``level`` at most."""
    rng = np.random.default_rng([SEED, 2, sets])
    # In parts, to be kind to the memory.
    parts = [rng.integers(KEPT + 1, size=(1000, sets)) for _ in range(REPEATS // 1000)]
    least = np.sort(np.concatenate([statistic(part) for part in parts]))
    values, first = np.unique(least, return_index=True)
    share = np.append(first[1:], len(least)) / len(least)
    small = values[share <= level]
    return Band(sets, least, float(small.max()) if len(small) else 0.0)


def verdict(results: list[Ranked]) -> pd.DataFrame:
    """Return a row for each quantity."""
    own_band, found = band(len(results)), ranks(results)
    grid = np.arange(1, KEPT + 1) / (KEPT + 1)
    rows = []
    for name, own in found.items():
        gap = below(own[None])[0] / len(own) - grid
        rows.append(
            {
                "quantity": name,
                "inside": "yes" if own_band.holds(own) else "NO",
                "p": round(own_band.p_value(own), 4),
                "mean rank": round(float(own.mean()), 1),
                "sd of ranks": round(float(own.std()), 1),
                "largest gap": round(float(gap[np.abs(gap).argmax()]), 3),
                "ESS, 5 %": round(float(np.quantile([one.ess[name] for one in results], 0.05))),
                "ESS, median": round(float(np.median([one.ess[name] for one in results]))),
            }
        )
    return pd.DataFrame(rows)


def table(results: list[Ranked]) -> pd.DataFrame:
    """Return a row for each data set."""
    found = ranks(results)
    return pd.DataFrame(
        {
            "set": [one.number for one in results],
            "seconds": [round(one.seconds, 2) for one in results],
            "unresolved": [round(one.unresolved, 4) for one in results],
            "least_ess": [round(min(one.ess.values())) for one in results],
        }
        | {f"rank {name}": own for name, own in found.items()}
    )


def draw(results: list[Ranked]) -> Any:
    """Draw the ECDF of each quantity's ranks, less that of uniform ones, with the band."""
    from matplotlib.figure import Figure

    found, own_band = ranks(results), band(len(results))
    grid = np.arange(1, KEPT + 1) / (KEPT + 1)
    low, high = own_band.edges()
    figure = Figure(figsize=(10.0, 8.4), layout="constrained")
    axes = figure.subplots(4, 4, sharex=True, sharey=True)
    for axis, (name, own) in zip(axes.flat, found.items(), strict=False):
        inside = own_band.holds(own)
        axis.fill_between(grid, low - grid, high - grid, color="#c9d6e4", linewidth=0.0)
        axis.axhline(0.0, color="#8a94a0", linewidth=0.6)
        gap = below(own[None])[0] / len(own) - grid
        axis.step(grid, gap, where="post", color="#1c4f82" if inside else "#b3261e", linewidth=1.2)
        axis.set_title(name + ("" if inside else " (outside)"), fontsize=9)
        axis.tick_params(labelsize=8)
    for axis in axes.flat[len(found) :]:
        axis.set_visible(False)
    figure.supxlabel("rank of the truth, as a share", fontsize=9)
    figure.supylabel("ECDF of the ranks less uniform", fontsize=9)
    return figure


def report(results: list[Ranked]) -> str:
    """Return the page of results."""
    shown = verdict(results)
    outside = shown.loc[shown["inside"] == "NO", "quantity"].tolist()
    family = min(1.0, len(QUANTITIES) * float(shown["p"].min()))
    seconds = [one.seconds for one in results]
    text = PREFACE.format(
        sets=len(results),
        chains=CHAINS,
        draws=DRAWS,
        tune=TUNE,
        kept=KEPT,
        quantities=len(QUANTITIES),
        level=100 * (1 - LEVEL / len(QUANTITIES)),
    )
    words = (
        f"All {len(QUANTITIES)} quantities stay inside their bands"
        if not outside
        else f"Outside their bands: {', '.join(outside)}"
    )
    few = np.mean([min(one.ess.values()) < KEPT for one in results])
    return (
        f"{text}{words} (smallest p times {len(QUANTITIES)}: {family:.2g}).\n\n"
        f"```\n{shown.to_string(index=False)}\n```\n\n"
        f"A data set took {np.median(seconds):.1f} s (median), {np.max(seconds):.0f} s at most with"
        f" the compilation. Draws with an unresolved step:"
        f" {100 * np.mean([one.unresolved for one in results]):.2g} %. In {100 * few:.0f} % of the"
        f" sets the effective draws of some quantity were fewer than {KEPT}.\n\n"
        "![ECDF of the ranks less uniform](sbc.svg)\n"
    )


PREFACE = """\
# Simulation-based calibration of the fast engine

{sets} truths from the prior, each with a data set simulated from it and fitted by the fast engine
({chains} chains of {draws} draws after {tune}). Each truth is ranked among {kept} thinned draws;
with exact posteriors the ranks are uniform. Made by `python -m tests.slow.sbc`, which fixes the
{quantities} quantities. The band of a quantity has level {level:.2f} %, so that all of them
together stay inside with a chance of at least 95 %; p is the chance of an ECDF as far
out as the one seen.

"""


def write(results: list[Ranked]) -> None:
    """Write the table, the page and the plots."""
    from matplotlib import rc_context

    FOLDER.mkdir(parents=True, exist_ok=True)
    table(results).to_csv(FOLDER / "sbc.csv", index=False, lineterminator="\n")
    (FOLDER / "sbc.md").write_text(report(results), encoding="utf-8")
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "sbc"}):
        draw(results).savefig(
            FOLDER / "sbc.svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )


def main(arguments: list[str]) -> int:
    """Calibrate some data sets and print the verdict; write it where all are done."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.sbc", description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help="only the first so many")
    parser.add_argument("--engine", choices=("fast", "nuts"), default="fast")
    options = parser.parse_args(arguments)
    results = []
    for number in range(options.sets):
        results.append(calibrate(number, options.engine))
        one = results[-1]
        sys.stdout.write(
            f"{number:4} {one.seconds:6.2f} s, {one.programs} programs,"
            f" least ESS {min(one.ess.values()):.0f}\n"
        )
        sys.stdout.flush()
    sys.stdout.write(verdict(results).to_string() + "\n")
    if options.sets == SETS and options.engine == "fast":
        write(results)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
