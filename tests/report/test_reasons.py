"""What a report says of changes, of the weight of records and of what to watch."""

from __future__ import annotations

import dataclasses
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from forecast.report import figures, render_html, render_markdown
from forecast.report.blocks import Cell, Gallery, Prose, Section, Table
from forecast.report.content import FRAME_COLUMNS, ReportData
from forecast.report.figures.changes import changes as draw_changes
from forecast.report.figures.changes import scenarios
from forecast.report.figures.svg import to_svg
from forecast.report.sections import build_sections, headline
from forecast.report.sections.reasons import what_changed, what_moved, what_would_change
from tests.report.factory import (
    INDICATORS,
    NASTY,
    SINCE,
    change_record_frame,
    collection_frame,
    note_frame,
    report_data,
    without,
)

OPEN = ["Q03", "Q04", "Q05"]


@pytest.fixture(scope="module")
def small() -> ReportData:
    return report_data(questions=6, pair_count=3, records=60)


@pytest.fixture(scope="module")
def html(small: ReportData) -> str:
    return render_html(small)


def tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def texts(row: tuple[Cell, ...]) -> list[str]:
    return [cell.text.replace("\u202f", " ") for cell in row]


def changed(data: ReportData, **frames: Any) -> ReportData:
    return dataclasses.replace(data, **frames)


def one_change(**parts: float | None) -> pd.DataFrame:
    row = {"question": "Q03", "before": 0.2, "time": 0.0, "revisions": 0.0}
    row |= {"retractions": 0.0, "evidence": 0.1, "refit": 0.0, "after": 0.3}
    return pd.DataFrame([row | parts], columns=list(FRAME_COLUMNS["changes"]))


# What changed


def test_each_cause_that_moved_something_has_its_column(small: ReportData) -> None:
    first = tables(what_changed(small))[0]
    assert names(first) == [
        *("Question", "Before", "Passage of time", "Retractions", "New evidence", "Refit", "Now"),
    ]
    assert [row[0].text[:3] for row in first.rows] == small.changes["question"].tolist()


def test_a_change_is_told_in_points_with_its_sign(small: ReportData) -> None:
    data = changed(small, changes=one_change(time=-0.0304, evidence=0.1304))
    assert texts(tables(what_changed(data))[0].rows[0])[1:] == ["20 %", "-3.0", "+13.0", "30 %"]


def test_a_part_that_is_not_known_is_blank_and_its_column_stays(small: ReportData) -> None:
    data = changed(small, changes=one_change(time=np.nan))
    table = tables(what_changed(data))[0]
    assert names(table)[2:4] == ["Passage of time", "New evidence"]
    assert texts(table.rows[0])[1:] == ["20 %", "", "+10.0", "30 %"]


@pytest.mark.parametrize("nothing", [None, np.nan])
def test_a_question_that_was_not_asked_before_has_no_number_before(
    small: ReportData, nothing: float | None
) -> None:
    data = changed(small, changes=one_change(before=nothing, after=nothing))
    row = texts(tables(what_changed(data))[0].rows[0])
    assert (row[1], row[-1]) == ("", "")


def test_a_whole_number_is_a_probability_too(small: ReportData) -> None:
    """A table that is read back may hold 0 and 1 as whole numbers, in numpy's type or Python's."""
    made = one_change(before=0, after=1).astype({"before": "int64", "after": "int64"})
    row = texts(tables(what_changed(changed(small, changes=made)))[0].rows[0])
    assert (row[1], row[-1]) == ("0 %", "100 %")


def test_the_lead_of_a_refit_names_the_run_before_and_why(small: ReportData) -> None:
    assert what_changed(small).lead.startswith(f"Since the run {SINCE}. The model was fitted again")
    told = changed(small, change_notes=note_frame(why="the study's files have changed"))
    assert "could not tell all: the study's files have changed." in what_changed(told).lead


@pytest.mark.parametrize(("k_hat", "said"), [(0.314, "k-hat 0.31"), (None, "no new information")])
def test_the_lead_of_an_update_names_the_fit_and_the_gate(
    small: ReportData, k_hat: float | None, said: str
) -> None:
    link = {"fit": "2026-08-01-aa", "since": SINCE, "k_hat": k_hat, "ess": 812.4}
    lead = what_changed(changed(small, manifest={**small.manifest, "reweighted": link})).lead
    assert f"draws of the fit 2026-08-01-aa were weighted, not made anew ({said};" in lead
    assert "worth 812 draws" in lead


def test_records_are_told_by_what_became_of_them(small: ReportData) -> None:
    table = tables(what_changed(small))[1]
    assert table.caption == "12 records behind it"
    assert [row[0].text for row in table.rows[:3]] == ["new", "corrected", "withdrawn"]
    withdrawn = small.change_records.iloc[2]
    said = texts(table.rows[2])
    assert said[2].endswith(f"{withdrawn['indicator']} = {withdrawn['value']}")
    assert said[5] == withdrawn["record"]


