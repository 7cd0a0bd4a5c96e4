"""``forecast evidence list``, ``show``, ``diff``, ``export`` and ``verify``: nothing is changed."""

from __future__ import annotations

import json as json_format
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.console import shorten, show, show_json, table
from forecast.cli.options import AsOfOption, JsonOption, StudyArgument, read_date
from forecast.cli.workspace import find_study, open_ledger
from forecast.errors import EvidenceError

if TYPE_CHECKING:
    from forecast.evidence.entries import Entry
    from forecast.evidence.record import Record


def _day(name: str, what: str) -> Any:
    return typer.Option(name, parser=read_date, metavar="DATE", help=what)


OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help=".csv, .xlsx, .parquet or .jsonl; else CSV here."
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite the file.")]


def list_evidence(
    study: StudyArgument,
    as_of: AsOfOption = None,
    pair: Annotated[str, typer.Option(metavar="PAIR", help="Such as CHN->RUS.")] = "",
    indicator: Annotated[str, typer.Option(metavar="NAME", help="Of this indicator.")] = "",
    first: Annotated[date | None, _day("--from", "Events from this day on.")] = None,
    last: Annotated[date | None, _day("--to", "Events up to this day.")] = None,
    source: Annotated[str, typer.Option(metavar="TEXT", help="Part of a source's name.")] = "",
    grade: Annotated[str, typer.Option(metavar="GRADE", help="B2, or B or 2 alone.")] = "",
    theatre: Annotated[str, typer.Option(metavar="TEXT", help="Of this theatre.")] = "",
    cluster: Annotated[str, typer.Option(metavar="NAME", help="Of this cluster.")] = "",
    status: Annotated[
        str,
        typer.Option(metavar="WORD", help="accepted, pending, disputed or retracted."),
    ] = "accepted",
    json: JsonOption = False,
) -> None:
    """List the records known on a day, each in its newest version then.

    \b
    Examples:
      forecast evidence list ukraine
      forecast evidence list ukraine --as-of 2022-02-04 --pair "CHN->RUS"
      forecast evidence list ukraine --indicator leader_visit --from 2024-01-01 --grade B
    """
    from forecast.clock import today
    from forecast.evidence.query import STATUSES, Filter, find
    from forecast.study.load import load_study
    from forecast.study.models import Pair

    chosen = next((one for one in STATUSES if one == status), None)
    if chosen is None:
        raise typer.BadParameter(f"{status!r} is no status; choose {', '.join(STATUSES)}")
    wanted = Filter(
        pair=Pair.parse(pair) if pair else None,
        indicator=indicator,
        first=first,
        last=last,
        source=source,
        grade=grade.upper(),
        theatre=theatre,
        cluster=cluster,
    )
    if grade and not re.fullmatch("[A-F]?[1-6]?", grade.upper()):
        raise typer.BadParameter(f"{grade!r} is no grade; write B2, or B or 2 alone")
    day = as_of or today()
    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        records = find(ledger, loaded, wanted, as_of=day, status=chosen)
    if json:
        show_json([record.columns for record in records])
        return
    what = "" if chosen == "accepted" else f"{chosen} "
    show(f"{len(records)} {what}records of {loaded.id} known on {day}")
    show(_records_table(records))


def _records_table(records: list[Record]) -> str:
    return table(
        ("id", "event", "known", "pair", "indicator", "value", "grade", "source"),
        [
            (
                record.id,
                record.event_date,
                record.known_at,
                record.pair.label,
                record.indicator,
                record.value,
                record.grade,
                shorten(record.source_name, 40),
            )
            for record in records
        ],
    )


def show_evidence(
    study: StudyArgument,
    record: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    json: JsonOption = False,
) -> None:
    """Show one record with every version and remark that the ledger holds of it.

    \b
    Examples:
      forecast evidence show ukraine E0001
    """
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        versions = [_version(entry) for entry in ledger.entries(record_id=record)]
    if not versions:
        raise EvidenceError(
            f"the ledger holds no record {record!r}",
            where=str(loaded.directory),
            remedy="`forecast evidence list` shows the ids",
        )
    if json:
        show_json({"id": record, "versions": versions})
        return
    for version in versions:
        show(
            f"entry {version['seq']}, {version['kind']}, known on {version['known_at']}, "
            f"recorded at {version['recorded_at']}"
        )
        show(table(("field", "value"), version["content"].items()))


def _version(entry: Entry) -> dict[str, Any]:
    """Return an entry of the ledger with both clocks and what it says."""
    content = json_format.loads(entry.content)
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "known_at": entry.known_at,
        "recorded_at": entry.recorded_at,
        "content_hash": entry.content_hash,
        "content": {name: value for name, value in content.items() if name != "number"},
    }


def diff_evidence(
    study: StudyArgument,
    first: Annotated[date, _day("--from", "What was known by the end of this day...")],
    last: Annotated[
        date | None, _day("--to", "...against the end of this one; else today.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what became known between two dates: new records, changed ones, withdrawn ones.

    \b
    Examples:
      forecast evidence diff ukraine --from 2026-10-01 --to 2026-11-01
    """
    from forecast.clock import today
    from forecast.evidence.query import became_known
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        changes = became_known(ledger, first, last or today(), pairs=loaded.pairs)
    if json:
        show_json(
            [
                {
                    "id": one.id,
                    "kind": one.kind,
                    "before": one.before.columns if one.before else None,
                    "after": one.after.columns if one.after else None,
                }
                for one in changes
            ]
        )
        return
    counts = [f"{sum(one.kind == kind for one in changes)} {kind}" for kind in _KINDS]
    show(f"{', '.join(counts)} from {first} to {last or today()}")
    for one in changes:
        standing = one.after or one.before
        if standing is not None:
            show(
                f"{one.kind:9}  {one.id}  {standing.pair.label}  {standing.indicator}  "
                f"{standing.event_date}  {standing.value}  {standing.grade}"
            )
        for name, (old, new) in one.fields.items():
            show(f"           {name}: {old!r} -> {new!r}")


_KINDS = ("new", "changed", "withdrawn")


def export_evidence(
    study: StudyArgument,
    output: OutputOption = None,
    as_of: AsOfOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Write the records known on a day as a table.

    In CSV a text that a spreadsheet would run as a formula gets an apostrophe in front; the other
    formats keep every text to the letter.

    \b
    Examples:
      forecast evidence export ukraine > evidence.csv
      forecast evidence export ukraine --output evidence.parquet --as-of 2022-02-04
    """
    from forecast.clock import today
    from forecast.evidence.export import write_csv, write_table
    from forecast.evidence.vintage import read_as_of
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        records = read_as_of(ledger, as_of or today(), pairs=loaded.pairs).records
    if output is not None:
        write_table(records, output, overwrite=force)
    if json:
        show_json([record.columns for record in records])
    elif output is None:
        write_csv(records, sys.stdout)
    else:
        show(f"{len(records)} records in {output}")


def verify_evidence(study: StudyArgument, json: JsonOption = False) -> None:
    """Recompute the ledger's chain of hashes and name the first broken link, if there is one.

    \b
    Examples:
      forecast evidence verify ukraine
    """
    from forecast.evidence.integrity import verify
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        head = verify(ledger)
    if json:
        show_json({"entries": head.seq, "head": head.chain_hash})
        return
    show(f"{head.seq} entries, every link whole; head {head.chain_hash}")
