"""Scores of a study's forecasts that have been answered: the model's, as signed, and base rates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.errors import RunError
from forecast.report.sign_offs import EARLIER, SignOff, in_force
from forecast.runs.files import read_forecasts, runs_directory
from forecast.runs.report_data import forecasts_hash
from forecast.runs.sign_offs import read_sign_offs
from forecast.scoring import score_forecasts, summarise_scores
from forecast.scoring.baselines import read_base_rates
from forecast.scoring.choice import At, Chosen, choose_forecast, known_from
from forecast.scoring.table import resolved_outcomes
from forecast.study.models import Question, Study

MODEL, SIGNED, BASE_RATE = FORECASTERS = ("model", "signed", "base rate")
COLUMNS: Final = (
    *("question", "title", "known_from", "outcome", "run", "as_of", "in_hindsight"),
    *(*FORECASTERS, "signed_by", "reason"),
    *(f"{score}_{name}" for name in FORECASTERS for score in ("brier", "log")),
)


@dataclass(frozen=True)
class TrackRecord:
    """How forecasts of a study came out.

    Attributes
    ----------
    table
        One row a question that was answered yes or no, in the study's order. ``in_hindsight``
        says that the run was made on or after the day on which the answer was out, though it read
        nothing of that day or later; missing where the run does not say when it was made.
    common
        Mean scores of those forecasters that were there, on the questions that all answered.
    common_with_signed
        The same with those who signed; empty where nobody did.
    not_scored
        Questions without a yes or no, by what they are instead: ambiguous, void, unresolved.
    passed_over
        Runs that could not be read.
    """

    table: pd.DataFrame
    common: pd.DataFrame
    common_with_signed: pd.DataFrame
    not_scored: Mapping[str, tuple[str, ...]]
    passed_over: tuple[str, ...]


def score_study(study: Study, *, at: At = "last") -> TrackRecord:
    """Score the forecasts of a study's resolved questions, each as of a day before the answer.

    Parameters
    ----------
    at
        ``last``: the newest run before the answer was out; ``opening``: the first run in the
        question's window.

    Raises
    ------
    ProblemsError
        If base_rates.csv is wrong.
    IntegrityError
        If the sign-offs are broken.
    """
    outcomes = resolved_outcomes(study.resolutions)
    runs, passed_over = _runs(study.directory)
    rates_file = study.directory / "base_rates.csv"
    rates = read_base_rates(rates_file) if rates_file.is_file() else {}
    signed = read_sign_offs(study.directory)
    rows = [
        _row(study, question, outcomes[question.id], runs, signed, at)
        | {BASE_RATE: rates.get(question.id)}
        for question in study.questions
        if question.id in outcomes
    ]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if "_model" not in name])
    table = table.astype(dict.fromkeys(("outcome", *FORECASTERS), float))
    scored = score_forecasts(table, FORECASTERS)[list(COLUMNS)]
    present = [name for name in FORECASTERS if scored[f"brier_{name}"].notna().any()]
    others = [name for name in present if name != SIGNED]
    return TrackRecord(
        table=scored,
        common=summarise_scores(scored, others) if others else pd.DataFrame(),
        common_with_signed=(
            summarise_scores(scored, present) if SIGNED in present else pd.DataFrame()
        ),
        not_scored=_not_scored(study, outcomes),
        passed_over=passed_over,
    )


def _runs(study_directory: Path) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Return the forecasts of every whole run by its directory's name, and the unreadable ones."""
    found, damaged = {}, []
    for path in sorted(runs_directory(study_directory).glob("[!.]*/forecasts.json")):
        try:
            found[path.parent.name] = read_forecasts(path) | {"run": path.parent.name}
        except RunError:
            damaged.append(path.parent.name)
    return found, tuple(damaged)


def _row(
    study: Study,
    question: Question,
    outcome: float,
    runs: Mapping[str, Mapping[str, Any]],
    signed: tuple[SignOff, ...],
    at: At,
) -> dict[str, object]:
    known = known_from(question.id, study.resolutions)
    assert known is not None
    chosen = choose_forecast(question, known, runs.values(), at=at)
    if not chosen.run and question.not_modelled:
        chosen = Chosen(reason=question.not_modelled)
    row: dict[str, object] = {
        "question": question.id,
        "title": question.title,
        "known_from": known.isoformat(),
        "outcome": outcome,
        "run": chosen.run,
        "as_of": chosen.as_of,
        "in_hindsight": None,
        MODEL: chosen.probability,
        SIGNED: None,
        "signed_by": "",
        "reason": chosen.reason,
    }
    if chosen.run:
        directory = runs_directory(study.directory) / chosen.run
        made = _made_on(directory)
        row["in_hindsight"] = None if made is None else made >= known
        row |= _signature(question.id, chosen, known, directory, signed)
    return row


def _signature(
    question: str, chosen: Chosen, known: date, directory: Path, signed: tuple[SignOff, ...]
) -> dict[str, object]:
    """Return what stood signed for a question before its answer was out."""
    ours = [one for one in signed if one.run == chosen.run]
    timely = [one for one in ours if datetime.fromisoformat(one.signed_at).date() < known]
    standing = in_force(timely, forecasts_hash(directory))
    if standing is not None:
        value = standing.adjusted.get(question, chosen.probability)
        return {SIGNED: value, "signed_by": standing.by}
    if timely:
        return {"reason": EARLIER}
    return {"reason": "signed only when the answer was out"} if ours else {}


def _made_on(directory: Path) -> date | None:
    """Return the day on which a run was made, by its log."""
    try:
        log = json.loads((directory / "run.log.json").read_bytes())
        return datetime.fromisoformat(log["finished_at"]).date()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _not_scored(study: Study, outcomes: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    newest = {
        one.question: one.outcome for one in sorted(study.resolutions, key=lambda r: r.known_at)
    }
    names: dict[str, tuple[str, ...]] = {"ambiguous": (), "void": (), "unresolved": ()}
    for question in study.questions:
        if question.id not in outcomes:
            names[newest.get(question.id, "unresolved")] += (question.id,)
    return names
