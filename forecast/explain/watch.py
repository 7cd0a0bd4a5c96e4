"""Tripwires and a collection list: what could be seen next, and what it would tell of a question.

Nothing is fitted again. Every simulated path of every draw has a chance of the question and a
likelihood of each imagined observation, so that an observation reweights the paths:
``P(Q | y) = sum w p(y | path) q(path) / sum w p(y | path)``. This is the update of a forecast, on
paths instead of draws.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from forecast.errors import QuestionError
from forecast.explain.counts import imagine_count
from forecast.explain.information import entropy
from forecast.explain.observations import Imagined, imagine_opportunity, imagine_statement
from forecast.explain.reports import imagine_report, subjects_of
from forecast.explain.scene import Scene, make_scene
from forecast.explain.values import imagine_value
from forecast.explain.watch_tables import (
    collection_row,
    collection_table,
    enough,
    tripwire_rows,
    tripwire_table,
)
from forecast.forecasts.world import World
from forecast.panel.acts import canonical_pair
from forecast.priors import Priors
from forecast.study.models import Indicator, Judgement, Pair, Question, Study

THRESHOLDS = (0.05, 0.2, 0.5, 0.8, 0.95)
_IMAGINE: dict[str, Callable[[Scene, Indicator, Pair], Imagined]] = {
    "count": imagine_count,
    "binary": imagine_opportunity,
    "ordinal": imagine_statement,
    "continuous": imagine_value,
}


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What to watch for a question.

    Attributes
    ----------
    question, pair : str
    probability : float
        Now.
    entropy : float
        Of the question now, in bits.
    period : str
        Label of the period in which something is seen.
    first_day : date
        From this day of the period on.
    share : float
        Share of the period from that day on.
    known_on : date
        What is reported by this day is what is seen.
    grade : str
        Admiralty grade of what is seen of signals.
    thresholds : tuple of float
    tripwires : DataFrame
        One row for each imagined observation: ``chance`` P(y), ``probability`` P(Q | y) with its
        Monte Carlo ``error``, ``change`` of probability, ``bits`` of log-odds, the
        thresholds that it ``crosses`` in the order of crossing, the effective number of draws
        ``ess`` behind it, and whether they are enough (``ok``). First those that are, of them
        first those that cross a threshold, and then by chance times absolute change: what moves
        the forecast most on average.
    collection : DataFrame
        One row for each indicator and pair: ``expected_bits`` with their ``error`` and ``share``
        of the present entropy, the ``expected_brier`` gain, and bits per cost. ``rank`` is by bits
        per cost where every row has a cost, else by bits.
    not_evaluated : DataFrame
        indicator, pair, reason.
    """

    question: str
    pair: str
    probability: float
    entropy: float
    period: str
    first_day: date
    share: float
    known_on: date
    grade: str
    thresholds: tuple[float, ...]
    tripwires: pd.DataFrame
    collection: pd.DataFrame
    not_evaluated: pd.DataFrame


def watch(
    world: World,
    question: Question | Judgement,
    *,
    period: str | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    grade: str = "B2",
    pairs: Literal["dyad", "all"] = "dyad",
    priors: Priors | None = None,
    gate: Callable[[np.ndarray], bool] | None = None,
) -> Watch:
    """Say which single observations would move a question, and which indicators tell most of it.

    Parameters
    ----------
    world : World
        Simulated worlds that reach to the end of the watched period (as those of
        :func:`forecast.forecasts.questions.make_world` do).
    question : Question or Judgement
        Open on the as-of date.
    period : str, optional
        Label of the period that is watched; by default the current one if a third of it is left,
        else the next.
    thresholds : sequence of float
        Probabilities that matter when they are crossed.
    grade : str
        Admiralty grade of an imagined observation. Reports on the ladder are shown graded A1, this
        and E5.
    pairs : "dyad" or "all"
        Whose signals and reports are imagined: both directions of the question's pair, or every
        pair of the study.
    priors : Priors, optional
        By default those that the study names.
    gate : callable, optional
        Takes the weights of the draws once an observation is made, shape (draw,), summing to 1,
        and says whether they can be trusted; by default by their effective number.

    Raises
    ------
    QuestionError
        If the question has no probability as of this date, or the period, grade or a threshold
        makes no sense.
    """
    if not all(0.0 < one < 1.0 for one in thresholds):
        raise QuestionError(
            f"thresholds {', '.join(f'{one:g}' for one in thresholds)} are not all probabilities",
            expected="numbers between 0 and 1, both excluded",
            remedy="give thresholds such as 0.05, 0.2 and 0.5",
        )
    scene = make_scene(world, question, period=period, grade=grade, priors=priors)
    chosen = world.panel.study.pairs if pairs == "all" else _dyad(world.panel.study, question.pair)
    now = world.draws.mean(scene.chance.mean(axis=1))
    marks = tuple(sorted(set(thresholds)))
    wires: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    refused: list[tuple[str, str, str]] = []
    # One at a time: the tables by draw of all that can be seen would take more room than the paths.
    for one in imagine_all(scene, chosen, refused):
        wires += tripwire_rows(scene, one, (now, marks), gate or enough)
        listed.append(collection_row(one, now))
    return Watch(
        question=question.id,
        pair=question.pair.label,
        probability=now,
        entropy=entropy(now),
        period=scene.label,
        first_day=scene.first_day,
        share=scene.share,
        known_on=scene.known_on,
        grade=grade,
        thresholds=marks,
        tripwires=tripwire_table(wires),
        collection=collection_table(listed),
        not_evaluated=pd.DataFrame(refused, columns=["indicator", "pair", "reason"]),
    )


def _dyad(study: Study, pair: Pair) -> tuple[Pair, ...]:
    return tuple(one for one in (pair, pair.reverse) if one in study.pairs)


def imagine_all(
    scene: Scene, pairs: Iterable[Pair], refused: list[tuple[str, str, str]] | None = None
) -> Iterator[Imagined]:
    """Imagine all that can be seen of some pairs, one thing after another.

    Parameters
    ----------
    refused : list, optional
        Indicator, pair and reason of what cannot be imagined are added to it.
    """
    world = scene.world
    done: set[tuple[str, Pair]] = set()
    for pair in pairs:
        things: list[tuple[str, Pair, Callable[[], Imagined]]] = []
        for one in world.draws.data.indicators:
            own = canonical_pair(one, pair)
            if (one.name, own) not in done:
                done.add((one.name, own))
                things.append((one.name, own, partial(_IMAGINE[one.kind], scene, one, own)))
        for subject in subjects_of(scene, pair):
            things.append((subject.words, pair, partial(imagine_report, scene, subject)))
        for name, of, imagine in things:
            try:
                yield imagine()
            except QuestionError as error:
                if refused is not None:
                    refused.append((name, of.label, error.what))
        if pair != scene.question.pair:
            world.forget_rungs(pair.label)
