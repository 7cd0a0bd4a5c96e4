"""Explanations and what-ifs of a run as it stands on disk, with refits where the gate fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from forecast.errors import FitError, QuestionError, RunError
from forecast.evidence.ledger import Ledger
from forecast.evidence.vintage import Vintage
from forecast.explain.basis import Basis, State, state_at
from forecast.explain.imagined import Scenario
from forecast.explain.steps import vintage_with
from forecast.explain.watch import THRESHOLDS, Watch, watch
from forecast.explain.weight import (
    DOUBTFUL,
    UNITS,
    Explanation,
    Tell,
    bits_between,
    explain,
)
from forecast.explain.what_if import WhatIf, what_if
from forecast.forecasts.questions import forecast_questions
from forecast.inference.start import FILE as START_FILE
from forecast.inference.start import load_start
from forecast.runs.basis import Saved, load_basis, vintage_of
from forecast.runs.files import runs_directory
from forecast.runs.fit import Fit, fit_vintage
from forecast.scoring.baselines import read_base_rates
from forecast.study.models import Question, Study

Say = Callable[[str], None]
BASE_RATE = "base-rate"
#: Records that are refitted without, where only records are.
REFITS = 5


@dataclass(frozen=True)
class Loaded:
    """A run with the fit behind it and what it knew, ready to be asked.

    Attributes
    ----------
    run : Saved
    basis : Basis
    known : Vintage
    """

    run: Saved
    basis: Basis
    known: Vintage

    @property
    def state(self) -> State:
        """The draws' weights as of the run."""
        return state_at(self.basis, self.known)


def load_run(run: Path, study: Study, ledger: Ledger) -> Loaded:
    """Load a run, the fit behind it, and what it knew.

    Raises
    ------
    RunError
        If the study, its priors, the program or the ledger no longer are those of the run.
    """
    saved = Saved(run)
    basis = load_basis(saved, study, ledger)
    return Loaded(saved, basis, vintage_of(saved, study, ledger))


def find_question(study: Study, name: str) -> Question:
    """Return a question of a study by its id.

    Raises
    ------
    QuestionError
        If the study has none of this id.
    """
    for question in study.questions:
        if question.id == name:
            return question
    known = ", ".join(question.id for question in study.questions)
    raise QuestionError(
        f"there is no question {name!r}",
        where=f"study {study.id}",
        expected=f"one of {known}" if known else "a question in questions.csv",
        remedy="check the id with `forecast questions list`",
    )


def insist_forecast(run: Path, question: Question, *, later: bool = False) -> None:
    """Refuse a question without a probability, before anything is loaded.

    Parameters
    ----------
    later
        It is asked about later days: one whose window has not begun may have one then.

    Raises
    ------
    QuestionError
        With the reason that the run gives.
    """
    saved = Saved(run)
    if question.id in saved.probabilities:
        return
    if later and question.opens.isoformat() > str(saved.manifest["as_of"]):
        return
    reasons = {one["id"]: one.get("reason") for one in saved.forecasts["questions"]}
    raise QuestionError(
        f"{question.id} has no probability in this run",
        where=saved.id,
        expected=f"a question with one: {', '.join(saved.probabilities) or 'there is none'}",
        remedy=f"name one of them, or an earlier run with --run; the run says: "
        f"{reasons.get(question.id) or 'nothing of it'}",
    )


def explain_run(
    loaded: Loaded,
    question: Question,
    *,
    kinds: Sequence[str] = UNITS,
    refit: Sequence[str] = ("record",),
    progress: bool = False,
    say: Say = lambda text: None,
    tell: Tell = lambda done, total: None,
) -> Explanation:
    """Weigh the evidence for a question of a run.

    Parameters
    ----------
    kinds
        What is left out: of ``record``, ``cluster``, ``source``, ``indicator``, ``domain``.
    refit
        Those of them that are worth a refit where the gate fails.
    progress
        Show the progress of refits on standard error.
    """
    state = loaded.state

    def answer(ids: frozenset[str]) -> tuple[float, float]:
        say("Its weights cannot be trusted: refitting (--refit none leaves that out)")
        say(f"Refitting without {', '.join(sorted(ids)[:3])}{' ...' if len(ids) > 3 else ''}")
        kept = [record for record in state.vintage.records if record.id not in ids]
        vintage = vintage_with(state.vintage, kept)
        fit = _fit(loaded, vintage, progress=progress, delays_of=state)
        return _answer(fit, question)

    return explain(
        state,
        question,
        kinds=kinds,
        refit=answer if refit else None,
        refit_kinds=refit,
        # A fit of its own for each takes half a minute or more.
        most=REFITS if tuple(refit) == ("record",) else None,
        tell=tell,
    )


def imagine(
    loaded: Loaded,
    questions: Sequence[Question],
    scenarios: Sequence[Scenario],
    *,
    refit: bool = True,
    progress: bool = False,
    say: Say = lambda text: None,
) -> WhatIf:
    """Forecast questions of a run as if records were known that are not."""

    def answer(vintage: Vintage) -> dict[str, tuple[float, float]]:
        say("Refitting: the weights cannot be trusted for this scenario")
        fit = _fit(loaded, vintage, progress=progress)
        return {one.id: _answer(fit, one) for one in questions}

    for question in questions:
        late = [one for one in scenarios if one.known > question.closes]
        if late:
            raise QuestionError(
                f"'{late[0].name}' would be known on {late[0].known}, after {question.id} closes",
                where=question.id,
                expected=f"records that are known by {question.closes}",
                remedy="imagine them earlier",
            )
    return what_if(
        loaded.basis,
        loaded.known,
        loaded.run.probabilities,
        questions,
        scenarios,
        refit=answer if refit else None,
        say=say,
    )


