"""Updates of 1 to 30 held-back records by reweighting, held to refits; run by tests.slow.updates.

60 are of records of the shipped study, as of three dates, and 140 of records that are simulated
into a small study.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.evidence.record import Record
from forecast.explain.basis import State, StructuralError, states_at
from forecast.explain.steps import vintage_with
from forecast.explain.update import too_noisy
from forecast.forecasts.questions import QuestionForecast
from forecast.runs.fit import fit_vintage
from tests.slow.held_back import DATES, HELD_BACK, Held, probabilities, simulated, ukraine

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: How far a reweighted probability may be from a refit's, Monte Carlo error aside.
BAR = 0.02
#: Monte Carlo errors that a difference may have beside it: of 2,000 comparisons 5 pass three by
#: chance, but only where the true difference is at the bar already.
ERRORS = 3.0
#: A Monte Carlo error below which evidence decides a question but for rounding.
DECIDED = 1e-6
SIZES = (1, 2, 3, 5, 10, 20, 30)
#: Of the ordinary tests.
FEW_SIZES = {1: 10, 2: 4, 3: 2, 5: 2, 10: 2}


@dataclass(frozen=True)
class Compared:
    """One question after one update, by weights and by a refit."""

    question: str
    before: float
    reweighted: float
    refitted: float
    error: float
    """Monte Carlo error of the difference."""

    @property
    def difference(self) -> float:
        """By how much the weights' answer differs from the refit's."""
        return self.reweighted - self.refitted

    @property
    def misses(self) -> bool:
        """Whether the difference is beyond the bar and what Monte Carlo error explains."""
        return abs(self.difference) > BAR + ERRORS * self.error


@dataclass(frozen=True)
class Tried:
    """One update."""

    study: str
    records: int
    passed: bool
    why: str
    k_hat: float
    ess: float
    compared: tuple[Compared, ...]


def try_updates(
    held: Held, updates: Sequence[Sequence[Record]], *, refit: bool = True
) -> Iterator[Tried]:
    """Let some of the records that were held back act, by weights and by a refit.

    The panels of all updates are weighed together, as an update weighs those of its causes; what
    may be published is decided as there. Without a refit only the gate is asked.
    """
    basis = held.basis
    vintages = [
        vintage_with(basis.vintage, [*basis.vintage.records, *chosen]) for chosen in updates
    ]
    states = states_at(basis, vintages)
    for chosen, state in zip(updates, states, strict=True):
        if isinstance(state, StructuralError):
            yield Tried(held.name, len(chosen), False, state.what, math.nan, 0.0, ())
            continue
        made = state.forecast(basis.study.questions)
        why = state.weights.refused or too_noisy(basis, made)
        compared = tuple(_compared(held, state, made)) if refit and not why else ()
        state.world.forget_futures()
        yield Tried(
            held.name,
            len(chosen),
            not why,
            why,
            state.weights.k_hat,
            state.weights.ess,
            compared,
        )


def _compared(held: Held, state: State, made: list[QuestionForecast]) -> Iterator[Compared]:
    """Fit again, and hold the weights' answers to it; what evidence decides is left out."""
    again = fit_vintage(
        state.basis.study,
        state.vintage,
        settings=held.again,
        progress=False,
        start=held.fit.posterior.start,
    )
    found = probabilities(again)
    before = probabilities(held.fit)
    for one in made:
        if one.probability is None or one.id not in before or (one.mc_error or 0.0) < DECIDED:
            continue
        p, error = found[one.id]
        yield Compared(
            one.id, before[one.id][0], one.probability, p, math.hypot(one.mc_error or 0.0, error)
        )


# All updates


