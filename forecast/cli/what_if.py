"""``forecast what-if``: imagined records side by side; the ledger is not touched."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from forecast.cli import requirements
from forecast.cli.console import frame_rows, show, show_json, table, tell
from forecast.cli.explain import QuestionArgument, plain_rows, signed
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, RunOption, StudyArgument, VerboseOption
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study, open_ledger


def what_if(
    study: StudyArgument,
    question: QuestionArgument,
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help='"PAIR INDICATOR=VALUE DATE [grade=B2 attribution=state ...]"; repeatable.',
        ),
    ] = None,
    scenario: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A CSV file: scenario,pair,indicator,date,value[,grade,...]."
        ),
    ] = None,
    run: RunOption = None,
    refit: Annotated[
        bool, typer.Option(help="Fit again where the weights cannot be trusted.")
    ] = True,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show what a question's probability would be if records were known that are not.

    All --record options together are one scenario; a file has as many as it names. Scenarios are
    held against the day on which the last imagined record would be known, with nothing else new in
    until then, so that their change is that of the records alone. Each record is shown as it was
    understood: of grade B2, and of unknown attribution, unless it says otherwise. Nothing is
    written.

    \b
    Examples:
      forecast what-if ukraine Q17 --record "CHN->RUS arms_transfer=1 2026-12 grade=B2"
      forecast what-if ukraine Q17 --record "CHN->RUS arms_transfer=1 2026-12 attribution=state"
      forecast what-if ukraine Q20 --record "CHN->RUS leader_visit=1 2026-12-05 grade=A1"
      forecast what-if ukraine Q17 --scenario winter.csv
    """
    if not record and not scenario:
        raise typer.BadParameter("name a --record or a --scenario file")
    requirements.insist()
    from forecast.explain.imagined import read_scenarios, scenario_of, understood
    from forecast.runs.explaining import find_question, imagine, insist_forecast, load_run
    from forecast.study.load import load_study

    directory = find_study(study)
    loaded = load_study(directory)
    asked = find_question(loaded, question)
    imagined = [scenario_of(loaded, record)] if record else []
    for file in scenario or []:
        imagined += read_scenarios(loaded, file)
    with open_ledger(loaded) as ledger:
        chosen = find_run(directory, run)
        insist_forecast(chosen, asked, later=True)
        ready = load_run(chosen, loaded, ledger)
        found = imagine(ready, [asked], imagined, refit=refit, progress=True, say=tell)
    said = {one.name: [understood(loaded, each) for each in one.records] for one in imagined}
    if json:
        show_json(
            {
                "format": "what-if/1",
                "run": ready.run.id,
                "as_of": found.as_of.isoformat(),
                "now": found.now.get(asked.id),
                "understood": said,
                "scenarios": plain_rows(found.table),
            }
        )
        return
    show(f"{asked.id} {asked.title}")
    now = found.now.get(asked.id)
    if now is not None:
        show(f"{percent(now)} in run {ready.run.id}, as of {ready.known.as_of}")
    for name, lines in said.items():
        show("\n  ".join([f"Scenario {name}:", *lines]))
    show(f"As of {found.as_of}:")
    rows = [
        (
            str(row.scenario),
            str(row.records) if row.records else "",
            percent(row.probability),
            f"{100 * row.change:+.1f}",
            signed(row.bits),
            f"{row.path}" + (f", k {row.k_hat:.2f}" if math.isfinite(row.k_hat) else ""),
            str(row.why),
        )
        for row in frame_rows(found.table)
    ]
    show(table(("scenario", "records", "P(yes)", "points", "bits", "by", "why"), rows))
