"""Turns what a day of a replay gave into plain rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.evidence.vintage import Vintage
from forecast.explain.basis import State
from forecast.explain.steps import CAUSES, RETRACTIONS
from forecast.forecasts.questions import QuestionForecast
from forecast.panel import Panel
from forecast.runs.replay_days import Day, Row
from forecast.runs.tables import evidence_table, now_table
from forecast.study.models import Study


@dataclass(frozen=True)
class Seen:
    """What one day saw.

    Attributes
    ----------
    before, after
        What was known the day before and on the day.
    panel
        Of the day.
    state
        The draws' weights on that day; None where nothing can be said without a refit.
    pairs
        Whose rungs are told.
    """

    study: Study
    before: Vintage
    after: Vintage
    panel: Panel
    state: State | None
    pairs: tuple[str, ...]


def with_gate(day: Day, k_hat: float, ess: float) -> Day:
    """Return a day with what the gate found of other weights than its own."""
    weighed = {"k_hat": _number(k_hat), "ess": _number(ess) or None}
    rows = tuple(row | weighed for row in day.questions)
    return Day(day.about | weighed, rows, day.rungs, day.records)


def as_day(
    seen: Seen,
    questions: Sequence[Row],
    *,
    fit: str,
    path: str,
    why: str = "",
    arrived: Sequence[tuple[str, str]] = (),
) -> Day:
    """Return the rows of a day.

    Parameters
    ----------
    arrived
        Cause and id of each record that came in, was corrected or was withdrawn.
    """
    state, after = seen.state, seen.after
    day = after.as_of.isoformat()
    weights = state.weights if state else None
    about = {
        "date": day,
        "path": path,
        "fit": fit,
        "k_hat": _number(weights.k_hat) if weights else None,
        "ess": _number(weights.ess) if weights else None,
        "records": len(arrived),
        "why": why,
    }
    told = now_table(state.world, list(seen.pairs)) if state else pd.DataFrame()
    return Day(
        about=about,
        questions=tuple({"date": day} | row for row in questions),
        rungs=tuple({"date": day} | _plain(row) for row in told.to_dict("records")),
        records=tuple({"date": day} | row for row in _records(seen, arrived)),
    )


def question_row(
    one: QuestionForecast,
    changes: Mapping[Any, Any],
    state: State | None,
    path: str,
    why: str,
) -> Row:
    """Return the row of a question that has a probability."""
    weights = state.weights if state else None
    before = _number(changes.get("before"))
    after = _number(one.probability)
    return {
        "question": one.id,
        "pair": one.pair,
        "probability": after,
        "low": _number(one.low),
        "high": _number(one.high),
        "mc_error": _number(one.mc_error),
        "before": before,
        **{cause: _number(changes.get(cause)) for cause in (*CAUSES, "refit")},
        "change": None if before is None or after is None else round(after - before, 6),
        "path": path,
        "k_hat": _number(weights.k_hat) if weights else None,
        "ess": _number(weights.ess) if weights else None,
        "why": why,
    }


def _records(seen: Seen, arrived: Sequence[tuple[str, str]]) -> list[Row]:
    """Return the records that came in, were corrected or were withdrawn, as they last stood."""
    if not arrived:
        return []
    tables = {
        cause == RETRACTIONS: evidence_table(seen.study, vintage, seen.panel).set_index("record")
        for cause, vintage in (("", seen.after), (RETRACTIONS, seen.before))
        if vintage.records
    }
    rows = []
    for cause, name in arrived:
        row = tables[cause == RETRACTIONS].loc[name]
        rows.append({"cause": cause, "record": name} | _plain(row.to_dict()))
    return rows


def _plain(row: Mapping[Any, Any]) -> Row:
    """Return a row as JSON has it."""
    return {str(name): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return value if isinstance(value, str | int) else str(value)


def _number(value: Any) -> float | None:
    """Return a number with the digits that mean something; None where it is not one."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 6)
