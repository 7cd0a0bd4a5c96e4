"""Sections 5 to 7 of ``docs/model.md``: rungs, how they come to be reported, and their sum."""

from __future__ import annotations

import itertools
import math
from datetime import timedelta

import numpy as np
from scipy.special import expit, logsumexp

from tests.reference.inputs import Case, Chain, Report

AXES = ("state", "firms")


def score(case: Case, x: np.ndarray, chain: Chain, equation: int, t: int) -> float:
    """Return S of an equation in a period (5.2)."""
    values = case.values
    total = 0.0
    for k in range(len(case.domains)):
        deviation = values["rung_weight_deviation"][equation, k]
        total += values["rung_weight"][k] * math.exp(deviation) * x[chain.pair, k, t]
    here = (case.pairs[chain.pair].label, case.panel.periods[t])
    for d, by_cell in enumerate(case.drivers.values()):
        total += values["driver_weight"][d] * by_cell.get(here, 0.0)
    shock = values["recipient_shock_raw"][chain.recipient, t - case.staked_from]
    return total + values["recipient_shock_scale"] * shock


def transition(case: Case, scores: list[float], chain: Chain, axis: str, t: int) -> np.ndarray:
    """Return P(rung now | rung before), a row for each rung before (5.3)."""
    rungs = len(case.rungs)
    first, onset, climb, hold = (
        float(case.values[f"{name}_{axis}"]) for name in ("first", "onset", "climb", "hold")
    )
    height = [math.nan, 0.0]
    for gap in case.values["rung_gap"]:
        height.append(height[-1] + gap)
    h = math.log(case.per_year / 4)
    made = np.zeros((rungs, rungs))
    for before in range(rungs):
        logits = {}
        for j in range(1, rungs):
            if t == chain.first:
                logits[j] = scores[0] + first - height[j]
            elif before == 0:
                logits[j] = scores[1] + onset - h - height[j]
            elif j > before:
                move = min(-climb - h, hold + h)
                logits[j] = scores[2] + move - (height[j] - height[before])
            else:
                logits[j] = scores[2] + hold + h - (height[j] - height[before])
        if axis == "firms":
            logits = without_excluded(case, logits)
        made[before] = row_of(logits)
    return made


def without_excluded(case: Case, logits: dict[int, float]) -> dict[int, float]:
    """Give an excluded rung what the lowest allowed rung above it has."""
    made = {}
    for j in logits:
        above = [i for i in logits if i >= j and case.rungs[i] not in excluded(case)]
        made[j] = logits[above[0]] if above else -math.inf
    return made


def excluded(case: Case) -> tuple[str, ...]:
    return case.panel.study.ladder.firms_excluded


def row_of(logits: dict[int, float]) -> list[float]:
    """Return the chance of each rung from the logits of at least that rung."""
    steps = [math.inf, *logits.values(), -math.inf]
    return [between(high, low) for high, low in itertools.pairwise(steps)]


def between(high: float, low: float) -> float:
    """Return expit(high) - expit(low) without loss where both are near 1."""
    if high == low:
        return 0.0
    return float(expit(high) * expit(-low) * -math.expm1(low - high))


def grade_place(grade: str) -> tuple[float, str]:
    """Return the places of letter and digit added, F and 6 at 2.5 (1.3)."""
    letters, digits = dict(zip("ABCDEF", (0, 1, 2, 3, 4, 2.5), strict=True)), (0, 1, 2, 3, 4, 2.5)
    return letters[grade[0]] + digits[int(grade[1]) - 1], grade


def mean_delay(case: Case, rung: str) -> float:
    """Return the mean delay of a rung's reports in years: learnt (1.7), or the table's."""
    learnt = case.panel.delays.report_years if case.panel.delays else {}
    return learnt.get(rung, case.priors.tables["delay_years"][rung])


