"""Which forecast of a question is scored: one that was made while nobody knew the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from forecast.study.models import Question, Resolution

At = Literal["last", "opening"]
PUBLISHABLE = ("converged", "doubtful")


@dataclass(frozen=True)
class Chosen:
    """The run whose forecast of a question is scored, or the reason why there is none."""

    run: str = ""
    as_of: str = ""
    probability: float | None = None
    reason: str = ""


def known_from(question: str, resolutions: Iterable[Resolution]) -> date | None:
    """Return the first day on which the answer to a question was out; None while it is open.

    That is the earliest day that any of its resolutions names, be it corrected since: who has read
    the first news of an outcome does not forecast it any more.
    """
    days = [min(one.resolved_on, one.known_at) for one in resolutions if one.question == question]
    return min(days, default=None)


def choose_forecast(
    question: Question,
    known: date,
    runs: Iterable[Mapping[str, Any]],
    *,
    at: At = "last",
) -> Chosen:
    """Return the forecast of a question to be scored.

    Parameters
    ----------
    known
        The first day on which the answer was out.
    runs
        The objects of forecasts.json.
    at
        ``last``: of the newest run before the answer was out. ``opening``: of the oldest run in
        the question's window.

    Returns
    -------
    Chosen
        Of runs that converged or are doubtful, as of a day in the question's window and before
        ``known``, that gave a probability to this very event. Of runs as of one day, the one whose
        name sorts last, which is chosen by no one.
    """
    passed: list[tuple[str, str, float]] = []
    reasons: list[str] = []
    for document in runs:
        day = date.fromisoformat(str(document["as_of"]))
        asked = next((one for one in document["questions"] if one["id"] == question.id), None)
        if asked is None or not question.opens <= day <= question.closes:
            continue
        reason = _unfit(document, asked, question, late=day >= known)
        if reason:
            reasons.append(reason)
        else:
            name = (str(document["as_of"]), str(document["run"]))
            passed.append((*name, float(asked["probability"])))
    if not passed:
        return Chosen(reason=reasons[-1] if reasons else "no run as of a day in its window")
    # Runs as of one day: the last name at the opening, too.
    first = min(one[0] for one in passed)
    pool = passed if at == "last" else [one for one in passed if one[0] == first]
    as_of, run, probability = max(pool)
    return Chosen(run=run, as_of=as_of, probability=probability)


def _unfit(
    document: Mapping[str, Any], asked: Mapping[str, Any], question: Question, *, late: bool
) -> str:
    """Return why a run's forecast of a question cannot be scored; empty where it can."""
    if late:
        return "runs only as of days on which the answer was out"
    if document["status"] not in PUBLISHABLE:
        return f"the run {document['run']} is not fit to publish"
    given = [str(asked.get(name)) for name in ("pair", "event", "opens", "closes")]
    now = [question.pair.label, question.event, str(question.opens), str(question.closes)]
    if given != now:
        return f"the run {document['run']} was asked something else under this name"
    if asked.get("probability") is None:
        return str(asked.get("reason") or "the run gave no probability")
    return ""