def test_one_record_is_one_record(small: ReportData) -> None:
    records = small.change_records.head(1)
    table = tables(what_changed(changed(small, change_records=records)))[1]
    assert table.caption == "1 record behind it"
    assert not table.collapsed


def test_many_records_are_folded_and_cut(small: ReportData) -> None:
    many = pd.concat([change_record_frame(small.evidence, count=50)], ignore_index=True)
    table = tables(what_changed(changed(small, change_records=many)))[1]
    assert table.caption == "50 records behind it, the first 40"
    assert len(table.rows) == 40
    assert table.collapsed


def test_without_records_there_is_no_table_of_them(small: ReportData) -> None:
    assert len(tables(what_changed(without(small, "change_records")))) == 1


def test_nothing_to_compare_says_why(small: ReportData) -> None:
    none = without(small, "changes")
    assert what_changed(without(none, "change_notes")).missing == (
        "Nothing to compare: this run was made without its reasons."
    )
    first = changed(none, change_notes=note_frame(why="there is no earlier run to compare with"))
    assert what_changed(first).missing == (
        "Nothing to compare: there is no earlier run to compare with."
    )


# What moved


def by_question(section: Section) -> dict[str, Table]:
    return {table.caption.removeprefix("For and against "): table for table in tables(section)}


def test_records_for_and_against_each_open_question_are_listed(small: ReportData) -> None:
    found = by_question(what_moved(small))
    assert list(found) == OPEN
    for question, table in found.items():
        own = small.drivers.query(f"question == '{question}' and path != 'not trusted'")
        up = own[own["bits"] > 0].head(5)["record"].tolist()
        down = own[own["bits"] < 0].head(5)["record"].tolist()
        assert [row[-1].text for row in table.rows] == up + down
        assert 0 < len(up) <= 5
        assert 0 < len(down) <= 5


def test_a_record_that_decides_says_so(small: ReportData) -> None:
    for table in by_question(what_moved(small)).values():
        assert texts(table.rows[0])[:2] == ["decides", "0 %"]


def test_bits_have_a_sign(small: ReportData) -> None:
    table = by_question(what_moved(small))["Q03"]
    assert {row[0].text[0] for row in table.rows[1:]} == {"+", "-"}


def test_a_record_of_no_weight_stands_on_neither_side(small: ReportData) -> None:
    idle = small.drivers.query("bits == 0")["record"].iloc[0]
    table = by_question(what_moved(small))["Q03"]
    assert idle not in [row[-1].text for row in table.rows]


def test_records_that_are_not_trusted_are_named_and_not_weighed(small: ReportData) -> None:
    doubtful = small.drivers.query("path == 'not trusted'")["record"].iloc[0]
    for table in by_question(what_moved(small)).values():
        assert f"without them: {doubtful}. `forecast explain`" in table.note
        assert doubtful not in [row[-1].text for row in table.rows]
    trusted = small.drivers[small.drivers["path"] != "not trusted"]
    tables_ = by_question(what_moved(changed(small, drivers=trusted)))
    assert not any("forecast explain" in table.note for table in tables_.values())


def test_a_forecast_that_rests_on_one_record_says_so_at_the_top(small: ReportData) -> None:
    lead = OPEN[0]
    own = small.drivers[small.drivers["question"] == lead]
    usual = own[own["bits"].abs() < 1.9]
    heavy = usual.iloc[[0]].assign(bits=-2.1, without=0.31, path="reweighted", record="R77")
    said = f"Much of {lead} rests on one record, R77: without it, 31 %."
    for rows, told in ((usual, False), (pd.concat([usual, heavy]), True)):
        data = changed(small, drivers=rows)
        plain = [text.replace("\u202f", " ") for text in headline(data).finding]
        assert (said in plain) == told
        assert (said in by_question(what_moved(data))[lead].note.replace("\u202f", " ")) == told
    distrusted = changed(small, drivers=pd.concat([usual, heavy.assign(path="not trusted")]))
    assert not any("rests on" in text for text in headline(distrusted).finding)
    decides = changed(small, drivers=pd.concat([usual, heavy.assign(bits=np.inf)]))
    assert any("rests on one record, R77" in text for text in headline(decides).finding)


def test_a_record_that_the_report_does_not_hold_is_told_by_its_id(small: ReportData) -> None:
    gone = changed(small, evidence=small.evidence.iloc[:0])
    for row in by_question(what_moved(gone))["Q03"].rows:
        assert [cell.text for cell in row[2:6]] == ["", "", "", ""]
        assert row[-1].text


