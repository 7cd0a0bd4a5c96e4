"""``forecast run``: the main job, from the ledger to the report."""

from __future__ import annotations

import logging
import webbrowser
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli import requirements
from forecast.cli.codes import NOT_PUBLISHABLE
from forecast.cli.console import complain, show, show_json, tell
from forecast.cli.headlines import headlines
from forecast.cli.options import AsOfOption, JsonOption, StudyArgument, VerboseOption
from forecast.cli.workspace import fill_ledger, find_study
from forecast.study.lock import holding

if TYPE_CHECKING:
    from forecast.api import Run

logger = logging.getLogger(__name__)


class Engine(StrEnum):
    """How the posterior is computed."""

    auto = "auto"
    fast = "fast"
    nuts = "nuts"


def run(
    study: StudyArgument,
    as_of: AsOfOption = None,
    engine: Annotated[Engine, typer.Option(help="How the posterior is computed.")] = Engine.auto,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The seed that all random numbers come from.")
    ] = None,
    draws: Annotated[int | None, typer.Option(min=1, help="Draws of each chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=1, help="Tuning steps of each chain.")] = None,
    chains: Annotated[int | None, typer.Option(min=1, help="Number of chains.")] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Start the fast engine where this run of the study ended."
        ),
    ] = None,
    reasons: Annotated[
        bool,
        typer.Option(
            "--reasons/--no-reasons", help="Weigh every record, and say what would change it."
        ),
    ] = True,
    open_report: Annotated[bool, typer.Option("--open", help="Open the report.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Fit the model as of a date, forecast the study's questions and write the report.

    Exits with 3 where the sampler's diagnostics forbid publishing; the report then says why.

    \b
    Examples:
      forecast run ukraine
      forecast run ukraine --as-of 2022-02-04 --seed 7
      forecast run ukraine --start 2026-11-24-1f3a9c2e
      forecast run my-study --json > forecasts.json
    """
    requirements.insist()
    from forecast.api import Study

    directory = find_study(study)
    settings: dict[str, Any] = {"seed": seed, "draws": draws, "tune": tune, "chains": chains}
    settings["start"] = start
    settings["reasons"] = None if reasons else False
    chosen = {name: value for name, value in settings.items() if value is not None}
    with holding(directory):
        logger.info("fitting the study in %s, settings %s", directory, chosen)
        fill_ledger(directory)
        loaded = Study.load(directory)
        made = loaded.fit(as_of=as_of, engine=engine.value, progress=True, say=tell, **chosen)
    if json:
        show_json(made.forecasts)
    else:
        show(headlines(made.forecasts, {one.id: one.title for one in loaded.questions}))
        show(f"Report: {made.report_path}")
    if open_report:
        webbrowser.open(made.report_path.resolve().as_uri())
    _judge(made)


def _judge(made: Run) -> None:
    """Say when a run's diagnostics are in doubt, and end with 3 where they forbid publishing."""
    if made.status == "doubtful":
        complain("the diagnostics are doubtful; the report says which and why")
    if made.status == "failed":
        complain("the diagnostics failed: these forecasts are not fit to publish; see the report")
        raise typer.Exit(NOT_PUBLISHABLE)
