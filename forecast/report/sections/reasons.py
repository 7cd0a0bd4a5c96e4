"""Why the forecasts are what they are: what changed, what moved each, what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from forecast.report import figures
from forecast.report.blocks import (
    Block,
    Cell,
    Column,
    Gallery,
    Picture,
    Prose,
    Section,
    Table,
    clean,
    foreign,
)
from forecast.report.content import ReportData, pair_text
from forecast.report.numbers import counted, long_date
from forecast.report.sections.questions import question_title
from forecast.report.words import percent_text

if TYPE_CHECKING:
    import pandas as pd

#: The causes of a change in the order in which they are let in.
CAUSES: Final = {
    "time": "Passage of time",
    "revisions": "Revisions",
    "retractions": "Retractions",
    "evidence": "New evidence",
    "refit": "Refit",
}
_FOR_AND_AGAINST: Final = 5
_WIRES: Final = 8
_LISTED: Final = 8
_NEW: Final = 40
_UNFOLDED: Final = 10
# Bits that change the odds fourfold.
_ALONE: Final = 2.0


def what_changed(data: ReportData) -> Section:
    """Return the way from the run before to this one, split by cause."""
    name, title = "what-changed", "What changed since the last report"
    notes = _notes(data)
    table = data.changes
    if table.empty:
        why = notes.get("why") or "this run was made without its reasons"
        return Section(id=name, title=title, missing=f"Nothing to compare: {clean(why)}.")
    causes = [one for one in CAUSES if _moves(table[one])]
    columns = [Column("Question"), Column("Before", number=True)]
    columns += [Column(CAUSES[one], number=True) for one in causes]
    columns += [Column("Now", number=True)]
    rows = tuple(
        (
            Cell(f"{clean(row['question'])}: {_title(data, row['question'])}"),
            Cell(_chance(row["before"])),
            *(Cell(_points(row[one])) for one in causes),
            Cell(_chance(row["after"])),
        )
        for row in table.to_dict("records")
    )
    blocks: list[Block] = [
        Table(
            caption="Change by cause, in points of probability",
            columns=tuple(columns),
            rows=rows,
            stacked=True,
            note="Each cause is a counterfactual: what would be known had only the causes up to it "
            "happened, with the same random numbers. A blank is part of what stands to its right.",
        )
    ]
    new = _new_records(data)
    if new is not None:
        blocks.append(new)
    return Section(id=name, title=title, lead=_how(data, notes), blocks=tuple(blocks))


def _how(data: ReportData, notes: Mapping[str, str]) -> str:
    lead = f"Since the run {clean(notes.get('since', ''))}."
    weighed = data.manifest.get("reweighted")
    if weighed:
        k_hat = weighed.get("k_hat")
        told = "no new information" if k_hat is None else f"k-hat {k_hat:.2f}"
        return (
            f"{lead} The draws of the fit {clean(weighed['fit'])} were weighted, not made anew "
            f"({told}; the weights are worth {weighed['ess']:.0f} draws)."
        )
    why = clean(notes.get("why", ""))
    if why:
        return f"{lead} The model was fitted again. The earlier draws could not tell all: {why}."
    return (
        f"{lead} The model was fitted again; 'refit' is what the new draws say beyond the old ones."
    )


def _new_records(data: ReportData) -> Table | None:
    """Return the records that came in, were corrected or withdrawn."""
    if data.change_records.empty:
        return None
    what = {"evidence": "new", "revisions": "corrected", "retractions": "withdrawn"}
    rows = tuple(
        (
            Cell(what[str(row["cause"])]),
            Cell(_when(row)),
            foreign(_said(row)),
            foreign(row["grade"]),
            foreign(row["source_name"], href=row["source_url"]),
            foreign(row["record"]),
        )
        for row in data.change_records.head(_NEW).to_dict("records")
    )
    count = len(data.change_records)
    more = f", the first {_NEW}" if count > _NEW else ""
    return Table(
        caption=f"{counted(count, 'record')} behind it{more}",
        columns=tuple(Column(one) for one in ("", "Event", "What", "Grade", "Source", "Record")),
        rows=rows,
        collapsed=count > _UNFOLDED,
        stacked=True,
    )


def what_moved(data: ReportData) -> Section:
    """Return the records that speak most for and against each open question."""
    name, title = "what-moved", "What moved each forecast"
    if data.drivers.empty:
        why = _notes(data).get("problem: drivers", "this run was made without its reasons")
        return Section(id=name, title=title, missing=f"Records were not weighed: {clean(why)}.")
    held = {str(row["record"]): row for row in data.evidence.to_dict("records")}
    labels = {key: f"{_short(row)} {_said(row)}" for key, row in held.items()}
    blocks: list[Block] = []
    for question, own in data.drivers.groupby("question", sort=False):
        trusted = own[own["path"] != "not trusted"]
        up = trusted[trusted["bits"] > 0].head(_FOR_AND_AGAINST)
        down = trusted[trusted["bits"] < 0].head(_FOR_AND_AGAINST)
        rows = [_driver(row, held) for part in (up, down) for row in part.to_dict("records")]
        heading = f"{clean(question)}: {_title(data, question)}"
        alone = rests_on(str(question), data)
        blocks.append(
            Gallery(
                heading=heading,
                wide=True,
                pictures=(
                    Picture(
                        name=f"drivers-{clean(question)}",
                        label=f"Bits of evidence of the heaviest records for {clean(question)}",
                        draw=partial(figures.contributions, own, labels, ""),
                    ),
                ),
                facts=None,
            )
        )
        blocks.append(
            Table(
                caption=f"For and against {clean(question)}",
                columns=tuple(
                    Column(each, number=each in ("Bits", "Without it"))
                    for each in ("Bits", "Without it", "Event", "What", "Grade", "Source", "Record")
                ),
                rows=tuple(rows),
                stacked=True,
                collapsed=True,
                note=" ".join(filter(None, (alone, _distrusted(own)))),
            )
        )
    return Section(
        id=name,
        title=title,
        lead="Weight of evidence in bits: by how much the log-odds (to the base 2) would change if "
        "the record were left out, with twice its simulation error. One bit doubles the odds. "
        "Weights do not add up: of two records that say the same, each is dispensable.",
        blocks=tuple(blocks),
    )


def rests_on(question: str, data: ReportData) -> str:
    """Say so where one record moves the odds of a question fourfold or more; else nothing."""
    own = _of(data.drivers, question)
    bits = {
        row["record"]: (abs(float(row["bits"])), row["without"])
        for row in own.to_dict("records")
        if row["path"] != "not trusted" and not math.isnan(float(row["bits"]))
    }
    record = max(bits, key=lambda name: bits[name][0], default=None)
    if record is None or bits[record][0] < _ALONE:
        return ""
    return (
        f"Much of {clean(question)} rests on one record, {clean(record)}: without it, "
        f"{_chance(bits[record][1])}."
    )


def _distrusted(own: pd.DataFrame) -> str:
    names = [clean(one) for one in own[own["path"] == "not trusted"]["record"]]
    if not names:
        return ""
    return (
        f"Not weighed, since the draws would have to move too far without them: "
        f"{', '.join(names)}. `forecast explain` fits again without each."
    )


def _driver(row: Mapping[Any, Any], held: Mapping[str, Mapping[Any, Any]]) -> tuple[Cell, ...]:
    record = held.get(str(row["record"]))
    bits = float(row["bits"])
    told = f"{bits:+.2f}" if math.isfinite(bits) else "decides"
    if record is None:
        rest = (Cell(""), Cell(""), Cell(""), Cell(""))
    else:
        rest = (
            Cell(_when(record)),
            foreign(_said(record)),
            foreign(record["grade"]),
            foreign(record["source_name"], href=record["source_url"]),
        )
    return (Cell(told), Cell(_chance(row["without"])), *rest, foreign(row["record"]))


def what_would_change(data: ReportData) -> Section:
    """Return what could be seen next that would move each question, and what to collect."""
    name, title = "what-would-change", "What would change it"
    if data.watched.empty:
        why = _notes(data).get("problem: watch", "this run was made without its reasons")
        return Section(id=name, title=title, missing=f"Nothing to watch: {clean(why)}.")
    blocks: list[Block] = []
    for row in data.watched.to_dict("records"):
        question = row["question"]
        wires, worth = _of(data.tripwires, question), _of(data.collection, question)
        since = long_date_of(row["first_day"])
        blocks.append(
            Prose(
                f"{clean(question)}: {_title(data, question)} Now "
                f"{_chance(row['probability'])}; seen in {clean(row['period'])} from {since} on:"
            )
        )
        blocks.append(_wires(question, wires))
        blocks.append(_collection(question, worth))
    return Section(
        id=name,
        title=title,
        lead="Single observations of the next weeks, silences included, that would move a "
        "question past a threshold or furthest, by how likely they are; and what each thing "
        "watched tells on average. Reports of support are graded A1, B2 and E5, signals B2.",
        blocks=tuple(blocks),
    )


def _of(table: pd.DataFrame, question: object) -> pd.DataFrame:
    return table if table.empty else table[table["question"] == question]


def _wires(question: object, wires: pd.DataFrame) -> Table:
    usable = wires if wires.empty else wires[wires["ok"].astype(bool)]
    rows = tuple(
        (
            foreign(_observed(row)),
            Cell(percent_text(min(1.0, float(row["chance"])))),
            Cell(_chance(row["probability"])),
            Cell(_points(float(row["change"]))),
            Cell(_levels(row["crosses"])),
        )
        for row in usable.head(_WIRES).to_dict("records")
    )
    return Table(
        caption=f"Tripwires of {clean(question)}",
        columns=(
            Column("If this is seen"),
            Column("Its chance", number=True),
            Column("Then", number=True),
            Column("Points", number=True),
            Column("Crosses, %", number=True),
        ),
        rows=rows,
        stacked=True,
    )


def _levels(crossed: object) -> str:
    """Return the thresholds that are crossed, in percent."""
    return ", ".join(f"{100 * float(one):g}" for one in str(crossed).split(",") if one.strip())


def _observed(row: Mapping[Any, Any]) -> str:
    seen = str(row["observation"])
    if seen == "silence":
        seen = f"silence: no {row['indicator']}"
    return f"{seen} ({pair_text(str(row['pair']))})"


def _collection(question: object, worth: pd.DataFrame) -> Table:
    priced = bool(worth["bits_per_cost"].notna().any()) if len(worth) else False
    columns = [
        Column("Rank", number=True),
        Column("Watch"),
        Column("Expected bits", number=True),
        Column("Of what is open", number=True),
    ]
    columns += [Column("Bits per cost", number=True)] if priced else []
    rows = []
    for row in worth.head(_LISTED).to_dict("records"):
        cells = [
            Cell(str(int(row["rank"]))),
            foreign(f"{row['indicator']} ({pair_text(str(row['pair']))})"),
            Cell(f"{float(row['expected_bits']):.3f}"),
            Cell(f"{float(row['share']):.0%}"),
        ]
        if priced:
            cost = float(row["bits_per_cost"])
            cells.append(Cell("" if math.isnan(cost) else f"{cost:.3f}"))
        rows.append(tuple(cells))
    return Table(
        caption=f"Collection list of {clean(question)}",
        columns=tuple(columns),
        rows=tuple(rows),
        collapsed=True,
        note="Expected information is the expected fall of the question's entropy, in bits, if the "
        "thing is watched for the period.",
    )


def _notes(data: ReportData) -> dict[str, str]:
    if data.change_notes.empty:
        return {}
    return {str(row["name"]): str(row["text"]) for row in data.change_notes.to_dict("records")}


def _moves(column: pd.Series) -> bool:
    return bool((column.isna() | (column.abs() > 1e-9)).any())


def _title(data: ReportData, question: object) -> str:
    for one in data.questions:
        if one["id"] == question:
            return question_title(one, data)
    return ""


def _chance(value: object) -> str:
    number = _number(value)
    return "" if number is None else percent_text(number)


def _points(value: object) -> str:
    number = _number(value)
    return "" if number is None else f"{100 * number:+.1f}"


def _number(value: object) -> float | None:
    if value is None or not isinstance(value, int | float) or math.isnan(value):
        return None
    return float(value)


def _when(row: Mapping[Any, Any]) -> str:
    first, last = str(row["first"])[:10], str(row["last"])[:10]
    return first if first == last else f"{first} to {last}"


def _short(row: Mapping[Any, Any]) -> str:
    """Return when something happened in as few letters as tell it: a day, a month or a year."""
    first, last = str(row["first"])[:10], str(row["last"])[:10]
    if first == last:
        return first
    if first[:7] == last[:7]:
        return first[:7]
    return first[:4] if first[:4] == last[:4] else f"{first[:4]}-{last[2:4]}"


def _said(row: Mapping[Any, Any]) -> str:
    return f"{pair_text(str(row['pair']))} {row['indicator']} = {row['value']}"


def long_date_of(text: object) -> str:
    """Return an ISO date as a reader sees it."""
    from datetime import date

    return long_date(date.fromisoformat(str(text)[:10]))
