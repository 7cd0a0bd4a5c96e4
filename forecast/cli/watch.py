"""``forecast watch``: what could be seen next that would move a question, and what to collect."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli import requirements
from forecast.cli.console import frame_rows, show, show_json, table, tell
from forecast.cli.explain import QuestionArgument, plain_rows, signed
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, RunOption, StudyArgument, VerboseOption
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study, open_ledger

if TYPE_CHECKING:
    from forecast.explain.watch import Watch

_SHOWN = 12


def watch(
    study: StudyArgument,
    question: QuestionArgument,
    run: RunOption = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="The period watched, such as 2027-Q1."),
    ] = None,
    threshold: Annotated[
        list[float] | None,
        typer.Option(min=0.0, max=1.0, help="A probability that matters; repeatable."),
    ] = None,
    grade: Annotated[
        str, typer.Option(metavar="GRADE", help="Of what is imagined, such as A1.")
    ] = "B2",
    pairs: Annotated[
        str, typer.Option(metavar="dyad|all", help="Whose signals: the question's, or all.")
    ] = "dyad",
    every: Annotated[bool, typer.Option("--all", help="List everything imagined.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it (.svg or .png).")
    ] = None,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Say which single observations would move a question, and what is worth watching.

    Tripwires are observations of the rest of the period, silences included, with their chance and
    the probability that they would lead to; those that cross a threshold come first. The
    collection list ranks what can be watched by the expected fall of the question's entropy in
    bits, divided by the `collection_cost` of indicators.csv where every indicator has one.

    \b
    Examples:
      forecast watch ukraine Q17
      forecast watch ukraine Q20 --threshold 0.5 --threshold 0.9 --plot q20.svg
      forecast watch ukraine Q17 --period 2027-Q1 --json
    """
    if pairs not in ("dyad", "all"):
        raise typer.BadParameter("--pairs takes dyad or all")
    requirements.insist()
    from forecast.runs.explaining import find_question, insist_forecast, load_run, watch_run
    from forecast.study.load import load_study

    directory = find_study(study)
    loaded = load_study(directory)
    asked = find_question(loaded, question)
    with open_ledger(loaded) as ledger:
        chosen = find_run(directory, run)
        insist_forecast(chosen, asked)
        ready = load_run(chosen, loaded, ledger)
    tell("Imagining what could be seen")
    found = watch_run(
        ready,
        asked,
        period=period,
        thresholds=tuple(threshold) if threshold else None,
        grade=grade,
        pairs=pairs,
    )
    if plot is not None:
        from forecast.runs.answers import Watched

        Watched(found).plot().savefig(plot)
    if json:
        show_json(
            {
                "format": "watch/2",
                "run": ready.run.id,
                "question": found.question,
                "probability": found.probability,
                "period": found.period,
                "tripwires": plain_rows(found.tripwires),
                "collection": plain_rows(found.collection),
                "not_evaluated": plain_rows(found.not_evaluated),
            }
        )
        return
    show(f"{asked.id} {asked.title}")
    show(f"{percent(found.probability)} as of {ready.known.as_of}, run {ready.run.id}")
    _show(found, every=every)
    if plot is not None:
        show(f"Figure: {plot}")


def _show(found: Watch, *, every: bool) -> None:
    shown = len(found.tripwires) if every else _SHOWN
    usable = found.tripwires if every else found.tripwires[found.tripwires["ok"].astype(bool)]
    show(f"\nIf this is seen in {found.period}, from {found.first_day} on")
    rows = [
        (
            f"no {row.indicator}" if row.observation == "silence" else str(row.observation),
            str(row.pair),
            percent(min(1.0, row.chance)),
            percent(row.probability),
            f"{100 * row.change:+.1f}",
            signed(row.bits),
            str(row.crosses),
            "" if row.ok else "too few draws",
        )
        for row in frame_rows(usable.head(shown))
    ]
    headings = ("observation", "pair", "its chance", "then", "points", "bits", "crosses", "")
    show(table(headings, rows))
    show("\nWhat is worth watching")
    worth = found.collection if every else found.collection.head(_SHOWN)
    lines = [
        (
            str(row.rank),
            str(row.indicator),
            str(row.pair),
            f"{row.expected_bits:.3f}",
            f"{row.error:.3f}" if math.isfinite(row.error) else "",
            f"{row.share:.0%}",
            "" if math.isnan(row.cost) else f"{row.cost:g}",
            "" if math.isnan(row.bits_per_cost) else f"{row.bits_per_cost:.4f}",
            str(row.note),
        )
        for row in frame_rows(worth)
    ]
    names = ("rank", "indicator", "pair", "bits", "±", "of entropy", "cost", "bits/cost", "note")
    # Costs are for the study to give; most give none.
    told = [place for place in range(len(names)) if any(line[place] for line in lines)]
    show(table([names[n] for n in told], [[line[n] for n in told] for line in lines]))
    if len(found.not_evaluated):
        show("\nNot evaluated")
        rest = [(r.indicator, r.pair, r.reason) for r in frame_rows(found.not_evaluated)]
        show(table(("indicator", "pair", "why"), rest))
    show("\nWhat several at once, a second source or a denial would do: forecast what-if")
