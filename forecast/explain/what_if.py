"""What if: imagined records on a copy of what is known, side by side, nothing written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from forecast.errors import EvidenceError, FitError, QuestionError
from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.explain.basis import Basis, ImpossibleError, State, UnusableError, states_at
from forecast.explain.imagined import Scenario
from forecast.explain.steps import vintage_with
from forecast.explain.update import too_noisy
from forecast.explain.weight import DOUBTFUL, REFITTED, REWEIGHTED, bits_between
from forecast.forecasts.questions import QuestionForecast
from forecast.study.models import Question

NOTHING = "nothing new"
COLUMNS = (
    "scenario",
    "question",
    "records",
    "as_of",
    "probability",
    "error",
    "change",
    "bits",
    "k_hat",
    "ess",
    "path",
    "why",
)

Refit = Callable[[Vintage], dict[str, tuple[float, float]]]


@dataclass(frozen=True)
class WhatIf:
    """Forecasts under imagined evidence.

    Attributes
    ----------
    as_of : date
        The day as of which all scenarios are held against each other: the last on which an
        imagined record would be known, or that of the run if it is later.
    now : dict of str to float
        Probability of each question as the run has it.
    table : DataFrame
        One row a scenario and question, first ``nothing new``: that day with nothing new in.
        ``change`` (in probability) and ``bits`` are against that row, so that they are of the
        records alone and not of the time until then.
    """

    as_of: date
    now: dict[str, float]
    table: pd.DataFrame


def what_if(
    basis: Basis,
    known: Vintage,
    now: dict[str, float],
    questions: Sequence[Question],
    scenarios: Sequence[Scenario],
    *,
    refit: Refit | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> WhatIf:
    """Forecast questions as if records were known that are not.

    Parameters
    ----------
    basis : Basis
    known : Vintage
        What the run knew.
    now : dict of str to float
        The run's probabilities.
    refit
        Returns probability and Monte Carlo error of each question by a fit to a vintage; where the
        gate fails its answer stands instead of the weights'.

    Raises
    ------
    EvidenceError
        If an imagined record has the id of one that is known, or two are the same.
    ImpossibleError
        If a scenario is impossible under every draw.
    QuestionError
        If a question has no probability on that day.
    """
    day = max([known.as_of, *(scenario.known for scenario in scenarios)])
    later = replace(known, as_of=day)
    vintages = [later, *(_imagine(later, scenario) for scenario in scenarios)]
    names = [NOTHING, *(scenario.name for scenario in scenarios)]
    states = states_at(basis, vintages)
    for name, state in zip(names, states, strict=True):
        if isinstance(state, ImpossibleError):
            raise ImpossibleError(
                state.what,
                where=f"scenario '{name}'",
                expected=state.expected,
                remedy="leave it out, or check its records",
            )
    rows: list[dict[str, object]] = []
    base: dict[str, float] = {}
    first: State | None = None
    for number, (name, vintage, state) in enumerate(zip(names, vintages, states, strict=True)):
        made, why = _forecast(basis, state, first, questions)
        first = first or (state if isinstance(state, State) else None)
        refitted: dict[str, tuple[float, float]] = {}
        if why and refit is not None:
            try:
                refitted = refit(vintage)
            except FitError as error:
                why += f"; the refit failed: {error.what}"
        if refitted:
            say(f"Refitted for the scenario '{name}', since {why}")
        records = len(scenarios[number - 1].records) if number else 0
        for question in questions:
            own = next((one for one in made if one.id == question.id), None)
            row = _row(question, own, state, refitted.get(question.id), why)
            if number == 0:
                base[question.id] = float(str(row["probability"]))
            p = float(str(row["probability"]))
            row |= {"scenario": name, "records": records, "as_of": day.isoformat()}
            row |= {"change": p - base[question.id], "bits": bits_between(p, base[question.id])}
            rows.append(row)
    return WhatIf(day, now, pd.DataFrame(rows, columns=list(COLUMNS)))


def _imagine(vintage: Vintage, scenario: Scenario) -> Vintage:
    held = {record.id for record in vintage.records}
    contents = {_fact(record) for record in vintage.records}
    for record in scenario.records:
        if record.id in held:
            raise EvidenceError(
                f"record {record.id} is known already",
                where=f"scenario '{scenario.name}'",
                expected="a record that is not in the ledger",
                remedy="leave it out: it is part of the forecast",
            )
        if _fact(record) in contents:
            raise EvidenceError(
                f"the same fact is known already: {record.indicator} of {record.pair.label} on "
                f"{record.event_date} by {record.source_name}",
                where=f"scenario '{scenario.name}'",
                expected="a record that is not in the ledger, and each only once",
                remedy="leave it out, or name another source",
            )
        held.add(record.id)
        contents.add(_fact(record))
    return vintage_with(vintage, [*vintage.records, *scenario.records])


def _fact(record: Record) -> tuple[str, ...]:
    columns = record.columns
    names = ("event_date", "supporter", "recipient", "indicator", "value", "source_name")
    return tuple(columns[name] for name in names)


def _forecast(
    basis: Basis,
    state: State | UnusableError,
    first: State | None,
    questions: Sequence[Question],
) -> tuple[list[QuestionForecast], str]:
    if isinstance(state, UnusableError):
        return [], state.what
    if first is not None:
        state.world.share_paths(first.world)
    made = state.forecast(questions)
    return made, state.weights.refused or too_noisy(basis, made)


def _row(
    question: Question,
    made: QuestionForecast | None,
    state: State | UnusableError,
    refitted: tuple[float, float] | None,
    why: str,
) -> dict[str, object]:
    weights = state.weights if isinstance(state, State) else None
    row: dict[str, object] = {
        "question": question.id,
        "k_hat": weights.k_hat if weights else np.nan,
        "ess": weights.ess if weights else np.nan,
        "why": why,
    }
    if refitted is not None:
        return row | {"probability": refitted[0], "error": refitted[1], "path": REFITTED}
    if made is None or made.probability is None:
        raise QuestionError(
            f"{question.id} has no probability then: {made.reason if made else why}",
            where=question.id,
            expected="a question that is open on the day of the scenario",
            remedy="imagine records that are known before it closes",
        )
    path = DOUBTFUL if why else REWEIGHTED
    return row | {"probability": made.probability, "error": made.mc_error, "path": path}