def plan(per_size: dict[int, int], held_back: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Yield which of the records that were held back make each update."""
    rng = np.random.default_rng(seed)
    for size, count in per_size.items():
        for _ in range(count):
            yield tuple(sorted(rng.choice(held_back, size, replace=False).tolist()))


REAL_SIZES = {1: 6, 2: 3, 3: 3, 5: 3, 10: 3, 20: 1, 30: 1}
WORLDS = 4
SIMULATED_SIZES = {1: 10, 2: 5, 3: 5, 5: 5, 10: 6, 20: 3, 30: 1}


def tasks() -> list[tuple[str, Callable[[], Held], dict[int, int], int]]:
    """Return every fit with its updates: 3 x 20 on the shipped study, 4 x 35 simulated."""
    found: list[tuple[str, Callable[[], Held], dict[int, int], int]] = []
    for number, day in enumerate(DATES):
        found.append((f"ukraine {day}", lambda d=day: ukraine(d), REAL_SIZES, 50 + number))
    for number in range(WORLDS):
        found.append(
            (f"simulated {number}", lambda n=number: simulated(n), SIMULATED_SIZES, number)
        )
    return found


def all_updates(
    keep: Path | None, say: Callable[[str], None], only: str | None = None
) -> list[Tried]:
    """Try all updates; those kept in a folder are not done again."""
    done: list[Tried] = []
    for name, make, sizes, seed in tasks():
        file = keep / f"{name}.jsonl" if keep else None
        old = _read(file)
        done += old
        if only is not None and not name.startswith(only or "-"):
            continue
        chosen = list(plan(sizes, HELD_BACK, seed))[len(old) :]
        if not chosen:
            continue
        held = make()
        records = [[held.held_back[place] for place in places] for places in chosen]
        for one in try_updates(held, records):
            done.append(one)
            say(_line(one))
            keep_row(file, one)
    return done


def _read(file: Path | None) -> list[Tried]:
    return [
        replace(
            one,
            compared=tuple(
                found
                for found in (Compared(**row) for row in one.compared)  # type: ignore[arg-type]
                if found.error >= DECIDED
            ),
        )
        for one in kept_rows(file, Tried)
    ]


def _line(one: Tried) -> str:
    worst = max((abs(c.difference) for c in one.compared), default=float("nan"))
    missed = [f"{c.question} {c.difference:+.3f} ({c.error:.3f})" for c in one.compared if c.misses]
    return (
        f"{one.study}, {one.records} records: k-hat {one.k_hat:.2f}, ess {one.ess:.0f}, "
        f"{'passed' if one.passed else one.why}; largest {worst:.3f} {' '.join(missed)}"
    )


# What was found


def table(done: Sequence[Tried]) -> pd.DataFrame:
    """Return for each number of records how often the gate passed, and how far updates are off."""
    rows = []
    for size in [*sorted({one.records for one in done}), 0]:
        own = [one for one in done if size in (one.records, 0)]
        rows.append(
            {
                "records": str(size or "all"),
                "updates": len(own),
                "passed": sum(one.passed for one in own),
                "share": f"{share(own):.2f}",
            }
            | _summary([c for one in own for c in one.compared])
            | _apart(own, done)
        )
    return pd.DataFrame(rows)


def share(done: Sequence[Tried]) -> float:
    """Return how often the gate passed."""
    return sum(one.passed for one in done) / len(done)


def _summary(compared: list[Compared]) -> dict[str, object]:
    off = np.array([one.difference for one in compared])
    error = np.array([one.error for one in compared])
    if not len(off):
        return {}
    excess = float(np.mean(off**2) - np.mean(error**2))
    z = np.abs(off) / error
    return {
        "questions": str(len(off)),
        "rms": f"{np.sqrt(np.mean(off**2)):.4f}",
        "rms of Monte Carlo": f"{np.sqrt(np.mean(error**2)):.4f}",
        "rms beyond": f"{math.sqrt(max(excess, 0.0)):.4f}",
        "largest": f"{np.abs(off).max():.3f}",
        "largest beyond 3 errors": f"{max(float((np.abs(off) - ERRORS * error).max()), 0.0):.3f}",
        "beyond 2 errors": f"{np.mean(z > 2.0):.1%}",
        "within .02": f"{np.mean(np.abs(off) <= BAR):.1%}",
        "misses": str(sum(one.misses for one in compared)),
    }


def _apart(own: Sequence[Tried], done: Sequence[Tried]) -> dict[str, object]:
    """Return the rms of the differences once the mean of each fit and question is taken out.

    All updates of one fit share its own Monte Carlo error, which is no error of the weights.
    """
    shared: dict[tuple[str, str], list[float]] = {}
    for one in done:
        for c in one.compared:
            shared.setdefault((one.study, c.question), []).append(c.difference)
    off = [
        c.difference - float(np.mean(shared[one.study, c.question]))
        for one in own
        for c in one.compared
        if len(shared[one.study, c.question]) > 1
    ]
    return {"rms apart from the fit's": f"{np.sqrt(np.mean(np.square(off))):.4f}"} if off else {}


def figure(done: Sequence[Tried]) -> Figure:
    """Return the gate's share by number of records, with 90 % intervals (Jeffreys)."""
    from matplotlib.figure import Figure
    from scipy.stats import beta

    made = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = made.subplots()
    kinds = (("shipped study", "ukraine", "#1b5e9b"), ("simulated records", "simulated", "#b3541e"))
    for shift, (label, start, colour) in zip((0.96, 1.04), kinds, strict=True):
        own = [one for one in done if one.study.startswith(start)]
        sizes = sorted({one.records for one in own})
        if not sizes:
            continue
        passed = [[one.passed for one in own if one.records == size] for size in sizes]
        shares = np.array([np.mean(one) for one in passed])
        ends = np.array(
            [beta.ppf([0.05, 0.95], sum(one) + 0.5, len(one) - sum(one) + 0.5) for one in passed]
        )
        low = np.clip(shares - ends[:, 0], 0.0, None)
        high = np.clip(ends[:, 1] - shares, 0.0, None)
        place = np.array(sizes) * shift
        axes.errorbar(place, shares, [low, high], fmt="o-", color=colour, capsize=2, label=label)
    axes.plot([1, 10], [0.9, 0.6], "k_", markersize=18, label="aimed at")
    axes.set_xscale("log")
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.minorticks_off()
    axes.set_ylim(-0.02, 1.04)
    axes.set_xlabel("records in the update")
    axes.set_ylabel("share that the gate passes")
    axes.legend(frameon=False, loc="lower left")
    return made


def limits(done: Sequence[Tried]) -> pd.DataFrame:
    """Return the share that each part of the gate lets pass, by number of records."""
    rows = []
    for size in sorted({one.records for one in done}):
        own = [one.why for one in done if one.records == size]
        tail = sum(not why.startswith("k-hat") for why in own)
        worth = sum(not why.startswith(("k-hat", "the weights are worth")) for why in own)
        passed = sum(not why for why in own)
        rows.append(
            {"records": size, "updates": len(own)}
            | {
                name: f"{count / len(own):.2f}"
                for name, count in (
                    ("k-hat", tail),
                    ("and worth of the weights", worth),
                    ("and simulation error", passed),
                )
            }
        )
    return pd.DataFrame(rows)


def reasons(done: Sequence[Tried]) -> pd.DataFrame:
    """Return why the gate refused, by number of records."""
    rows = []
    for size in sorted({one.records for one in done}):
        refused = [one for one in done if one.records == size and not one.passed]
        if not refused:
            continue
        kinds = {
            "k-hat": [one for one in refused if one.why.startswith("k-hat")],
            "few draws": [one for one in refused if one.why.startswith("the weights are worth")],
            "simulation error": [one for one in refused if one.why.startswith("the simulation")],
        }
        row: dict[str, object] = {"records": size, "refused": len(refused)}
        row |= {name: len(own) for name, own in kinds.items()}
        row["structure"] = len(refused) - sum(len(own) for own in kinds.values())
        row["largest k-hat"] = f"{max(one.k_hat for one in refused):.2f}"
        row["median worth"] = f"{np.median([one.ess for one in refused]):.0f}"
        rows.append(row)
    return pd.DataFrame(rows)


def markdown(frame: pd.DataFrame) -> str:
    """Return a table."""
    frame = frame.astype(object).where(frame.notna(), "")
    rows = [list(map(str, frame.columns)), ["---"] * len(frame.columns)]
    rows += [[str(value) for value in row] for row in frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def kept_rows(file: Path | None, kind: type) -> list:
    """Return what was kept of an earlier call."""
    if file is None or not file.is_file():
        return []
    return [kind(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def keep_row(file: Path | None, one: object) -> None:
    """Keep what was found."""
    if file is not None:
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(one)) + "\n")  # type: ignore[call-overload]
