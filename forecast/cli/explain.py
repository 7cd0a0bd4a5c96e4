"""``forecast explain``: what moved the forecast of a question, record by record."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli import requirements
from forecast.cli.console import frame_rows, shorten, show, show_json, table, tell
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, RunOption, StudyArgument, VerboseOption
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study, open_ledger

if TYPE_CHECKING:
    import pandas as pd

    from forecast.explain.weight import Explanation, Tell

QuestionArgument = Annotated[
    str, typer.Argument(metavar="QUESTION", help="A question's id, such as Q17.")
]
_GROUPS = ("cluster", "source", "indicator", "domain")
_SHOWN = 8
_ACCOUNTED = 12


def explain(
    study: StudyArgument,
    question: QuestionArgument,
    run: RunOption = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="BASELINE", help="Account for the distance from `base-rate`, or from 0.05."
        ),
    ] = None,
    refit: Annotated[
        str,
        typer.Option(
            metavar="none|records|all", help="What to fit again where weights cannot be trusted."
        ),
    ] = "records",
    every: Annotated[bool, typer.Option("--all", help="List every record.")] = False,
    unused: Annotated[
        bool, typer.Option("--unused", help="List the records that were not used, and why.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the contributions (.svg or .png).")
    ] = None,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Weigh the evidence for a question: what its probability would be without each piece.

    Weights are in bits: the change of log-odds to the base 2 when the piece is left out, with their
    Monte Carlo error. Those of single records do not add up to that of all: two records that say
    the same are each dispensable.

    \b
    Examples:
      forecast explain ukraine Q17
      forecast explain ukraine Q17 --against base-rate --plot q17.svg
      forecast explain ukraine Q20 --all --refit none
    """
    kinds = {"none": (), "records": ("record",), "all": ("record", *_GROUPS)}
    if refit not in kinds:
        raise typer.BadParameter("--refit takes none, records or all")
    requirements.insist()
    from forecast.runs.explaining import (
        baseline_of,
        distance,
        explain_run,
        find_question,
        insist_forecast,
        load_run,
        probability_history,
    )
    from forecast.study.load import load_study

    directory = find_study(study)
    loaded = load_study(directory)
    asked = find_question(loaded, question)
    baseline = None if against is None else baseline_of(loaded, asked, against)
    with open_ledger(loaded) as ledger:
        chosen = find_run(directory, run)
        insist_forecast(chosen, asked)
        ready = load_run(chosen, loaded, ledger)
        with weighing() as told:
            found = explain_run(
                ready, asked, refit=kinds[refit], progress=True, say=tell, tell=told
            )
    history = probability_history(loaded, asked.id)
    account = None if baseline is None else distance(found, baseline)
    if plot is not None:
        from forecast.runs.answers import Explained

        Explained(found, history).plot().savefig(plot)
    if json:
        show_json(document(found, history, baseline, account))
        return
    show(f"{asked.id} {asked.title}")
    show(f"{percent(_chance(found))} as of {ready.known.as_of}, run {ready.run.id}")
    _show_records(found, every=every)
    for unit in _GROUPS:
        _show_groups(found.of(unit), unit)
    if account is not None and baseline is not None:
        show(f"\nFrom {percent(baseline)} ({against}) to {percent(_chance(found))}")
        show(table(("indicator", "records", "bits"), _account(account)))
    _show_history(history)
    _show_unused(found, listed=unused)
    if plot is not None:
        show(f"Figure: {plot}")


