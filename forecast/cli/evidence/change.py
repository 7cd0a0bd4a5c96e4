"""``forecast evidence supersede``, ``retract``, ``review`` and ``cluster``: nothing is erased."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from forecast.cli.console import show, show_json, table
from forecast.cli.options import JsonOption, StudyArgument, read_date
from forecast.cli.workspace import find_study, open_ledger
from forecast.errors import EvidenceError, ProblemsError

if TYPE_CHECKING:
    from forecast.evidence.entries import Verdict
    from forecast.evidence.ledger import Ledger
    from forecast.evidence.record import Record
    from forecast.study.models import Study

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The record's id.")]
KnownAt = Annotated[
    date | None,
    typer.Option(
        "--known-at", parser=read_date, metavar="DATE", help="When the world knew; else today."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show; write nothing.")]


def supersede_evidence(
    study: StudyArgument,
    record: IdArgument,
    changes: Annotated[
        list[str],
        typer.Option("--set", metavar="COLUMN=TEXT", help="A column as it should read; repeat."),
    ],
    known_at: KnownAt = None,
    put_back: Annotated[
        bool, typer.Option("--put-back", help="Let a withdrawn record stand again, as corrected.")
    ] = False,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Correct a record from a day on; what was believed before stays on record.

    \b
    Examples:
      forecast evidence supersede ukraine E0001 --set value=2 --set "note=two ships, not one"
      forecast evidence supersede ukraine E0001 --set credibility=4 --known-at 2026-11-20 --dry-run
    """
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    day = _past(known_at)
    with open_ledger(loaded) as ledger:
        before = _newest(ledger, record, withdrawn=put_back)
        after = _changed(loaded, before, _assignments(changes))
        ledger.supersede(after, known_at=day, dry_run=dry_run)
    differing = {
        name: (before.columns[name], text)
        for name, text in after.columns.items()
        if before.columns[name] != text
    }
    if json:
        show_json({"id": record, "known_at": day.isoformat(), "changes": differing})
        return
    show(table(("field", "was", "reads"), [(name, *pair) for name, pair in differing.items()]))
    show(f"{record}: {'would be corrected' if dry_run else 'corrected'} from {day} on")


def _past(day: date | None) -> date:
    """Return a day, today where none is told; one that is yet to come is refused."""
    from forecast.clock import today

    if day is not None and day > today():
        raise typer.BadParameter(f"--known-at {day} is yet to come")
    return day or today()


def _newest(ledger: Ledger, name: str, *, withdrawn: bool = True) -> Record:
    """Return the newest version of a record that stands, or stood before it was retracted."""
    from forecast.evidence.vintage import record_of, standing

    state = standing(ledger.entries(record_id=name))
    if name in state.retracted and not withdrawn:
        raise EvidenceError(
            f"{name!r} is withdrawn",
            where=ledger.name,
            expected="a record that stands",
            remedy="say --put-back if it is to stand again",
        )
    entry = state.last(name)
    if entry is None:
        raise EvidenceError(
            f"no accepted record {name!r} is held",
            where=ledger.name,
            expected="the id of a record in the ledger",
            remedy="see 'forecast evidence list', or 'review' if it waits for review",
        )
    return record_of(entry)


def _assignments(texts: list[str]) -> dict[str, str]:
    from forecast.evidence.record import COLUMNS

    said: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in COLUMNS or name == "id":
            allowed = ", ".join(one for one in COLUMNS if one != "id")
            raise typer.BadParameter(f"{text!r}: write COLUMN=TEXT with one of {allowed}")
        said[name] = value
    return said


def _changed(study: Study, before: Record, said: dict[str, str]) -> Record:
    from forecast.evidence.check import read_record
    from forecast.study.problems import Collector, Row

    out = Collector("evidence supersede")
    after = read_record(Row(0, before.columns | said), study, out)
    if after is None:
        raise ProblemsError(out.problems)
    if after.columns == before.columns:
        raise EvidenceError(
            f"{before.id!r} reads so already",
            expected="a column with another text",
            remedy="see 'forecast evidence show'",
        )
    return after


