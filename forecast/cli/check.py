"""``forecast check``: list everything that is wrong with a study at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from forecast.cli.codes import INPUT_WRONG
from forecast.cli.console import show, show_json
from forecast.cli.options import JsonOption, StudyArgument
from forecast.cli.workspace import EVIDENCE, find_study
from forecast.errors import Problem

if TYPE_CHECKING:
    from forecast.study.models import Study


def check(study: StudyArgument, json: JsonOption = False) -> None:
    """List every problem of a study's files, with file, line and remedy.

    Exits with 1 where there is an error; warnings alone leave it at 0.

    \b
    Examples:
      forecast check ukraine
      forecast check my-study --json
    """
    directory = find_study(study)
    problems = _problems(directory)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if json:
        show_json(
            {
                "study": str(directory),
                "errors": errors,
                "warnings": warnings,
                "problems": [asdict(problem) for problem in problems],
            }
        )
    else:
        for problem in problems:
            show(f"{problem} ({problem.name})")
        show(f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')} in {directory}")
    if errors:
        raise typer.Exit(INPUT_WRONG)


def _problems(directory: Path) -> list[Problem]:
    """Return the problems of the study's tables and, where those can be read, its evidence."""
    from forecast.study.load import check_study, load_study

    problems = check_study(directory)
    if not any(problem.severity == "error" for problem in problems):
        problems += _prior_problems(directory)
    if any(problem.severity == "error" for problem in problems):
        return problems
    return [*problems, *_evidence_problems(load_study(directory))]


def _evidence_problems(study: Study) -> list[Problem]:
    """Return the problems of the ledger, or of evidence.csv where no ledger was made yet."""
    from forecast.clock import today
    from forecast.evidence.importers import check_ledger, check_table
    from forecast.evidence.ledger import FORMAT, Ledger, ledger_place

    evidence = study.directory / EVIDENCE
    place = ledger_place(study)
    file = check_table(study, evidence, today=today()) if evidence.exists() else []
    held = Ledger.format_at(place)
    if held == 0:
        return file
    if held < FORMAT:
        # A check changes nothing, so it leaves the upgrade to a command that writes.
        return [*file, _old_format(place.shown, held)]
    with Ledger.open(place) as ledger:
        if not ledger.holds([pair.label for pair in study.pairs]):
            return file
        return check_ledger(ledger, study, today=today(), file=evidence)


def _old_format(place: str, held: int) -> Problem:
    from forecast.evidence.ledger import FORMAT

    return Problem(
        severity="warning",
        name="ledger-format",
        file="ledger",
        line=None,
        field="format",
        what=f"the ledger {place} has format {held}, and its records were not checked",
        expected=f"format {FORMAT}",
        remedy="bring it up with 'forecast evidence verify STUDY'; back it up first",
    )


def _prior_problems(directory: Path) -> list[Problem]:
    """Return what is wrong with the study's prior sets: unknown ones, or rungs that they lack."""
    from forecast.errors import PriorError
    from forecast.model.witness import build_witness
    from forecast.priors import load_priors
    from forecast.study.load import load_study

    study = load_study(directory)
    try:
        priors = load_priors(study.prior_sets, study.directory)
        if study.at_stake:
            build_witness(priors, study.ladder, 4.0)
    except PriorError as error:
        return [
            Problem(
                severity="error",
                name="priors",
                file="study.toml",
                line=None,
                field="priors",
                what=f"{error.what} ({error.where})",
                expected=error.expected or "prior sets that give every prior of the model",
                remedy=error.remedy or "correct the prior sets",
            )
        ]
    return []


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
