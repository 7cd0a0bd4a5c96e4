"""Imagined counts of events, enumerated: silence, one, two, and so on."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from scipy.stats import binom, poisson

from forecast.errors import QuestionError
from forecast.explain.observations import Imagined, believed, fitted, means, show, stack
from forecast.explain.scene import Scene
from forecast.forecasts.signal_events import count_shape, predictor, simulated_counts
from forecast.model.credibility import probability_true
from forecast.panel.acts import canonical_pair
from forecast.panel.cells import days_between, known_by_day
from forecast.study.events import AnyEvent, CountEvent
from forecast.study.models import Indicator, Pair

#: Counts are enumerated until less than this is left; the rest is one outcome.
TAIL = 1e-4
MOST = 400
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def imagine_count(scene: Scene, indicator: Indicator, pair: Pair) -> Imagined:
    """Imagine the number of events in the rest of the period."""
    fitted(scene, indicator, "dispersion")
    about = {"indicator": indicator.name, "watched": (indicator,), "pair": pair}
    asked = [p for p in scene.asked(indicator, pair) if isinstance(p, CountEvent | AnyEvent)]
    if asked and scene.in_window:
        counts = simulated_counts(scene.world, indicator, pair, scene.window)
        own = next(islice(counts, scene.period - scene.window.first, None))
        latent = _count_tables(scene, (np.equal(own, k).astype(float) for k in range(MOST + 1)))
        note = "the question asks about it: all events of the period that are not on record"
        return _show_counts(scene, about | {"note": note}, latent)
    exposure, note = _exposure(scene, indicator, pair)
    eta = predictor(scene.world, indicator, pair)
    slot = scene.world.slots(scene.period, scene.period)
    rate = exposure * np.exp(np.minimum(eta[:, :, slot][:, :, 0], 50.0))
    masses = negative_binomial(rate, count_shape(scene.world, indicator)[:, None])
    mass, hits = _count_tables(scene, masses)
    channel = _reported(scene, indicator, exposure, mass.shape[1] - 1)
    reported = [table[:, :-1] @ channel.T for table in (mass, hits)]
    # What is left over is more than the most that is enumerated.
    rest = [
        table.sum(axis=1, keepdims=True) - part.sum(axis=1, keepdims=True)
        for table, part in zip((mass, hits), reported, strict=True)
    ]
    whole = [
        np.concatenate([part, np.maximum(left, 0.0)], axis=1)
        for part, left in zip(reported, rest, strict=True)
    ]
    return _show_counts(scene, about | {"note": note}, (whole[0], whole[1]))


def negative_binomial(mean: np.ndarray, shape: np.ndarray) -> Iterator[np.ndarray]:
    """Yield P(0), P(1), ... of a negative binomial law, variance ``mean + mean^2 / shape``."""
    odds = mean / (mean + shape)
    mass = np.exp(-shape * np.log1p(mean / shape))
    for count in range(MOST + 1):
        yield mass
        mass = mass * odds * ((count + shape) / (count + 1.0))


def _count_tables(scene: Scene, masses: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Reduce P(n | path) to means by draw, the last column for all counts that are left."""
    shares = scene.world.draws.shares
    columns: list[tuple[np.ndarray, np.ndarray]] = []
    left = 1.0
    for mass in masses:
        columns.append(means(mass, scene.chance))
        left -= float(shares @ columns[-1][0])
        if left < TAIL:
            break
    if left > 100.0 * TAIL:
        raise QuestionError(
            f"more than {MOST} events are expected in a period",
            expected="a count that can be enumerated",
        )
    mass, hits = stack(columns)
    rest = np.maximum(1.0 - mass.sum(axis=1), 0.0)
    lost = np.clip(scene.chance.mean(axis=1) - hits.sum(axis=1), 0.0, rest)
    return np.column_stack([mass, rest]), np.column_stack([hits, lost])


def _reported(scene: Scene, indicator: Indicator, exposure: float, size: int) -> np.ndarray:
    """Return P(y events reported | j true ones), shape (reported, true).

    False events given ``j`` true ones are failures before success ``j + 1`` at chance ``pi``, so
    that ``P(y | path)`` is ``pi`` times the fit's likelihood; with ``false_counts = "typical"``
    they are Poisson with the odds of a false report times the typical rate (docs/model.md, 4.2).
    """
    true = believed(scene)
    reported, events = np.arange(size)[:, None], np.arange(size)[None, :]
    panel = scene.world.panel
    if panel.study.switches.false_counts == "rarity":
        return np.asarray(true * binom.pmf(events, reported, true))
    rows = panel.signals[panel.signals["indicator"] == indicator.name]
    seen = 0.5 + sum(
        count * probability_true(scene.priors, grades, scene.chances)
        for counts, cell in zip(rows["counts"], rows["grades"], strict=True)
        for count, grades in zip(counts, cell, strict=True)
    )
    typical = seen / float(rows["exposure"].sum()) if len(rows) else 1.0
    return np.asarray(poisson.pmf(reported - events, (1.0 - true) / true * typical * exposure))


def _exposure(scene: Scene, indicator: Indicator, pair: Pair) -> tuple[float, str]:
    """Return the share of the period's events that is seen, and what to know of it."""
    panel = scene.world.panel
    calendar = panel.study.calendar
    ends = calendar.end(scene.period)
    days = days_between(scene.first_day, ends)
    length = (ends - calendar.start(scene.period)).days + 1
    known = np.ones(len(days))
    if panel.delays is not None:
        known = panel.delays.known_on(indicator.name, days, scene.known_on)
    if not known.any():
        raise QuestionError(
            f"its figure for {scene.label} is not out by {scene.known_on}",
            expected="a later period",
        )
    own = canonical_pair(indicator, pair)
    covered = known_by_day(panel.study, indicator, own, scene.known_on, days)
    note = ""
    if panel.study.switches.coverage and not covered.all():
        note = "outside coverage.csv: taken as if somebody looked"
    return float(known.sum()) / length, note


def _show_counts(
    scene: Scene, about: dict[str, object], tables: tuple[np.ndarray, np.ndarray]
) -> Imagined:
    """Show silence, one and two events; where they are many, low, middle and high numbers too."""
    mass, hits = tables
    cumulated = np.cumsum(scene.world.draws.shares @ mass)
    most = mass.shape[1] - 2
    marks = [int(np.searchsorted(cumulated, level)) for level in (0.05, 0.5, 0.95)]
    chosen = {0, 1, 2} | (set(marks) if marks[1] > 1 else set())
    shown = sorted(one for one in chosen if one <= most)
    order = [*shown, *(one for one in range(mass.shape[1]) if one not in shown)]
    words = [_events(str(about["indicator"]), count) for count in shown]
    return show(scene, about, (mass[:, order], hits[:, order]), words)


def _events(name: str, count: int) -> str:
    if count == 0:
        return "silence"
    return f"{NUMBERS[count] if count < len(NUMBERS) else count} {name}"
