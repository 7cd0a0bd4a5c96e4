"""New evidence on an old fit: before and after, and what made the difference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from forecast.evidence.vintage import Vintage
from forecast.explain.basis import (
    Basis,
    ImpossibleError,
    State,
    UnusableError,
    states_at,
)
from forecast.explain.steps import CAUSES, TIME, Step, steps_between
from forecast.forecasts.questions import QuestionForecast

#: The largest simulation error with which a reweighted probability is published, unless the fit's
#: own was larger: what an update may differ from a refit by.
LARGEST_ERROR = 0.02
_ERROR_GROWTH = 1.25


@dataclass(frozen=True)
class Update:
    """What new evidence makes of an earlier run, by reweighting.

    Attributes
    ----------
    steps
        The causes of the change, in order.
    states
        The draws' weights after each step; None where the fit knows nothing of what came in.
    forecasts
        Of every question after the last step; empty where nothing can be said without a refit.
    changes : DataFrame
        One row a question that has a probability before or after: ``question``, ``before``,
        ``time``, ``revisions``, ``retractions``, ``evidence`` (changes in probability; missing
        where a step did not pass the gate, its part then being in the next one that did),
        ``after``.
    gates : DataFrame
        One row a step: ``cause``, ``records``, ``k_hat``, ``ess``, ``ok``, ``why``.
    refused : str
        Why the last step is not to be published; empty where it is.
    """

    steps: tuple[Step, ...]
    states: tuple[State | None, ...]
    forecasts: tuple[QuestionForecast, ...]
    changes: pd.DataFrame
    gates: pd.DataFrame
    refused: str

    @property
    def state(self) -> State | None:
        """The draws' weights after the last step."""
        return self.states[-1] if self.states else None

    @property
    def records(self) -> dict[str, tuple[str, ...]]:
        """Ids of the records by cause."""
        return {step.cause: step.records for step in self.steps if step.records}


def reweigh(
    basis: Basis,
    before: Vintage,
    after: Vintage,
    previous: Mapping[str, float],
    say: Callable[[str], None] = lambda text: None,
    *,
    always: bool = False,
) -> Update:
    """Let what lies between two vintages act on the draws of a fit, cause by cause.

    Random numbers are the same in every step, so that differences have less noise than the
    probabilities themselves.

    Parameters
    ----------
    basis : Basis
        The last fit.
    before, after : Vintage
        What the earlier run knew (the fit itself, or a reweighting of it), and what is known now.
    previous : mapping of str to float
        Probabilities of the earlier run by question.
    always : bool
        Forecast again even where no evidence lies between them.

    Raises
    ------
    ImpossibleError
        If what is known now is impossible under every draw. Where that is so only on the way, as
        of evidence whose correction comes in later, the step does not pass.
    """
    steps = steps_between(before, after) or ([Step(TIME, after)] if always else [])
    states: list[State | None] = []
    made: list[list[QuestionForecast]] = []
    rows: list[dict[str, object]] = []
    found = states_at(basis, [step.vintage for step in steps])
    if found and isinstance(found[-1], ImpossibleError):
        raise found[-1]
    for step, one in zip(steps, found, strict=True):
        say(_told(step, before))
        near = next((last for last in reversed(states) if last is not None), None)
        state, forecasts, why = _taken(basis, one, near)
        states.append(state)
        made.append(forecasts)
        rows.append(
            {
                "cause": step.cause,
                "records": len(step.records),
                "k_hat": state.weights.k_hat if state else float("nan"),
                "ess": state.weights.ess if state else 0.0,
                "ok": not why,
                "why": why,
            }
        )
    gates = pd.DataFrame(rows, columns=["cause", "records", "k_hat", "ess", "ok", "why"])
    passed = [not row["why"] for row in rows]
    return Update(
        steps=tuple(steps),
        states=tuple(states),
        forecasts=tuple(made[-1]) if made else (),
        changes=_changes(basis, steps, made, passed, previous),
        gates=gates,
        refused=str(rows[-1]["why"]) if rows else "",
    )


def _told(step: Step, before: Vintage) -> str:
    if not step.records:
        return f"From {before.as_of} to {step.vintage.as_of} with nothing new in"
    count = len(step.records)
    return f"Letting in {step.cause}: {count} record{'' if count == 1 else 's'}"


def _taken(
    basis: Basis, found: State | UnusableError, near: State | None
) -> tuple[State | None, list[QuestionForecast], str]:
    """Forecast as of one step; the text says why that may not be used."""
    if isinstance(found, UnusableError):
        return None, [], found.what
    if near is not None:
        found.world.share_paths(near.world)
    forecasts = found.forecast(basis.study.questions)
    return found, forecasts, found.weights.refused or too_noisy(basis, forecasts)


def too_noisy(basis: Basis, forecasts: list[QuestionForecast]) -> str:
    """Say which probability has a simulation error that is too large; empty where none has."""
    for one in forecasts:
        limit = max(LARGEST_ERROR, _ERROR_GROWTH * basis.errors.get(one.id, 0.0))
        if one.mc_error is not None and one.mc_error > limit:
            return (
                f"the simulation error of {one.id} would be {one.mc_error:.3f}, above {limit:.3f}"
            )
    return ""


def _changes(
    basis: Basis,
    steps: list[Step],
    made: list[list[QuestionForecast]],
    passed: list[bool],
    previous: Mapping[str, float],
) -> pd.DataFrame:
    rows = []
    for question in basis.study.questions:
        before = previous.get(question.id)
        row: dict[str, object] = {"question": question.id, "before": before}
        row |= dict.fromkeys(CAUSES, 0.0)
        last, after = before, before
        for step, forecasts, usable in zip(steps, made, passed, strict=True):
            row[step.cause] = float("nan")
            own = next((one for one in forecasts if one.id == question.id), None)
            after = own.probability if own is not None and usable else None
            if after is not None and last is not None:
                row[step.cause] = after - last
            if after is not None:
                last = after
        row["after"] = after
        if before is not None or after is not None:
            rows.append(row)
    return pd.DataFrame(rows, columns=["question", "before", *CAUSES, "after"])