@pytest.mark.parametrize("path", ["reweighted", "not trusted"])
def test_a_question_that_nothing_moved_stands_with_an_empty_table(
    small: ReportData, path: str
) -> None:
    row = ("Q03", "E1", 0.0, 0.0, 0.2, np.nan, path)
    drivers = pd.DataFrame([row], columns=list(FRAME_COLUMNS["drivers"]))
    data = changed(without(small), drivers=drivers)
    assert by_question(what_moved(data))["Q03"].rows == ()
    assert "For and against Q03" in render_markdown(data)


def test_records_that_were_not_weighed_say_why(small: ReportData) -> None:
    notes = pd.DataFrame([("problem: drivers", "the panel is empty")], columns=["name", "text"])
    data = changed(without(small, "drivers"), change_notes=notes)
    assert what_moved(data).missing == "Records were not weighed: the panel is empty."


# What would change it


def test_each_open_question_has_tripwires_and_a_collection_list(small: ReportData) -> None:
    section = what_would_change(small)
    prose = [block for block in section.blocks if isinstance(block, Prose)]
    captions = [table.caption for table in tables(section)]
    assert captions[:2] == ["Tripwires of Q03", "Collection list of Q03"]
    assert len(captions) == 2 * len(prose) == 6
    assert "seen in 2026-Q4 from 25 November 2026 on" in str(prose[0])


def test_at_most_eight_rows_of_each_and_none_that_cannot_be_trusted(small: ReportData) -> None:
    wires, worth = tables(what_would_change(small))[:2]
    assert (len(wires.rows), len(worth.rows)) == (8, 8)
    doubtful = small.tripwires[~small.tripwires["ok"]]["observation"].iloc[0]
    assert not [row for row in wires.rows if row[0].text.startswith(doubtful + " (")]


def test_a_tripwire_tells_its_chance_and_what_it_would_lead_to(small: ReportData) -> None:
    frame = small.tripwires.query("question == 'Q03'").head(2)
    frame = frame.assign(
        chance=[1.0 + 1e-9, 0.004], probability=[0.5, 0.013], change=[0.48, -0.008], crosses="0.05"
    )
    first, second = tables(what_would_change(changed(small, tripwires=frame)))[0].rows
    assert texts(first)[1:] == ["100 %", "50 %", "+48.0", "5"]
    assert texts(second) == [
        *(f"silence: no {INDICATORS[1]} (CHN → RUS)", "<1 %", "1 %", "-0.8", "5"),
    ]


@pytest.mark.parametrize(
    ("crossed", "said"), [("", ""), ("0.2, 0.5", "20, 50"), ("0.05,0.125", "5, 12.5")]
)
def test_thresholds_are_told_in_percent(small: ReportData, crossed: str, said: str) -> None:
    frame = small.tripwires.head(1).assign(crosses=crossed)
    (row,) = tables(what_would_change(changed(small, tripwires=frame)))[0].rows
    assert row[-1].text == said


def test_costs_are_told_where_there_are_any(small: ReportData) -> None:
    priced = tables(what_would_change(small))[1]
    assert names(priced)[-1] == "Bits per cost"
    assert [row[-1].text for row in priced.rows[:2]] == ["0.200", ""]
    free = changed(small, collection=collection_frame(small.questions, priced=False))
    assert names(tables(what_would_change(free))[1])[-1] == "Of what is open"


def test_a_question_with_nothing_to_watch_has_empty_tables(small: ReportData) -> None:
    bare = changed(small, tripwires=small.tripwires.iloc[:0], collection=small.collection.iloc[:0])
    assert {len(table.rows) for table in tables(what_would_change(bare))} == {0}
    assert "Tripwires of Q03" in render_markdown(bare)


@pytest.mark.parametrize("columns", [[], ["question"]])
def test_tables_without_their_columns_are_as_good_as_empty(
    small: ReportData, columns: list[str]
) -> None:
    hollow = pd.DataFrame(columns=columns)
    bare = changed(small, tripwires=hollow, collection=hollow)
    assert {len(table.rows) for table in tables(what_would_change(bare))} == {0}


def test_nothing_to_watch_says_why(small: ReportData) -> None:
    notes = pd.DataFrame([("problem: watch", "Q03: no period")], columns=["name", "text"])
    data = changed(without(small, "watched"), change_notes=notes)
    assert what_would_change(data).missing == "Nothing to watch: Q03: no period."


# What comes from outside