def watch_run(
    loaded: Loaded,
    question: Question,
    *,
    period: str | None = None,
    thresholds: Sequence[float] | None = None,
    grade: str = "B2",
    pairs: str = "dyad",
) -> Watch:
    """Say what would move a question of a run; see :func:`forecast.explain.watch.watch`."""
    everyone: Literal["dyad", "all"] = "all" if pairs == "all" else "dyad"
    return watch(
        loaded.state.world,
        question,
        period=period,
        thresholds=THRESHOLDS if thresholds is None else thresholds,
        grade=grade,
        pairs=everyone,
        priors=loaded.basis.priors,
    )


def _fit(
    loaded: Loaded, vintage: Vintage, *, progress: bool, delays_of: State | None = None
) -> Fit:
    """Fit a vintage as the run was, starting where its fit ended.

    Raises
    ------
    FitError
        If sampling fails, or its diagnostics do.
    """
    fit = loaded.run.fit
    kept = (fit.directory / START_FILE).is_file()
    made = fit_vintage(
        loaded.basis.study,
        vintage,
        settings=replace(fit.settings, prior_draws=1),
        progress=progress,
        start=load_start(fit.directory) if kept else None,
        delays=delays_of.panel.delays if delays_of is not None else None,
    )
    if made.diagnosis.status == "failed":
        raise FitError(f"its diagnostics failed: {made.diagnosis.sentence}", where="refit")
    return made


def _answer(fit: Fit, question: Question) -> tuple[float, float]:
    made = forecast_questions(fit.world, [question])[0]
    if made.probability is None:
        raise QuestionError(made.reason, where=question.id)
    return made.probability, made.mc_error or 0.0


def probability_history(study: Study, question: str) -> pd.DataFrame:
    """Return what the runs of a study said of a question, by date and then by time of writing.

    Returns
    -------
    DataFrame
        run, as_of, path (``fit`` or ``reweighted``), status, probability, low, high.
    """
    rows = []
    places = runs_directory(study.directory).glob("[!.]*/forecasts.json")
    for file in sorted(places, key=lambda one: one.stat().st_mtime):
        saved = Saved(file.parent)
        try:
            document = saved.forecasts
        except RunError:
            continue
        for one in document["questions"]:
            if one["id"] == question and one["probability"] is not None:
                interval = one.get("interval") or {}
                rows.append(
                    {
                        "run": saved.id,
                        "as_of": document["as_of"],
                        "path": "reweighted" if document.get("reweighted") else "fit",
                        "status": document["status"],
                        "probability": one["probability"],
                        "low": interval.get("low"),
                        "high": interval.get("high"),
                    }
                )
    columns = ["run", "as_of", "path", "status", "probability", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("as_of", kind="stable", ignore_index=True)


def baseline_of(study: Study, question: Question, named: str) -> float:
    """Return a baseline probability: a number, or ``base-rate`` from the study's base_rates.csv.

    Raises
    ------
    QuestionError
        If there is none, or it is not between 0 and 1.
    """
    if named == BASE_RATE:
        file = study.directory / "base_rates.csv"
        rates = read_base_rates(file) if file.is_file() else {}
        if question.id not in rates:
            raise QuestionError(
                f"there is no base rate of {question.id}",
                where=str(file),
                expected="a row question,probability,reason",
                remedy="add one, or name a probability: --against 0.05",
            )
        return rates[question.id]
    try:
        value = float(named)
    except ValueError:
        value = -1.0
    if not 0.0 < value < 1.0:
        raise QuestionError(
            f"{named!r} is no baseline",
            expected=f"{BASE_RATE}, or a probability between 0 and 1",
            remedy="write --against base-rate or --against 0.05",
        )
    return value


def distance(explanation: Explanation, baseline: float) -> pd.DataFrame:
    """Account for the distance of a forecast from a baseline, in bits.

    Returns
    -------
    DataFrame
        ``part``, ``records``, ``bits``: for each indicator the sum of its records' weights, each
        left out alone, and what is left: what records say only together, and the prior.
    """
    probability = explanation.forecast.probability
    assert probability is not None
    total = bits_between(probability, baseline)
    table = explanation.of("record")
    table = table[table["path"] != DOUBTFUL]
    names = table["name"].map({k: r.indicator for k, r in explanation.records.items()})
    groups = table.assign(part=names).groupby("part", sort=True)
    parts = groups.agg(records=("records", "sum"), bits=("bits", "sum")).reset_index()
    parts = parts.reindex(parts["bits"].abs().sort_values(ascending=False).index)
    rest = pd.DataFrame(
        [
            {
                "part": "what records say together, and the prior",
                "records": len(explanation.records) - int(parts["records"].sum()),
                "bits": total - float(parts["bits"].sum()),
            }
        ]
    )
    return pd.concat([parts, rest], ignore_index=True)
