"""Imagined observations of signals: every outcome of one, judged by the law that the fit uses.

An observation is what is on record at the end of the *next* period about the rest of one period:
the number of events of a count (none is silence), one opportunity taken or not, one statement at a
level, one value. Its law on a path is that of docs/model.md, sections 3 and 4, with the alignment
of the path: with doubt about its grade it mixes with the law of false reports, each in the form
that is a proper distribution of what is reported (section 4 of the same page; the story is told in
:mod:`forecast.forecasts.simulated_signals`).

Where the question asks about the very thing that is seen, the observation decides it: of a count
the paths are split by their own simulated number, a statement, an opportunity or a value replaces
the one that the forecast would draw. It then stands as recorded, whatever its grade, as it does in
a forecast.
"""

from dataclasses import dataclass

import numpy as np

from forecast.errors import QuestionError
from forecast.explain.information import Joint
from forecast.explain.scene import Scene, SignalEvent
from forecast.forecasts.events import COMPARE
from forecast.forecasts.signal_events import (
    level_masses,
    matching_acts,
    recorded_acts,
    taken_chance,
)
from forecast.model.credibility import probability_true
from forecast.study.events import AnyEvent, LevelEvent, ValueEvent
from forecast.study.models import Indicator, Pair


@dataclass(frozen=True, kw_only=True)
class Imagined:
    """What can be seen of one thing in one period.

    Attributes
    ----------
    indicator
        Its name, or in words what reports are about.
    watched
        The indicators that must be watched to see it.
    joint
        Joint chances of all outcomes and the question: for the expected information.
    words
        Each outcome that is shown by itself, in words.
    points
        Joint chances of the outcomes that are shown.
    chances : array, shape (shown,)
        P(y) of what is shown; of values, the chance of the part that a point stands for.
    note
        What a reader must know of it.
    """

    indicator: str
    watched: tuple[Indicator, ...]
    pair: Pair
    joint: Joint
    words: tuple[str, ...]
    points: Joint
    chances: np.ndarray
    note: str = ""


def show(
    scene: Scene, about: dict[str, object], tables: tuple[np.ndarray, np.ndarray], words: list[str]
) -> Imagined:
    """Return an observation with the first outcomes shown, one for each of the words."""
    mass, hits = tables
    joint = scene.joint(mass, hits)
    points = scene.joint(mass[:, : len(words)], hits[:, : len(words)])
    return Imagined(
        **about,  # type: ignore[arg-type]
        joint=joint,
        points=points,
        words=tuple(words),
        chances=points.expected,
    )


def means(mass: np.ndarray, chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the means over paths of P(y | path) alone and times a chance, each (draw,)."""
    return mass.mean(axis=1), (mass * chance).mean(axis=1)


def stack(columns: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return mass and hits, each (draw, outcome), from one pair of columns for each outcome."""
    return np.stack([one for one, _ in columns], axis=1), np.stack([h for _, h in columns], axis=1)


def believed(scene: Scene, grade: str | None = None) -> float:
    """Return P(true) of an observation of one source."""
    return probability_true(scene.priors, [grade or scene.grade], scene.chances)


def fitted(scene: Scene, indicator: Indicator, parameter: str) -> None:
    """Refuse an indicator whose law lacks a parameter, since nothing of its kind was seen."""
    if parameter not in scene.world.draws:
        raise QuestionError(
            f"no {indicator.kind} is on record, so that its law was not fitted",
            expected="one record of the kind",
        )


def settled(scene: Scene, indicator: Indicator, pair: Pair) -> list[SignalEvent]:
    """Return the question's parts that an observation decides; none where the record has.

    Raises
    ------
    QuestionError
        If the question names several texts, and an observation decides one of them.
    """
    asked = scene.asked(indicator, pair) if scene.in_window else []
    texts = {part.text for part in asked if isinstance(part, AnyEvent | LevelEvent)}
    if len(texts) > 1:
        raise QuestionError("the question names several texts of it", expected="one text")
    if texts and matching_acts(
        scene.world, recorded_acts(scene.world, indicator, pair, scene.window), texts.pop()
    ):
        return []
    return asked


def imagine_opportunity(scene: Scene, indicator: Indicator, pair: Pair) -> Imagined:
    """Imagine one stated opportunity: taken or not."""
    asked = settled(scene, indicator, pair)
    taken = taken_chance(scene.world, indicator, pair, scene.window.last if asked else scene.period)
    if asked:
        other = scene.without(asked)
        outcomes = [(taken, np.ones_like(taken)), (1.0 - taken, other)]
    else:
        true, false = believed(scene), scene.priors.constant("false_report_binary")
        seen = true * taken + (1.0 - true) * false
        outcomes = [(seen, scene.chance), (1.0 - seen, scene.chance)]
    words = [f"{indicator.name}: {word}" for word in ("taken", "not taken")]
    return _show_statement(scene, (indicator, pair), outcomes, words, decides=bool(asked))


def imagine_statement(scene: Scene, indicator: Indicator, pair: Pair) -> Imagined:
    """Imagine one statement at each of an ordinal's levels."""
    if len(indicator.levels) > 2:
        fitted(scene, indicator, "level_gap")
    asked = settled(scene, indicator, pair)
    masses = level_masses(
        scene.world, indicator, pair, scene.window.last if asked else scene.period
    )
    size = masses.shape[2]
    if asked:
        other = scene.without(asked)
        outcomes = [
            (masses[..., level], np.maximum(other, decided(asked, indicator, float(level))))
            for level in range(size)
        ]
    else:
        true = believed(scene)
        outcomes = [
            (true * masses[..., level] + (1.0 - true) / size, scene.chance) for level in range(size)
        ]
    words = [f"{indicator.name}: {level}" for level in indicator.levels]
    return _show_statement(scene, (indicator, pair), outcomes, words, decides=bool(asked))


def decided(asked: list[SignalEvent], indicator: Indicator, value: float) -> float:
    """Return 1 where a level or a value makes one of the question's parts true, else 0."""
    for part in asked:
        match part:
            case LevelEvent(_, _, op, level) if COMPARE[op](value, indicator.levels.index(level)):
                return 1.0
            case ValueEvent(_, op, limit) if COMPARE[op](value, limit):
                return 1.0
    return 0.0


def _show_statement(
    scene: Scene,
    whose: tuple[Indicator, Pair],
    outcomes: list[tuple[np.ndarray, np.ndarray]],
    words: list[str],
    *,
    decides: bool,
) -> Imagined:
    indicator, pair = whose
    note = "the question asks about it: the statement that it waits for" if decides else ""
    about = {"indicator": indicator.name, "watched": (indicator,), "pair": pair, "note": note}
    tables = stack([means(mass, chance) for mass, chance in outcomes])
    return show(scene, about, tables, words)
