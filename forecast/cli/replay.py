"""``forecast replay``: day by day, what would have been said on what was known by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli import requirements
from forecast.cli.codes import INTERRUPTED
from forecast.cli.console import complain, frame_rows, shorten, show, show_json, table, tell
from forecast.cli.headlines import percent
from forecast.cli.options import JsonOption, StudyArgument, VerboseOption, read_date
from forecast.cli.runs import find_run
from forecast.cli.workspace import find_study, open_ledger
from forecast.errors import ForecastError
from forecast.study.lock import holding

if TYPE_CHECKING:
    from forecast.runs.replayed import Replay

_WHY_WIDTH = 60


class Refit(StrEnum):
    """When the model is fitted again."""

    gate = "gate"
    structure = "structure"
    never = "never"


def replay(
    study: StudyArgument,
    first: Annotated[
        date, typer.Option("--from", parser=read_date, metavar="DATE", help="The first day.")
    ],
    last: Annotated[
        date, typer.Option("--to", parser=read_date, metavar="DATE", help="The last day.")
    ],
    pair: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PAIR",
            help="Whose rungs are told, such as 'CHN->RUS'; all asked about by default.",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="The run to begin with; by default a fit as of the day before the first.",
        ),
    ] = None,
    refit: Annotated[
        Refit,
        typer.Option(help="Fit again where the gate refuses, the structure changes, or never."),
    ] = Refit.gate,
    seed: Annotated[int | None, typer.Option(min=0, help="The seed of the first fit.")] = None,
    draws: Annotated[int | None, typer.Option(min=4, help="Draws of each chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=1, help="Tuning steps of each chain.")] = None,
    chains: Annotated[int | None, typer.Option(min=1, help="Number of chains.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Write days.csv, questions.csv, rungs.csv and records.csv there.",
        ),
    ] = None,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Go through days and forecast on each of them on what was known by its end.

    Each day the draws of the last fit are weighted by what was learned since; where a gate refuses
    the weights, or the study dates a shock to that day, the model is fitted again, and the days
    after weigh the new fit. Fits are written as runs, which `report` and `explain` find; of the
    other days the tables tell the probabilities with the change by cause, the rungs, and the
    records that arrived. Days that are done are kept: an interrupted replay goes on where it ended.

    \b
    Examples:
      forecast replay ukraine --from 2022-02-01 --to 2022-03-31
      forecast replay ukraine --from 2022-02-20 --to 2022-03-05 --pair 'CHN->RUS' -o invasion
      forecast replay my-study --from 2026-10-01 --to 2026-10-31 --json > october.json
    """
    requirements.insist()
    from forecast.runs.basis import Saved
    from forecast.runs.fit import RunSettings
    from forecast.runs.replay import Choices, replay_days
    from forecast.runs.replay_days import Day
    from forecast.runs.replayed import Replay
    from forecast.study.load import load_study

    asked: dict[str, Any] = {"seed": seed, "draws": draws, "tune": tune, "chains": chains}
    settings = RunSettings(**{name: value for name, value in asked.items() if value is not None})
    directory = find_study(study)
    stopped = False
    failed: ForecastError | None = None
    days: list[Day] = []
    with holding(directory):
        loaded = load_study(directory)
        choices = Choices(tuple(pair or ()), refit.value, settings)
        begun = Saved(find_run(directory, run)) if run else None
        with open_ledger(loaded) as ledger, going() as (on, say):
            steps = replay_days(
                loaded, ledger, first, last, run=begun, choices=choices, say=say, tell=on
            )
            try:
                for day in steps:
                    days.append(day)
            except KeyboardInterrupt:
                stopped = True
            except ForecastError as error:
                failed = error
    found = Replay.of(loaded, days)
    for file in found.write(output) if output is not None and days else ():
        tell(f"Wrote {file}")
    if failed is not None:
        # What was made until then is kept and written; the same command goes on from there.
        raise failed
    if json and not stopped:
        show_json(found.document)
    elif output is None and not json and days:
        show(told(found))
    if stopped:
        until = f" after {days[-1].date}" if days else ""
        complain(f"interrupted{until}; the same command goes on from there")
        raise typer.Exit(INTERRUPTED)


@contextmanager
def going() -> Iterator[tuple[Callable[[date, int, int], None], Callable[[str], None]]]:
    """Show progress over days on standard error, and what is said above it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )
    task = bar.add_task("Replaying", total=None)

    def on(day: date, done: int, total: int) -> None:
        bar.update(task, description=day.isoformat(), completed=done, total=total)

    with bar:
        yield on, lambda text: console.print(text, markup=False, highlight=False)
        total = bar.tasks[task].total
        if total is not None:
            bar.update(task, completed=total)


def told(found: Replay) -> str:
    """Return a replay as one line a day: its path, its records and every probability."""
    wide = found.questions.pivot(index="date", columns="question", values="probability")
    names = sorted(wide.columns)
    rows = []
    for day in frame_rows(found.days):
        chances = wide.loc[day.date] if day.date in wide.index else {}
        rows.append(
            (
                day.date,
                day.path,
                "" if day.k_hat is None or day.k_hat != day.k_hat else f"{day.k_hat:.2f}",
                "" if day.ess is None or day.ess != day.ess else f"{day.ess:.0f}",
                str(day.records or ""),
                *(_percent(chances.get(name)) for name in names),
                shorten(day.why, _WHY_WIDTH),
            )
        )
    return table(("date", "by", "k-hat", "worth", "records", *names, "why"), rows)


def _percent(value: float | None) -> str:
    return "" if value is None or value != value else percent(float(value))
