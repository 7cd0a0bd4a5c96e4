"""``forecast evidence import`` and ``add``: records on their way into the ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.console import show, show_json, table, tell
from forecast.cli.options import (
    JsonOption,
    StudyArgument,
    VerboseOption,
    read_date,
    read_encoding,
)
from forecast.cli.workspace import EVIDENCE, find_study, open_ledger
from forecast.errors import EvidenceError, ProblemsError

if TYPE_CHECKING:
    from forecast.evidence.importers import ImportReport
    from forecast.evidence.ledger import Ledger
    from forecast.evidence.record import Record
    from forecast.study.models import Study

DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show; write nothing.")]
Pending = Annotated[
    bool,
    typer.Option("--pending", help="Let another person review it before it counts (needs --by)."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who proposes or reviews it.")]


def import_evidence(
    study: StudyArgument,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A .csv, .xlsx, .parquet or .jsonl file of records."),
    ] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Read a public data set instead.")
    ] = "",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Your own mapping to indicators (TOML)."),
    ] = None,
    show_mapping: Annotated[
        bool, typer.Option("--show-mapping", help="Print the mapping of --format, and stop.")
    ] = False,
    show_indicators: Annotated[
        bool,
        typer.Option("--show-indicators", help="Print its lines for indicators.csv, and stop."),
    ] = False,
    vintage: Annotated[
        date | None,
        typer.Option(
            "--vintage", parser=read_date, metavar="DATE", help="When the data set was released."
        ),
    ] = None,
    encoding: Annotated[
        str, typer.Option(parser=read_encoding, metavar="NAME", help="Of a CSV file.")
    ] = "utf-8",
    supersede: Annotated[
        bool, typer.Option("--supersede", help="Let rows with known ids correct what is held.")
    ] = False,
    pending: Pending = False,
    by: By = "",
    dry_run: DryRun = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Take the records of a file into the ledger, all of them or, if one is wrong, none.

    Records that the ledger holds already are counted and left alone. The formats of public data
    sets are listed in docs/readers.md, with the faults of each that are handled.

    \b
    Examples:
      forecast evidence import ukraine new-records.csv
      forecast evidence import ukraine old.csv --encoding latin-1 --dry-run
      forecast evidence import ukraine trade-register.csv --format sipri-register --dry-run
      forecast evidence import ukraine --format sipri-register --show-mapping
    """
    from forecast.study.load import load_study

    if show_mapping or show_indicators:
        show(_mapping(format, indicators=show_indicators))
        return
    if file is None:
        raise typer.BadParameter("name a FILE to import")
    if not format and (mapping is not None or vintage is not None):
        raise typer.BadParameter("--mapping and --vintage go with --format")
    loaded = load_study(find_study(study))
    # The study's own file is what such an import is about.
    fill = file.resolve() != (loaded.directory / EVIDENCE).resolve()

    proposer = _proposer(pending, by)
    with open_ledger(loaded, fill=fill) as ledger:
        if format:
            from forecast.evidence.public import import_public

            tell(f"Reading {file.name} as {format}")
            report = import_public(
                ledger,
                loaded,
                format,
                file,
                mapping=mapping,
                known_at=vintage,
                supersede=supersede,
                proposer=proposer,
                dry_run=dry_run,
            )
        else:
            from forecast.evidence.importers import import_table

            with _counting(file.name) as advance:
                report = import_table(
                    ledger,
                    loaded,
                    file,
                    encoding=encoding,
                    supersede=supersede,
                    proposer=proposer,
                    dry_run=dry_run,
                    advance=advance,
                )
    _tell_report(report, json=json)


def _mapping(format: str, *, indicators: bool) -> str:
    from forecast.evidence.readers import FORMATS, indicator_rows
    from forecast.evidence.readers import show_mapping as shown

    if not format:
        raise typer.BadParameter(f"name a --format: {', '.join(FORMATS)}")
    return indicator_rows(format) if indicators else shown(format)


