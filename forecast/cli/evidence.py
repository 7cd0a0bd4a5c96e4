"""``forecast evidence``: what the ledger holds."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.console import shorten, show, show_json, table, tell
from forecast.cli.options import AsOfOption, JsonOption, StudyArgument, VerboseOption, read_encoding
from forecast.cli.workspace import EVIDENCE, find_study, open_ledger
from forecast.errors import EvidenceError

if TYPE_CHECKING:
    from forecast.evidence.entries import Entry

group = typer.Typer(no_args_is_help=True, help="The records of a study's ledger.")


@group.callback()
def evidence() -> None:
    """Take records into a study's append-only ledger, look at them, verify its chain."""


@group.command("import")
def import_evidence(
    study: StudyArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of records.")],
    encoding: Annotated[
        str, typer.Option(parser=read_encoding, metavar="NAME", help="The file's encoding.")
    ] = "utf-8",
    supersede: Annotated[
        bool, typer.Option("--supersede", help="Let rows with known ids correct what is held.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Take the records of a CSV file into the ledger, all of them or, if one is wrong, none.

    Records that the ledger holds already are counted and left alone.

    \b
    Examples:
      forecast evidence import ukraine new-records.csv
      forecast evidence import ukraine old.csv --encoding latin-1 --dry-run
    """
    from forecast.evidence.importers import import_table
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    # The study's own file is what this import is about; a dry run writes nothing at all.
    fill = not dry_run and file.resolve() != (loaded.directory / EVIDENCE).resolve()
    with open_ledger(loaded, fill=fill) as ledger:
        report = import_table(
            ledger, loaded, file, encoding=encoding, supersede=supersede, dry_run=dry_run
        )
    if json:
        show_json(asdict(report))
        return
    for warning in report.warnings:
        tell(str(warning))
    counts = {
        "added": report.added,
        "superseded": report.superseded,
        "already known": report.already_known,
        "announced ahead of the event": report.announced,
        "blank rows skipped": report.blank_rows,
    }
    done = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    tried = "would be written: " if dry_run else ""
    show(f"{report.file}: {tried}{done or '0 records'}")


@group.command("list")
def list_evidence(
    study: StudyArgument,
    as_of: AsOfOption = None,
    pair: Annotated[
        str | None, typer.Option(metavar="A->B", help="Only this pair, such as 'CHN->RUS'.")
    ] = None,
    indicator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this indicator.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the records as they were known on a day, newest versions, retracted ones left out.

    \b
    Examples:
      forecast evidence list ukraine --pair 'CHN->RUS'
      forecast evidence list ukraine --as-of 2022-02-04 --json
    """
    from forecast import clock
    from forecast.evidence.vintage import read_as_of
    from forecast.study.load import load_study
    from forecast.study.models import Pair

    loaded = load_study(find_study(study))
    wanted = Pair.parse(pair) if pair is not None else None
    day = as_of or clock.today()
    with open_ledger(loaded) as ledger:
        records = read_as_of(ledger, day).records
    records = tuple(
        record
        for record in records
        if (wanted is None or record.pair == wanted)
        and (indicator is None or record.indicator == indicator)
    )
    if json:
        show_json([record.columns for record in records])
        return
    show(f"{len(records)} records of {loaded.id} known on {day}")
    show(
        table(
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
    )


@group.command("show")
def show_evidence(
    study: StudyArgument,
    record: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    json: JsonOption = False,
) -> None:
    """Show one record with every version that the ledger holds of it.

    \b
    Examples:
      forecast evidence show ukraine E0001
    """
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        versions = [_version(entry) for entry in ledger.entries() if entry.record_id == record]
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


@group.command("verify")
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
