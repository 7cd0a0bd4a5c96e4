"""What a run's report says of its reasons: what changed, what moved each forecast, what would."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from forecast.errors import ForecastError
from forecast.explain.basis import State
from forecast.explain.steps import CAUSES
from forecast.explain.watch import THRESHOLDS, Watch, watch
from forecast.explain.weight import DOUBTFUL, Explanation, explain_all
from forecast.forecasts.questions import QuestionForecast
from forecast.study.models import Question

DRIVERS = ("question", "record", "bits", "error", "without", "k_hat", "path")
CHANGES = ("question", "before", *CAUSES, "refit", "after")
# Records of each question that are kept: a report shows the first few for and against.
_KEPT = 20
_PATHS = 60


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The way from an earlier run to this one.

    Attributes
    ----------
    since
        Id of the earlier run; empty where there is none.
    path, why
        How the change was found, or why it cannot be split.
    table : DataFrame
        In the columns ``CHANGES``.
    records
        Ids of the records by cause.
    """

    since: str = ""
    path: str = ""
    why: str = ""
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHANGES)))
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """The reasons behind the forecasts of one run, as tidy tables.

    Attributes
    ----------
    changes : Changes
    drivers : DataFrame
        The heaviest records of each open question, in the columns ``DRIVERS``.
    tripwires, collection : DataFrame
        Those of :class:`forecast.explain.watch.Watch`, by ``question``.
    watched : DataFrame
        ``question``, ``period``, ``first_day``, ``probability``: what the two speak of.
    problems
        Why something of this could not be made, by section.
    """

    changes: Changes
    drivers: pd.DataFrame
    tripwires: pd.DataFrame
    collection: pd.DataFrame
    watched: pd.DataFrame
    problems: Mapping[str, str] = field(default_factory=dict)


def no_reasons(changes: Changes) -> Reasons:
    """Return what is known without weighing records: the change and its causes."""
    why = "this run was made without its reasons"
    return Reasons(
        changes=changes,
        drivers=_drivers([]),
        tripwires=pd.DataFrame(),
        collection=pd.DataFrame(),
        watched=pd.DataFrame(),
        problems={"drivers": why, "watch": why},
    )


def reasons_of(
    state: State,
    forecasts: Sequence[QuestionForecast],
    changes: Changes,
    *,
    say: Callable[[str], None] = lambda text: None,
) -> Reasons:
    """Weigh the records for every open question, and say what to watch.

    Parameters
    ----------
    state : State
        The draws as of the run.
    forecasts
        Of the run's questions; those with a probability are explained.
    """
    known = {one.id for one in forecasts if one.probability is not None}
    asked = [question for question in state.basis.study.questions if question.id in known]
    problems: dict[str, str] = {}
    explanations: list[Explanation] = []
    if asked:
        say("Weighing the evidence")
        try:
            explanations = explain_all(state, asked, kinds=("record",))
        except ForecastError as error:
            problems["drivers"] = str(error)
    say("Looking for what would change it")
    watches = _watches(state, asked, problems)
    return Reasons(
        changes=changes,
        drivers=_drivers(explanations),
        tripwires=_together(watches, lambda one: one.tripwires),
        collection=_together(watches, lambda one: one.collection),
        watched=pd.DataFrame(
            [
                {
                    "question": one.question,
                    "period": one.period,
                    "first_day": one.first_day.isoformat(),
                    "probability": one.probability,
                }
                for one in watches
            ],
            columns=["question", "period", "first_day", "probability"],
        ),
        problems=problems,
    )


def _watches(state: State, asked: Sequence[Question], problems: dict[str, str]) -> list[Watch]:
    found = []
    # A table of a report needs less than a question asked by itself.
    world = state.world.with_paths(min(_PATHS, state.world.paths))
    for question in asked:
        try:
            found.append(watch(world, question, thresholds=THRESHOLDS, priors=state.basis.priors))
        except ForecastError as error:
            problems.setdefault("watch", f"{question.id}: {error}")
    return found


def _together(watches: Sequence[Watch], table: Callable[[Watch], pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for one in watches:
        part = table(one).copy()
        part.insert(0, "question", one.question)
        parts.append(part)
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=["question"])


def _drivers(explanations: Sequence[Explanation]) -> pd.DataFrame:
    rows = []
    for one in explanations:
        records = one.of("record")
        # What cannot be trusted is often the heaviest, and must not crowd out what can.
        doubtful = records["path"] == DOUBTFUL
        parts = (records[~doubtful].head(_KEPT), records[doubtful].head(_KEPT // 2))
        for row in pd.concat(parts).sort_index().to_dict("records"):
            kept = {"question": one.question.id, "record": row["name"]}
            rows.append(kept | {name: row[name] for name in DRIVERS[2:]})
    return pd.DataFrame(rows, columns=list(DRIVERS))


def drivers_document(
    reasons: Reasons | None, question: str, most: int = 10
) -> list[dict[str, object]]:
    """Return the heaviest records of a question that can be trusted, as forecasts.json has them.

    ``bits`` is null where a record decides the question alone.
    """
    if reasons is None:
        return []
    own = reasons.drivers[reasons.drivers["question"] == question]
    trusted = own[own["path"] != DOUBTFUL].head(most)
    return [
        {
            "record": row["record"],
            "bits": round(row["bits"], 4) if math.isfinite(row["bits"]) else None,
            "k_hat": round(row["k_hat"], 3) if math.isfinite(row["k_hat"]) else None,
        }
        for row in trusted.to_dict("records")
    ]