def known_share(case: Case, delay: float, t: int) -> float:
    """Return the share of a period's true reports that is known by the as-of date (6.2)."""
    first, last = case.days[t]
    middle = first + timedelta(days=(min(last, case.panel.as_of) - first).days // 2)
    years = max(0, (case.panel.as_of - middle).days) / 365.25
    return 1 - math.exp(-years / delay)


def emission(case: Case, t: int, placed: tuple[Report, ...]) -> np.ndarray:
    """Return the factor of every cell of a period with reports placed in it (6.1)."""
    rungs = len(case.rungs)
    made = np.ones((rungs, rungs))
    for r in range(1, rungs):
        for g, b in itertools.product(range(rungs), range(rungs)):
            made[g, b] *= bracket(case, t, r, g >= r, b >= r, placed)
    return made


def bracket(
    case: Case, t: int, r: int, state: bool, firms_stand: bool, placed: tuple[Report, ...]
) -> float:
    """Return the factor of one rung, with state and firms standing on it or above, or not."""
    tables, rung = case.priors.tables, case.rungs[r]
    detected = 1 - (1 - tables["detection"][rung]) ** (4 / case.per_year)
    firms = firms_stand and rung not in excluded(case)
    unseen = 1 - detected * known_share(case, mean_delay(case, rung), t)
    factor = unseen ** (int(state) + int(firms))
    is_true = {"state": state, "firm": firms, "unknown": state or firms}
    for attribution, holds in is_true.items():
        if holds:
            about = [one for one in placed if (one.rung, one.attribution) == (r, attribution)]
            said = [one for one in about if not one.nothing]
            denied = [one for one in about if one.nothing]
            factor *= 1 + detected * weight_of_reports(case, rung, said) / unseen
            factor *= weight_of_nothing(case, denied)
    return factor


def weight_of_reports(case: Case, rung: str, reports: list[Report]) -> float:
    best: dict[str, str] = {}
    for report in reports:
        for name, grade in report.sources:
            best[name] = min(best.get(name, grade), grade, key=grade_place)
    tables = case.priors.tables
    false_rate = 4 / case.per_year * tables["false_rate"][rung]
    ratios = []
    for grade in best.values():
        letter, digit = grade[0], grade[1]
        true = tables["true_share_source"][letter] * tables["true_share_information"][digit]
        false = tables["false_share_source"][letter] * tables["false_share_information"][digit]
        ratios.append(true / (false_rate * false))
    ratios.sort(reverse=True)
    if not ratios:
        return 0.0
    return ratios[0] * (math.sqrt(max(1.0, ratios[1])) if len(ratios) > 1 else 1.0)


def weight_of_nothing(case: Case, reports: list[Report]) -> float:
    by_source = case.priors.tables["nothing_by_source"]
    return min([by_source[grade[0]] for one in reports for _, grade in one.sources], default=1.0)


def witness_terms(case: Case, x: np.ndarray) -> list[float]:
    return [log_likelihood(case, x, chain) for chain in case.chains]


def log_likelihood(case: Case, x: np.ndarray, chain: Chain) -> float:
    """Return the log of the mean over all placements of the chain's reports."""
    touching, candidates = [], []
    for report in case.reports_of(case.pairs[chain.pair]):
        overlap = range(max(report.first, chain.first), min(report.last, chain.last) + 1)
        if overlap:
            touching.append(report)
            candidates.append(overlap)
    periods = range(chain.first, chain.last + 1)
    moves = []
    for t in periods:
        scores = [score(case, x, chain, equation, t) for equation in range(3)]
        moves.append([transition(case, scores, chain, axis, t) for axis in AXES])
    factors: dict[tuple[int, tuple[Report, ...]], np.ndarray] = {}
    found = []
    for placement in itertools.product(*candidates):
        steps = []
        for t in periods:
            placed = tuple(one for one, at in zip(touching, placement, strict=True) if at == t)
            if (t, placed) not in factors:
                factors[t, placed] = emission(case, t, placed)
            steps.append(factors[t, placed])
        found.append(forward(moves, steps))
    return float(logsumexp(found)) - math.log(len(found))


def forward(moves: list[list[np.ndarray]], factors: list[np.ndarray]) -> float:
    """Return the log-likelihood of one placement by forward recursion."""
    mass = np.zeros_like(factors[0])
    mass[0, 0] = 1.0
    total = 0.0
    for (state, firms), factor in zip(moves, factors, strict=True):
        mass = (state.T @ mass @ firms) * factor
        total += math.log(mass.sum())
        mass = mass / mass.sum()
    return total