def retract_evidence(
    study: StudyArgument,
    record: IdArgument,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason.")],
    reason: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="false (the report was not true), slip (of the coder) or duplicate.",
        ),
    ] = "false",
    known_at: KnownAt = None,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Withdraw a record from a day on; earlier views keep it.

    \b
    Examples:
      forecast evidence retract ukraine E0001 --why "the agency withdrew the story"
      forecast evidence retract ukraine E0002 --why "the same patrol as E0001" --reason duplicate
    """
    from forecast.evidence.entries import Reason
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    day = _past(known_at)
    chosen: Reason | None = next((one for one in get_args(Reason) if one == reason), None)
    if chosen is None:
        raise typer.BadParameter(f"{reason!r}: choose {', '.join(get_args(Reason))}")
    with open_ledger(loaded) as ledger:
        found = _newest(ledger, record)
        ledger.retract(record, known_at=day, why=why, reason=chosen, dry_run=dry_run)
    if json:
        show_json({"id": record, "known_at": day.isoformat(), "why": why, "dry_run": dry_run})
        return
    show(f"{found.pair.label}  {found.indicator}  {found.event_date}  {found.value}  {found.grade}")
    show(f"{record}: {'would be withdrawn' if dry_run else 'withdrawn'} from {day} on")


def review_evidence(
    study: StudyArgument,
    record: Annotated[
        str | None, typer.Argument(metavar="ID", help="The record; left out: what waits.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="You would code it so, too.")] = False,
    dispute: Annotated[bool, typer.Option("--dispute", help="You would not (give --why).")] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who reviews.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason.")] = "",
    json: JsonOption = False,
) -> None:
    """Accept or dispute a record that another person proposed; without an ID, list what waits.

    Only accepted records reach a fit. The share of reviewed records that were accepted is in the
    report.

    \b
    Examples:
      forecast evidence review ukraine
      forecast evidence review ukraine E0500 --accept --by Noor
      forecast evidence review ukraine E0500 --dispute --by Noor --why "the ship was not Chinese"
    """
    from forecast.evidence.query import Filter, find
    from forecast.evidence.vintage import read_as_of
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    with open_ledger(loaded) as ledger:
        if record is None:
            waiting = find(ledger, loaded, Filter(), as_of=date.max, status="pending")
            review = read_as_of(ledger, date.max, pairs=loaded.pairs).review
            _show_waiting(waiting, asdict(review), review.agreement, json=json)
            return
        if accept == dispute:
            raise typer.BadParameter("say either --accept or --dispute")
        verdict: Verdict = "accept" if accept else "dispute"
        entry = ledger.review(record, verdict, by=by, why=why)
    if json:
        show_json({"id": record, "verdict": verdict, "by": by, "entry": entry.seq})
        return
    show(f"{record}: {'accepted' if accept else 'disputed'} by {by}")


def _show_waiting(
    waiting: list[Record], counts: dict[str, Any], agreement: float | None, *, json: bool
) -> None:
    if json:
        pending = [one.columns for one in waiting]
        show_json({**counts, "agreement": agreement, "records": pending})
        return
    rows = [
        (one.id, one.event_date, one.pair.label, one.indicator, one.value, one.grade)
        for one in waiting
    ]
    show(table(("id", "event", "pair", "indicator", "value", "grade"), rows))
    said = "none reviewed yet" if agreement is None else f"agreement {agreement:.0%}"
    show(
        f"{len(waiting)} wait; {counts['accepted']} accepted, {counts['disputed']} disputed, {said}"
    )


def cluster_evidence(
    study: StudyArgument,
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Records of one act.")
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The cluster's name.")] = "",
    known_at: KnownAt = None,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Give records of one act a common cluster, so that they count once; without IDs, propose.

    Proposed are records of one pair and indicator within seven days, from different sources.

    \b
    Examples:
      forecast evidence cluster ukraine
      forecast evidence cluster ukraine E0101 E0117 --name garpiya
    """
    from forecast.study.load import load_study

    loaded = load_study(find_study(study))
    day = _past(known_at)
    with open_ledger(loaded) as ledger:
        if not records:
            _propose(loaded, ledger, day, json=json)
            return
        if not name.strip():
            raise typer.BadParameter("give the act a --name")
        before = [_newest(ledger, one) for one in dict.fromkeys(records)]
        after = [_changed(loaded, one, {"cluster": name}) for one in before if one.cluster != name]
        ledger.supersede_all(after, known_at=day, dry_run=dry_run)
    if json:
        show_json({"cluster": name, "records": [one.id for one in after], "dry_run": dry_run})
        return
    done = "would be put" if dry_run else "put"
    show(f"{len(after)} of {len(before)} records {done} into cluster {name} from {day} on")


def _propose(study: Study, ledger: Ledger, day: date, *, json: bool) -> None:
    from forecast.evidence.duplicates import proposals, told
    from forecast.evidence.vintage import read_as_of

    records = {one.id: one for one in read_as_of(ledger, day, pairs=study.pairs).records}
    twins = (told(one, study.indicators.get(one.indicator)) for one in records.values())
    found = list(proposals(filter(None, twins)))
    if json:
        show_json([{"name": one.name, "records": list(one.ids)} for one in found])
        return
    for proposal in found:
        show(f"cluster {proposal.name}?")
        for one in proposal.records:
            held = records[one.id]
            show(
                f"  {held.id}  {held.event_date}  {held.pair.label}  {held.indicator}  "
                f"{held.value}  {held.source_name}  cluster {held.cluster or '-'}"
            )
    show(f"{len(found)} proposals; nothing is merged until you name a cluster")