def test_hostile_text_is_text_in_the_page(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert "nowhere-&lt;script&gt;" in html


def test_hostile_text_is_text_in_markdown(small: ReportData) -> None:
    text = render_markdown(small)
    assert "<script" not in text
    assert "<img" not in text
    assert re.search(r"(?<!\\)\]\((?!<?https?://)", text) is None


@pytest.mark.parametrize("text", NASTY)
def test_hostile_reasons_and_runs_are_text(small: ReportData, text: str) -> None:
    data = changed(
        without(small),
        change_notes=note_frame(since=text, why=text, **{"problem: drivers": text}),
        changes=small.changes,
    )
    page = render_html(data) + render_markdown(data)
    assert "<script" not in page
    assert "<img" not in page
    assert "\x07" not in page


def test_links_lead_to_the_web_only(small: ReportData) -> None:
    found = [
        cell.href
        for section in (what_changed(small), what_moved(small))
        for table in tables(section)
        for row in table.rows
        for cell in row
        if cell.href
    ]
    assert found
    assert {address.split(":")[0] for address in found} == {"http", "https"}


def test_two_pictures_never_share_a_name(small: ReportData) -> None:
    pictures = [
        picture.name
        for section in build_sections(small)
        for block in section.blocks
        if isinstance(block, Gallery)
        for picture in block.pictures
    ]
    assert {f"drivers-{question}" for question in OPEN} <= set(pictures)
    assert len(pictures) == len(set(pictures))


# Figures

WEIGHTS = pd.DataFrame(
    [
        ("E1", np.inf, np.nan, "reweighted"),
        ("E2", 1.5, 0.2, "reweighted"),
        ("E3", 9.0, 5.0, "not trusted"),
        ("E4", -0.5, np.inf, "refitted"),
    ],
    columns=["name", "bits", "error", "path"],
)
SCENARIOS = pd.DataFrame(
    [
        ("nothing new", "Q1", 0.1, "reweighted"),
        ("$x_{$ <b>" + "a" * 60, "Q1", 0.99, "refitted"),
        ("nothing new", "Q2", 0.5, "not trusted"),
    ],
    columns=["scenario", "question", "probability", "path"],
)
WIRES = pd.DataFrame(
    [("arms", "CHN->RUS", "an A1 report of $arms$_{", 0.97, True)],
    columns=["indicator", "pair", "observation", "probability", "ok"],
)
WORTH = pd.DataFrame(
    [("arms", "CHN->RUS", "military", 0.2, np.nan, 1)],
    columns=["indicator", "pair", "domain", "expected_bits", "error", "rank"],
)
HOSTILE_CHANGES = one_change(question="$Q_{$ <b>")
FIGURES: dict[str, Callable[[], Figure]] = {
    "changes": lambda: draw_changes(pd.concat([one_change(), one_change(before=np.nan)])),
    "one change": lambda: draw_changes(one_change(time=np.nan, after=np.nan)),
    "a hostile question": lambda: draw_changes(HOSTILE_CHANGES),
    "no change": lambda: draw_changes(one_change().iloc[:0]),
    "scenarios": lambda: scenarios(SCENARIOS, {"Q1": 0.09}),
    "one scenario": lambda: scenarios(SCENARIOS.head(1), {}),
    "no scenario": lambda: scenarios(SCENARIOS.iloc[:0], {}),
    "weights": lambda: figures.contributions(WEIGHTS, {"E2": "$x_{$ <b>" + "y" * 60}, "Q1"),
    "one weight": lambda: figures.contributions(WEIGHTS.iloc[1:2], {}, ""),
    "only one that decides": lambda: figures.contributions(WEIGHTS.head(1), {}, ""),
    "no weight": lambda: figures.contributions(WEIGHTS.iloc[:0], {}, "Q1"),
    "only doubtful": lambda: figures.contributions(WEIGHTS.iloc[2:3], {}, "Q1"),
    "no weight moves": lambda: figures.contributions(WEIGHTS.assign(bits=0.0), {}, "Q1"),
    "watch": lambda: figures.watch(WIRES, WORTH, probability=0.3),
    "nothing to watch": lambda: figures.watch(WIRES.iloc[:0], WORTH.iloc[:0], probability=0.0),
}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_figure_is_drawn_without_a_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = to_svg(FIGURES[name](), name="x", label="what it shows")
    # Inside a page the prefix need not be declared.
    inside = f'<page xmlns:xlink="http://www.w3.org/1999/xlink">{svg}</page>'
    assert ET.fromstring(inside)[0].tag.endswith("svg")


def test_the_way_leads_from_before_to_after_cause_by_cause() -> None:
    figure = draw_changes(one_change(time=-0.05, evidence=0.15))
    steps = [line.get_xdata() for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert [tuple(round(float(x), 6) for x in step) for step in steps] == [
        (0.2, 0.15),
        (0.15, 0.3),
    ]


def test_a_weight_that_decides_reaches_beyond_all_others() -> None:
    axes = figures.contributions(WEIGHTS, {}, "Q1").axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    # From below: E4, E2 and E1; what is not trusted is not drawn.
    assert widths == pytest.approx([-0.5, 1.5, 1.95])


def test_a_scenario_that_is_not_trusted_is_hollow() -> None:
    axes = scenarios(SCENARIOS, {}).axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert [mark.get_markerfacecolor() == "white" for mark in marks] == [True, False, False]