def _account(account: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return the rows of an account, the light ones put together."""
    *parts, rest = frame_rows(account)
    heavy, light = parts[:_ACCOUNTED], parts[_ACCOUNTED:]
    rows = [(r.part, str(r.records), signed(r.bits)) for r in heavy]
    if light:
        total = sum(r.bits for r in light)
        records = str(sum(r.records for r in light))
        rows.append((f"{len(light)} lighter indicators", records, signed(total)))
    return [*rows, (rest.part, "", signed(rest.bits))]


def _chance(found: Explanation) -> float:
    assert found.forecast.probability is not None
    return found.forecast.probability


@contextmanager
def weighing() -> Iterator[Tell]:
    """Show progress over the pieces of evidence on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("Weighing"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    )
    task = bar.add_task("weighing", total=None)
    with bar:
        yield lambda done, total: bar.update(task, completed=done, total=total)


def signed(value: float) -> str:
    """Return a number of bits with its sign."""
    if math.isinf(value):
        return "decides" if value > 0 else "forbids"
    return "" if math.isnan(value) else f"{value:+.2f}"


def _show_records(found: Explanation, *, every: bool) -> None:
    if every:
        show("\nRecords, the heaviest first")
        show(_records(found, found.of("record")))
        return
    up, down = found.strongest()
    for heading, rows in (("For", up), ("Against", down)):
        show(f"\n{heading}: the heaviest records")
        show(_records(found, rows) if len(rows) else "none")
    weak = found.of("record")
    doubtful = weak[weak["path"] == "not trusted"]
    if len(doubtful):
        names = ", ".join(doubtful["name"])
        show(f"\nWeights that cannot be trusted, and were not refitted: {names}")


def _records(found: Explanation, rows: pd.DataFrame) -> str:
    lines = []
    for row in frame_rows(rows):
        record = found.records[str(row.name)]
        lines.append(
            (
                signed(row.bits),
                _error(row.error),
                percent(row.without),
                f"{row.path}{_k(row.k_hat)}",
                record.event_date,
                record.pair.label,
                f"{record.indicator}={record.value}",
                record.grade,
                shorten(record.source_name, 28),
                record.id,
            )
        )
    headings = ("bits", "±", "without", "by", "event", "pair", "record", "grade", "source", "id")
    return table(headings, lines)


def _error(value: float) -> str:
    return "" if not math.isfinite(value) else f"{value:.2f}"


def _k(value: float) -> str:
    return f", k {value:.2f}" if math.isfinite(value) else ""


def _show_groups(rows: pd.DataFrame, unit: str) -> None:
    if rows.empty:
        return
    # What is known comes first: what is not would hide it.
    unknown = rows["path"] == "not trusted"
    rows = rows.loc[unknown.sort_values(kind="stable").index]
    lines = [
        (
            signed(row.bits) if row.path != "not trusted" else "?",
            _error(row.error) if row.path != "not trusted" else "",
            percent(row.without) if row.path != "not trusted" else "",
            str(row.records),
            shorten(str(row.name), 50),
            row.path + (f": {row.why}" if row.why else ""),
        )
        for row in frame_rows(rows.head(_SHOWN))
    ]
    more = f", {_SHOWN} of {len(rows)}" if len(rows) > _SHOWN else ""
    show(f"\nBy {unit}{more}")
    show(table(("bits", "±", "without", "records", unit, "by"), lines))
    if unknown.any():
        show(f"{int(unknown.sum())} not trusted; --refit all fits the model again without each")


def _show_history(history: pd.DataFrame) -> None:
    if len(history) < 2:
        return
    show("\nOver past runs")
    rows = [
        (row.as_of, percent(row.probability), row.path, row.status, row.run)
        for row in frame_rows(history)
    ]
    show(table(("as of", "P(yes)", "by", "status", "run"), rows))


def _show_unused(found: Explanation, *, listed: bool) -> None:
    unused = found.unused
    if listed:
        show(f"\nRecords not used: {len(unused)}")
        show(table(("record", "why"), [(r.record, r.why) for r in frame_rows(unused)]))
    elif len(unused):
        reasons = unused["why"].str.split(":").str[0].value_counts()
        told = "; ".join(f"{count} {why}" for why, count in reasons.items())
        show(f"\nNot used: {len(unused)} records ({told}); --unused lists them")


def document(
    found: Explanation,
    history: pd.DataFrame,
    baseline: float | None,
    account: pd.DataFrame | None,
) -> dict[str, Any]:
    """Return an explanation as one JSON document; what is infinite or unknown is null."""
    parts: dict[str, Any] = {
        "format": "explanation/1",
        "question": found.question.id,
        "probability": found.forecast.probability,
        "weights": plain_rows(found.weights),
        "unused": plain_rows(found.unused),
        "history": plain_rows(history),
    }
    if account is not None:
        parts["against"] = {"baseline": baseline, "parts": plain_rows(account)}
    return parts


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values, null where a number is not finite."""
    return [
        {
            str(name): None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]
