"""Single records: the newest in use for a pair, and those that stay out, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forecast.report.blocks import Cell, Column, Section, Table, clean, foreign
from forecast.report.content import ReportData, pair_text
from forecast.report.numbers import counted

NEWEST: Final = 30
MOST_UNUSED: Final = 250

EVIDENCE_COLUMNS: Final = (
    Column("Event"),
    Column("Indicator"),
    Column("Value", number=True),
    Column("Grade"),
    Column("Known"),
    Column("Source"),
    Column("Note"),
    Column("Record"),
)


def evidence_row(row: Any) -> tuple[Cell, ...]:
    """Return one record as a table row, its source linked where the address is safe."""
    first, last = str(row.first)[:10], str(row.last)[:10]
    return (
        Cell(first if first == last else f"{first} to {last}"),
        foreign(row.indicator),
        foreign(row.value),
        foreign(row.grade),
        Cell(str(row.known_at)[:10]),
        foreign(row.source_name, href=row.source_url),
        foreign(row.note),
        foreign(row.record),
    )


def newest_records(data: ReportData, pair: str) -> Table | None:
    """Return the newest records in use for a pair, each linked to its source."""
    if data.used.empty:
        return None
    chosen = data.used[data.used["pair"].astype(str) == pair]
    if chosen.empty:
        return None
    newest = chosen.assign(_known=chosen["known_at"].astype(str)).sort_values(
        ["_known", "record"], ascending=[False, True]
    )
    return Table(
        caption=f"Evidence in use for {pair_text(pair)}: newest {min(NEWEST, len(newest))} "
        f"of {len(newest)}",
        columns=EVIDENCE_COLUMNS,
        rows=tuple(evidence_row(row) for row in newest.head(NEWEST).itertuples()),
        collapsed=True,
    )


def second_coding(data: ReportData) -> str:
    """Say how often a second person agreed with the first, and what waits; empty without any."""
    vintage = data.manifest.get("vintage")
    review = vintage.get("review") if isinstance(vintage, Mapping) else None
    if not review or not any(review.values()):
        return ""
    accepted, waiting = review["accepted"], review["pending"]
    reviewed = accepted + review["disputed"]
    said = (
        f" Second coding: {accepted} of {counted(reviewed, 'proposed record')} accepted by a "
        f"second person, an agreement of {accepted / reviewed:.0%}."
        if reviewed
        else " No proposed record was reviewed yet."
    )
    return said + (f" Waiting for review, informing nothing: {waiting}." if waiting else "")


def unused(data: ReportData) -> Section:
    """Return the records that inform nothing, with the reason for each."""
    name, title = "not-used", "Records not used, and why"
    coding = second_coding(data)
    if data.evidence.empty:
        reason = "No record was known by the as-of date: the forecasts are the prior alone."
        return Section(id=name, title=title, missing=reason + coding)
    frame = data.unused
    if frame.empty:
        lead = f"All {counted(len(data.evidence), 'record')} known by the as-of date are used."
        return Section(id=name, title=title, lead=lead + coding)
    reasons = frame["why_not"].map(lambda why: clean(why) or "no reason was given")
    counts = (
        reasons.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    )
    summary = Table(
        caption="Reasons",
        columns=(Column("Reason"), Column("Records", number=True)),
        rows=tuple((foreign(why), Cell(str(count))) for why, count in counts.items()),
    )
    shown = frame.head(MOST_UNUSED)
    listed = Table(
        caption=f"The {len(frame)} records not used"
        if len(shown) == len(frame)
        else f"The first {len(shown)} of {len(frame)} records not used",
        columns=(Column("Why not"), *EVIDENCE_COLUMNS),
        rows=tuple(
            (foreign(why), *evidence_row(row))
            for why, row in zip(reasons, shown.itertuples(), strict=False)
        ),
        collapsed=True,
    )
    lead = (
        f"{len(frame)} of {counted(len(data.evidence), 'record')} known by the as-of date "
        "inform nothing." + coding
    )
    return Section(id=name, title=title, lead=lead, blocks=(summary, listed))
