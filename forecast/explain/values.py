"""Imagined values of a continuous signal: nested Monte Carlo over what could be published.

The outer sample are values from their predictive distribution, the inner one the paths, weighted by
the density of the value. Low, middle and high stand for the 5 %, 50 % and 95 % points of that
distribution, with the weights .185, .63 and .185 of Pearson and Tukey's three-point rule.

References
----------
.. [1] D. L. Keefer and S. E. Bodily, *Three-point approximations for continuous random variables*,
   Management Science, 1983.
"""

from datetime import date, timedelta

import numpy as np
from scipy.special import gammaln

from forecast.errors import QuestionError
from forecast.explain.observations import Imagined, believed, decided, fitted
from forecast.explain.scene import Scene, SignalEvent
from forecast.forecasts.draws import generator
from forecast.forecasts.signal_events import value_law, year_of_value
from forecast.panel.acts import canonical_pair
from forecast.study.events import ValueEvent
from forecast.study.models import Indicator, Pair

#: Values of the outer sample, and those that the quantiles are read from.
OUTER = 256
FINE = 4096
LEVELS = (0.05, 0.5, 0.95)
WEIGHTS = np.array([0.185, 0.63, 0.185])


def imagine_value(scene: Scene, indicator: Indicator, pair: Pair) -> Imagined:
    """Imagine the next value of a series that reaches into the period."""
    fitted(scene, indicator, "noise_scale")
    span = _span(scene, indicator, pair)
    asked = _asked(scene, indicator, pair, span)
    law = value_law(scene.world, indicator, pair, span)
    true = 1.0 if asked else believed(scene)
    label = canonical_pair(indicator, pair).label
    rng = generator(scene.world.seed, "imagined value", indicator.name, label)
    fine = _predictive(scene, law, true, (FINE, rng))
    points = np.quantile(fine, LEVELS)
    values = np.concatenate([points, fine[:: FINE // OUTER]])
    mass, hits = _tables(scene, (law, true), values, (indicator, asked))
    return Imagined(
        indicator=indicator.name,
        watched=(indicator,),
        pair=pair,
        joint=scene.joint(mass[:, 3:], hits[:, 3:], sampled=True),
        points=scene.joint(mass[:, :3], hits[:, :3]),
        words=tuple(
            f"{indicator.name}: {raw_value(indicator, value):.4g} ({word})"
            for value, word in zip(points, ("low", "middle", "high"), strict=True)
        ),
        chances=WEIGHTS,
        note=_note(scene, indicator, span, decides=bool(asked)),
    )


def raw_value(indicator: Indicator, value: float) -> float:
    """Return a value of the declared scale in the indicator's own unit."""
    raw = indicator.location + indicator.scale * value
    return float(np.exp(raw)) if indicator.transform == "log" else float(raw)


def _span(scene: Scene, indicator: Indicator, pair: Pair) -> tuple[int, int]:
    """Return the periods of the value that reaches into the watched one, as the series goes on."""
    own = canonical_pair(indicator, pair)
    acts = [act for act in scene.world.panel.acts if act.indicator == indicator.name]
    acts = [act for act in acts if act.pair == own] or acts
    if not acts:
        raise QuestionError("it was never on record", expected="one value of the series")
    newest = max(acts, key=lambda act: (act.last, act.first))
    length = newest.last - newest.first + 1
    steps = -(-(scene.period - newest.last) // length)
    if steps < 1:
        raise QuestionError(f"its value for {scene.label} is on record", expected="a later period")
    last = newest.last + steps * length
    return last - length + 1, last


def _asked(
    scene: Scene, indicator: Indicator, pair: Pair, span: tuple[int, int]
) -> list[SignalEvent]:
    """Return the question's parts that ask for this value."""
    calendar, year = scene.world.panel.study.calendar, year_of_value(scene.window)
    if span != (calendar.index(date(year, 1, 1)), calendar.index(date(year, 12, 31))):
        return []
    return [part for part in scene.asked(indicator, pair) if isinstance(part, ValueEvent)]


def _note(scene: Scene, indicator: Indicator, span: tuple[int, int], *, decides: bool) -> str:
    calendar = scene.world.panel.study.calendar
    notes = ["the question asks about it"] if decides else []
    if span != (scene.period, scene.period):
        notes.append(f"the value of {calendar.label(span[0])} to {calendar.label(span[1])}")
    released = calendar.end(span[1]) + timedelta(days=indicator.release_lag or 0)
    if released > scene.known_on:
        notes.append(f"not published before {released}")
    return "; ".join(notes)


def _predictive(
    scene: Scene,
    law: tuple[np.ndarray, np.ndarray],
    true: float,
    sample: tuple[int, np.random.Generator],
) -> np.ndarray:
    """Draw values from the predictive distribution: draws by weight, in a scattered order."""
    size, rng = sample
    mean, spread = law
    edges = np.cumsum(scene.world.draws.shares)
    places = (np.arange(size) + rng.random()) / size * edges[-1]
    draw = rng.permutation(np.minimum(np.searchsorted(edges, places), len(edges) - 1))
    noise = rng.standard_t(scene.world.degrees_of_freedom, size)
    told = mean[draw, rng.integers(mean.shape[1], size=size)] + spread[draw] * noise
    return np.where(rng.random(size) < true, told, noise)


def _tables(
    scene: Scene,
    law: tuple[tuple[np.ndarray, np.ndarray], float],
    values: np.ndarray,
    decision: tuple[Indicator, list[SignalEvent]],
) -> tuple[np.ndarray, np.ndarray]:
    """Return densities of values, alone and with the question, each (draw, value).

    One value at a time: the array over draws and paths is the largest.
    """
    ((mean, spread), true), (indicator, asked) = law, decision
    degrees = scene.world.degrees_of_freedom
    chance = scene.without(asked) if asked else scene.chance
    mass = np.empty((len(mean), len(values)))
    hits = np.empty_like(mass)
    for column, value in enumerate(values):
        density = true * student(value, mean, spread[:, None], degrees)
        if true < 1.0:
            density = density + (1.0 - true) * student(value, np.zeros(1), np.ones(1), degrees)
        mass[:, column] = density.mean(axis=1)
        if asked and decided(asked, indicator, raw_value(indicator, value)):
            hits[:, column] = mass[:, column]
        else:
            hits[:, column] = (density * chance).mean(axis=1)
    return mass, hits


def student(value: float, mean: np.ndarray, scale: np.ndarray, degrees: float) -> np.ndarray:
    """Return Student's density at a value (docs/model.md, section 4.5)."""
    constant = gammaln((degrees + 1.0) / 2.0) - gammaln(degrees / 2.0)
    norm = np.exp(constant) / (np.sqrt(degrees * np.pi) * scale)
    standard = (value - mean) / scale
    return np.asarray(norm * (1.0 + standard**2 / degrees) ** (-(degrees + 1.0) / 2.0))