def _tell_report(report: ImportReport, *, json: bool) -> None:
    if json:
        show_json(asdict(report))
        return
    for warning in report.warnings:
        tell(str(warning))
    for note in report.notes:
        tell(note)
    counts = {
        "added": report.added,
        "superseded": report.superseded,
        "already known": report.already_known - report.outdated,
        "held in a version that was corrected, withdrawn or disputed since": report.outdated,
        "announced ahead of the event": report.announced,
        "waiting for review": report.pending,
        "blank rows skipped": report.blank_rows,
        **{f"left out: {reason}": count for reason, count in report.skipped.items()},
    }
    new = report.added + report.superseded
    done = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    tried = "would be written: " if report.dry_run else ""
    nothing = "0 added, " if done and not new else ""
    show(f"{report.file}: {tried}{nothing}{done or '0 records'}")
    if report.corrected and report.dry_run:
        more = len(report.corrected) - 10
        rest = f" and {more} more" if more > 0 else ""
        show(f"corrected: {', '.join(report.corrected[:10])}{rest}")


@contextmanager
def _counting(name: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many rows of a long file were read."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        task = progress.add_task(f"Reading {name}", total=None)
        yield lambda count: progress.advance(task, count)


def _proposer(pending: bool, by: str) -> str:
    if by.strip() and not pending:
        raise typer.BadParameter("--by goes with --pending: it names who proposes for review")
    if pending and not by.strip():
        raise typer.BadParameter("--pending needs --by NAME: another person will review it")
    return by.strip() if pending else ""


Said = Annotated[str, typer.Option(metavar="TEXT")]


def add_evidence(
    study: StudyArgument,
    pair: Annotated[str, typer.Option(metavar="PAIR", help="Such as CHN->RUS.")] = "",
    indicator: Annotated[str, typer.Option(metavar="NAME", help="What was observed.")] = "",
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="YYYY-MM-DD, or YYYY-MM or YYYY.")
    ] = "",
    value: Annotated[str, typer.Option(metavar="VALUE", help="1, a count, a level, 228.1.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Who says so.")] = "",
    grade: Annotated[
        str, typer.Option(metavar="GRADE", help="Admiralty: source A-F, information 1-6.")
    ] = "",
    attribution: Annotated[
        str, typer.Option(metavar="WHO", help="state, firm or unknown, for reports of support.")
    ] = "",
    known_at: Annotated[
        str, typer.Option("--known-at", metavar="DATE", help="When it became known; else today.")
    ] = "",
    precision: Annotated[
        str, typer.Option(metavar="WORD", help="quarter or half-year, where --date means one.")
    ] = "",
    theatre: Annotated[str, typer.Option(metavar="TEXT", help="Else the indicator's.")] = "",
    url: Annotated[str, typer.Option(metavar="TEXT", help="Where it can be read.")] = "",
    cluster: Annotated[
        str, typer.Option(metavar="NAME", help="The act that other records tell of, too.")
    ] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="In your own words.")] = "",
    id: Annotated[str, typer.Option("--id", metavar="ID", help="Else one is made.")] = "",
    pending: Pending = False,
    by: By = "",
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Add one record; on a terminal, what is missing is asked for.

    \b
    Examples:
      forecast evidence add ukraine
      forecast evidence add ukraine --pair "CHN->RUS" --indicator leader_visit \\
        --date 2026-11-20 --value 1 --source Xinhua --grade B1
    """
    from forecast.clock import today
    from forecast.evidence.compose import compose
    from forecast.evidence.importers import import_rows
    from forecast.study.load import load_study
    from forecast.study.problems import Collector, Row

    loaded = load_study(find_study(study))
    said = {
        "pair": pair,
        "indicator": indicator,
        "date": date,
        "value": value,
        "source": source,
        "grade": grade,
        "attribution": attribution,
        "known_at": known_at,
        "precision": precision,
        "theatre": theatre,
        "url": url,
        "cluster": cluster,
        "note": note,
        "id": id,
    }
    proposer = _proposer(pending, by)
    with open_ledger(loaded) as ledger:
        lost: set[str] = set()

        def taken(name: str) -> bool:
            return name in lost or bool(ledger.held([name]))

        answers, record = _complete(loaded, said, taken)
        same = _same(ledger, record)
        while True:
            try:
                report = import_rows(
                    ledger,
                    loaded,
                    [Row(0, record.columns)],
                    out=Collector("evidence add"),
                    proposer=proposer,
                    dry_run=dry_run,
                )
                break
            except ProblemsError as error:
                if [one.name for one in error.problems] != ["conflict"]:
                    raise
                if id:
                    raise EvidenceError(
                        f"the id {id!r} is taken",
                        where=ledger.name,
                        expected="a new id",
                        remedy="choose another, or correct that record with `evidence supersede`",
                    ) from error
                # Somebody else took the id meanwhile: the next one is as good.
                lost.add(record.id)
                record = compose(loaded, answers, today=today(), taken=taken)
    if json:
        show_json({"record": record.columns, "added": report.added, "dry_run": dry_run})
        return
    for remark in (*report.warnings, *report.notes, *_remarks(record, same)):
        tell(str(remark))
    show(table(("field", "value"), record.columns.items()))
    done = "would be added" if dry_run else "waits for review" if pending else "added"
    show(f"{record.id}: {done if report.added else 'already known'}")


def _same(ledger: Ledger, record: Record) -> list[str]:
    """Return the ids of records that say the same by the same source of the same day."""
    from forecast.evidence.vintage import record_of, standing

    told = ("supporter", "recipient", "indicator", "event_date", "value", "source_name")
    state = standing(ledger.scan(pairs=[record.pair.label], indicators=[record.indicator]))
    return [
        entry.record_id
        for entry in state.newest.values()
        if entry.record_id != record.id
        and all(getattr(record_of(entry), one) == getattr(record, one) for one in told)
    ]


def _remarks(record: Record, same: list[str]) -> list[str]:
    remarks = []
    if same:
        remarks.append(f"warning: {', '.join(same)} says the same by the same source of that day")
    if record.announced:
        remarks.append(f"warning: known on {record.known}, before the event of {record.event_date}")
    return remarks


def _complete(
    study: Study, said: Mapping[str, str], taken: Callable[[str], bool]
) -> tuple[dict[str, str], Record]:
    """Return what was said with its record, asking a person for what is missing or wrong."""
    from forecast.clock import today
    from forecast.evidence.compose import REQUIRED, compose

    answers = dict(said)
    missing = [word for word in REQUIRED if not answers[word].strip()]
    if not _is_terminal():
        if missing:
            flags = ", ".join(f"--{word}" for word in missing)
            raise typer.BadParameter(f"missing {flags}; only on a terminal are they asked for")
        return answers, compose(study, answers, today=today(), taken=taken)
    _ask(study, answers, missing)
    while True:
        try:
            return answers, compose(study, answers, today=today(), taken=taken)
        except ProblemsError as error:
            if not all(problem.field in answers for problem in error.problems):
                raise
            for problem in error.problems:
                tell(str(problem))
            _ask(study, answers, list(dict.fromkeys(one.field for one in error.problems)))


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(study: Study, answers: dict[str, str], words: list[str]) -> None:
    from forecast.evidence.check import ATTRIBUTIONS

    hints = {
        "pair": f"such as {study.pairs[0].label}" if study.pairs else "SUPPORTER->RECIPIENT",
        "indicator": f"one of {', '.join(study.indicators)}",
        "date": "YYYY-MM-DD, YYYY-MM or YYYY",
        "value": "1, a count, a level or an amount",
        "source": "who says so",
        "grade": "A-F and 1-6, such as B2",
        "attribution": ", ".join(ATTRIBUTIONS),
    }
    for word in words:
        if word == "value" and (known := study.indicators.get(answers["indicator"])):
            hints["value"] = " | ".join(known.levels) or f"{known.kind}, {known.unit or 'a number'}"
        hint = hints.get(word, "")
        question = f"{word} ({hint})" if hint else word
        answers[word] = typer.prompt(question, default=answers.get(word) or None, err=True)
