"""``forecast export``: results for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli import requirements
from forecast.cli.console import show, show_json
from forecast.cli.evidence.look import ForceOption, OutputOption, export_evidence
from forecast.cli.options import AsOfOption, JsonOption, RunArgument, StudyArgument, VerboseOption
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study

if TYPE_CHECKING:
    import pandas as pd

group = typer.Typer(no_args_is_help=True, help="Results for other programs.")


@group.callback()
def export() -> None:
    """Write results for other programs to read."""


@group.command("posterior")
def export_posterior(
    study: StudyArgument,
    run: RunArgument = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, not to standard output."),
    ] = None,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the summary of a run's posterior as CSV, one row an element of a variable.

    \b
    Examples:
      forecast export posterior ukraine > posterior.csv
      forecast export posterior ukraine --output posterior.csv --json
    """
    requirements.insist()
    from forecast.api import Run
    from forecast.exchange.posterior_table import summarise

    made = find_run(find_study(study), run)
    table = summarise(Run.open(made).posterior)
    if output is not None:
        output.write_text(_csv(table), encoding="utf-8")
    if json:
        # A value that does not apply is null.
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        show_json({"run": made.name, "rows": rows})
    elif output is None:
        show(_csv(table).rstrip("\n"))
    else:
        show(f"{len(table)} rows in {output}")


@group.command("evidence")
def evidence(
    study: StudyArgument,
    output: OutputOption = None,
    as_of: AsOfOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Write the records known on a day as a table: `forecast evidence export` by another name.

    \b
    Examples:
      forecast export evidence ukraine --output evidence.xlsx
    """
    export_evidence(study, output, as_of, force, json)


def _csv(table: pd.DataFrame) -> str:
    """Return the table as CSV; six digits are finer than any Monte Carlo error here."""
    return table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
