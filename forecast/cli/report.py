"""``forecast report``: what a run found, and where its report is."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from forecast.cli.console import complain, show, show_json
from forecast.cli.headlines import headlines
from forecast.cli.options import JsonOption, RunArgument, StudyArgument
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study


def report(
    study: StudyArgument,
    run: RunArgument = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the whole report as Markdown.")
    ] = False,
    open_report: Annotated[
        bool, typer.Option("--open", help="Open the report in a browser.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a run's headline table, who signed it, and where its report is.

    \b
    Examples:
      forecast report ukraine
      forecast report ukraine --open
      forecast report ukraine --markdown > report.md
    """
    from forecast.errors import IntegrityError
    from forecast.runs.files import read_forecasts
    from forecast.runs.signing import standings
    from forecast.study.load import load_study

    directory = find_study(study)
    made = find_run(directory, run)
    page = made / "report.html"
    forecasts = read_forecasts(made / "forecasts.json")
    problem = ""
    try:
        signed = standings(directory, made.name)
    except IntegrityError as error:
        # The forecasts themselves can still be read: show them, but not without saying so.
        signed, problem = [], str(error)
        complain(problem)
    if json:
        show_json(
            {
                "run": made.name,
                "status": forecasts["status"],
                "report": {"html": str(page), "markdown": str(made / "report.md")},
                "sign_offs": [one.as_dict() | {"standing": worth} for one, worth in signed],
                "sign_offs_problem": problem or None,
            }
        )
    elif markdown:
        show((made / "report.md").read_text(encoding="utf-8").rstrip())
    else:
        titles = {one.id: one.title for one in load_study(directory).questions}
        show(headlines(forecasts, titles, signed))
        show(f"Report: {page}")
    if open_report:
        webbrowser.open(page.resolve().as_uri())
