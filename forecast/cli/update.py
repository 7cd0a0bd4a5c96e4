"""``forecast update``: what is new since a run, and what it did to the probabilities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli import requirements
from forecast.cli.codes import NOT_PUBLISHABLE
from forecast.cli.console import complain, shorten, show, show_json, table, tell
from forecast.cli.explain import plain_rows
from forecast.cli.headlines import percent
from forecast.cli.options import AsOfOption, JsonOption, RunOption, StudyArgument, VerboseOption
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study, open_ledger
from forecast.study.lock import holding

if TYPE_CHECKING:
    from forecast.runs.update import Answer
    from forecast.study.models import Study

# Causes as a reader knows them, in the order in which they are let in.
CAUSES = {
    "time": "passage of time",
    "revisions": "revisions",
    "retractions": "retractions",
    "evidence": "new evidence",
    "refit": "refit",
}
_TITLE_WIDTH = 56
NEEDED = "a refit is needed"


def update(
    study: StudyArgument,
    run: RunOption = None,
    as_of: AsOfOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it did; write no run and refit nothing.")
    ] = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Let what was learned since a run act on its probabilities, within seconds.

    The draws of the last fit are weighted by what new, corrected and withdrawn records and the time
    that passed say; where a gate (k-hat, effective sample, simulation error) finds that the weights
    cannot be trusted, the model is fitted again from where it ended. The change is told by cause,
    and a run is written, which `report`, `explain` and the next update find. It is as of today; of
    a study that names a day, as of that day or of its newest record, if that is later; or --as-of.

    \b
    Examples:
      forecast update ukraine
      forecast update ukraine --as-of 2026-12-01
      forecast update ukraine --run 2026-11-24-1f3a9c2e --dry-run
    """
    requirements.insist()
    from forecast.runs.update import carry_out, default_day, plan_update
    from forecast.study.load import load_study

    directory = find_study(study)
    # What writes nothing need not wait for who writes.
    with nullcontext() if dry_run else holding(directory):
        loaded = load_study(directory)
        with open_ledger(loaded) as ledger:
            found = find_run(directory, run)
            day = as_of or default_day(loaded, ledger, found.name)
            if as_of is None and loaded.default_as_of is not None:
                tell(
                    f"As of {day}: the study is held at {loaded.default_as_of} in study.toml, and "
                    "moves on to its newest record; --as-of takes another day"
                )
            plan = plan_update(loaded, ledger, found, day, say=tell)
            if dry_run:
                told_of = replace(plan.answer, path=NEEDED) if plan.refit else plan.answer
                if json:
                    show_json(document(told_of))
                else:
                    show(told(told_of, loaded))
                return
            if not plan.refit:
                _show(plan.answer, loaded, json=json)
            made, answer = carry_out(plan, say=tell)
            if plan.refit:
                _show(answer, loaded, json=json)
    from forecast.runs.files import read_forecasts

    forecasts = read_forecasts(made / "forecasts.json")
    if json:
        show_json(forecasts)
    else:
        show(f"Report: {made / 'report.html'}")
    if forecasts["status"] == "failed":
        complain("the diagnostics failed: these forecasts are not fit to publish; see the report")
        raise typer.Exit(NOT_PUBLISHABLE)


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as one JSON document, null where a number is not known."""
    from forecast.runs.update import changes_document

    return {
        "format": "update/1",
        "path": answer.path,
        "why": answer.why,
        "since": answer.since,
        "as_of": answer.as_of.isoformat(),
        "records": {cause: list(ids) for cause, ids in answer.records.items()},
        "gates": plain_rows(answer.gates),
        "changes": changes_document(answer.changes),
    }


def _show(answer: Answer, study: Study, *, json: bool) -> None:
    if not json:
        show(told(answer, study))


def told(answer: Answer, study: Study) -> str:
    """Return an answer as lines of text."""
    lines = [f"{study.id}: since {answer.since}, as of {answer.as_of}: {answer.path}, {answer.why}"]
    gates = answer.gates
    if len(gates):
        last = gates.iloc[-1]
        k_hat = "n/a" if not math.isfinite(last["k_hat"]) else f"{last['k_hat']:.2f}"
        lines.append(f"Gate: k-hat {k_hat}, weights worth {last['ess']:.0f} draws")
    for cause, ids in answer.records.items():
        shown = ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
        lines.append(f"{CAUSES[cause].capitalize()}: {shown}")
    if len(answer.changes) and answer.path != NEEDED and answer.changes["after"].isna().all():
        lines.append(
            f"No question has a probability as of {answer.as_of}: is that the day you mean?"
        )
    if len(answer.changes):
        lines.append(changes_table(answer.changes, {q.id: q.title for q in study.questions}))
    return "\n".join(lines)


def changes_table(changes: Any, titles: Mapping[str, str]) -> str:
    """Return the changes of all questions, by cause, as a table of text."""
    causes = [name for name in CAUSES if name in changes and _moves(changes[name])]
    rows = [
        (
            row["question"],
            _percent(row["before"]),
            *(_points(row[cause]) for cause in causes),
            _percent(row["after"]),
            _words(row["after"]),
            shorten(titles.get(row["question"], ""), _TITLE_WIDTH),
        )
        for row in changes.to_dict("records")
    ]
    headings = ("id", "before", *(CAUSES[one] for one in causes), "after", "in words", "question")
    return table(headings, rows)


def _moves(column: Any) -> bool:
    return bool((column.isna() | (column.abs() > 1e-9)).any())


def _percent(value: Any) -> str:
    return "" if value is None or value != value else percent(float(value))


def _points(value: Any) -> str:
    """Return a change of probability in points; blank where it is part of the next."""
    return "" if value is None or value != value else f"{100 * float(value):+.1f}"


def _words(value: Any) -> str:
    from forecast.report.words import probability_words

    return "" if value is None or value != value else probability_words(float(value))
