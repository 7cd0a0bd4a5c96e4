"""The sections as data: which facts each holds, in which order, and what is left out."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.report.blocks import Cards, Cell, Code, Gallery, Section, Table
from forecast.report.content import ReportData, question_pairs
from forecast.report.sections import build_sections, headline
from forecast.report.sections.alignment import alignment, asymmetry
from forecast.report.sections.expert import face_validity, judgements
from forecast.report.sections.facts import ladder_by_year, paths_by_year, year_ends
from forecast.report.sections.indicators import fitted, loadings
from forecast.report.sections.ladder import MOST_PAIRS, ladder, pairs_to_draw
from forecast.report.sections.method import command, freshness, reproduce
from forecast.report.sections.questions import is_open, questions
from forecast.report.sections.records import MOST_UNUSED, NEWEST, newest_records, unused
from tests.report.factory import DOMAINS, RUNGS, report_data, without


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data()


def table_of(section: Section, caption: str) -> Table:
    return next(
        block
        for block in section.blocks
        if isinstance(block, Table) and block.caption.startswith(caption)
    )


def galleries(section: Section) -> list[Gallery]:
    return [block for block in section.blocks if isinstance(block, Gallery)]


def texts(row: tuple[Cell, ...]) -> list[str]:
    return [cell.text.replace("\u202f", " ") for cell in row]


def with_questions(data: ReportData, *asked: dict[str, Any]) -> ReportData:
    return dataclasses.replace(data, forecasts={**data.forecasts, "questions": list(asked)})


def question(**changes: Any) -> dict[str, Any]:
    """Return a forecast of one open question with hand-worked rung probabilities."""
    base = {
        "id": "X1",
        "pair": "CHN->RUS",
        "event": "max_rung >= lethal by state",
        "opens": "2026-01-01",
        "closes": "2026-12-31",
        "status": "open",
        "probability": 0.05,
        "reason": None,
        "interval": {"prob": 0.9, "low": 0.01, "high": 0.12},
        "mc_error": 0.002,
        "words": "almost no chance",
        "rungs": {
            "any": dict(zip(RUNGS, (0.1, 0.2, 0.3, 0.25, 0.14, 0.01), strict=True)),
            "state": dict(zip(RUNGS, (0.4, 0.3, 0.2, 0.05, 0.05, 0.0), strict=True)),
        },
        "previous": None,
        "drivers": [],
    }
    return {**base, **changes}


def card(data: ReportData, **changes: Any) -> Any:
    block = questions(with_questions(data, question(**changes))).blocks[0]
    assert isinstance(block, Cards)
    return block.cards[0]


def test_section_ids_are_unique(data: ReportData) -> None:
    ids = [section.id for section in build_sections(data)]
    assert len(set(ids)) == len(ids)


# Questions


def test_rungs_are_given_exactly_and_at_least_on_both_tracks(data: ReportData) -> None:
    rows = [texts(row) for row in card(data).rungs.rows]
    assert rows == [
        ["none", "10 %", "100 %", "40 %", "100 %"],
        ["rhetorical", "20 %", "90 %", "30 %", "60 %"],
        ["economic", "30 %", "70 %", "20 %", "30 %"],
        ["dual-use", "25 %", "40 %", "5 %", "10 %"],
        ["lethal", "14 %", "15 %", "5 %", "5 %"],
        ["troops", "1 %", "1 %", "0 %", "0 %"],
    ]


def test_a_strip_lays_the_rungs_end_to_end(data: ReportData) -> None:
    anyone, state = card(data).strips
    assert (anyone.label, state.label) == ("by anyone", "by the state")
    starts = [start for _, start, _ in anyone.parts]
    assert starts == pytest.approx([0.0, 0.1, 0.3, 0.6, 0.85, 0.99])
    assert sum(width for _, _, width in state.parts) == pytest.approx(1.0)


def test_a_question_that_does_not_ask_of_rungs_has_their_table_only(data: ReportData) -> None:
    """Rungs beside an answer about trade would read as another answer to it."""
    shown = card(data, event="value(trade_value) > 228.1")
    assert shown.strips == ()
    assert shown.rungs is not None
    for event in ("rung == troops", "any(formal_charge, rung=lethal)"):
        assert len(card(data, event=event).strips) == 2


def test_sums_of_draws_just_over_one_are_shown(data: ReportData) -> None:
    over = dict.fromkeys(RUNGS, 0.0) | {"troops": 1.0 + 1e-12}
    rows = card(data, rungs={"any": over, "state": None}).rungs.rows
    assert texts(rows[-1]) == ["troops", "100 %", "100 %"]


@pytest.mark.parametrize("rungs", [None, {}, {"any": {}, "state": {}}])
def test_without_rungs_a_card_has_neither_strip_nor_table(data: ReportData, rungs: Any) -> None:
    shown = card(data, rungs=rungs)
    assert shown.strips == ()
    assert shown.rungs is None


def test_the_words_follow_the_displayed_number_whatever_the_file_says(data: ReportData) -> None:
    shown = card(data, probability=0.54, words="very likely")
    assert (shown.number, shown.words) == ("54\u202f%", "roughly even chance")


def test_a_previous_forecast_stands_beside_the_status(data: ReportData) -> None:
    shown = card(data, previous={"run": "r0", "probability": 0.08})
    assert shown.extra == ("Before: 8\u202f% (run r0)",)


def test_the_simulation_error_is_kept_for_those_who_ask(data: ReportData) -> None:
    assert card(data).small == ("Simulation error of the probability: 0.2 points",)
    assert card(data, probability=None, reason="why").small == ()


def test_a_question_that_the_study_does_not_hold_is_named_by_its_event(data: ReportData) -> None:
    assert card(data).title == "max_rung >= lethal by state"


@pytest.mark.parametrize(
    ("status", "closes", "expected"),
    [
        ("open", "2026-12-31", True),
        ("draft", "2027-12-31", True),
        ("closed", "2026-12-31", False),
        ("resolved", "2026-12-31", False),
        ("not_modelled", "2026-11-24", True),
        ("not_modelled", "2026-11-23", False),
    ],
)
def test_what_still_awaits_its_answer(
    data: ReportData, status: str, closes: str, expected: bool
) -> None:
    assert is_open(question(status=status, closes=closes), data) is expected


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("draft", "Draft"),
        ("closed", "Closed, not resolved"),
        ("ambiguous", "Resolved as ambiguous"),
        ("void", "Void"),
        ("not_modelled", "Not modelled"),
    ],
)
def test_a_status_is_written_in_words(data: ReportData, status: str, label: str) -> None:
    blocks = questions(with_questions(data, question(status=status))).blocks
    cards = [each for block in blocks if isinstance(block, Cards) for each in block.cards]
    assert [each.status for each in cards] == [label]


def test_a_later_resolution_replaces_an_earlier_one(data: ReportData) -> None:
    first = dataclasses.replace(data.study.resolutions[0], question="X1", outcome="no")
    later = dataclasses.replace(first, outcome="yes", known_at=date(2026, 2, 1))
    study = dataclasses.replace(data.study, resolutions=(later, first))
    changed = dataclasses.replace(data, study=study)
    assert card(changed).extra == ("Answer: yes, 31 December 2024",)


# Headline


def test_the_headline_takes_the_first_open_question_with_a_probability(data: ReportData) -> None:
    asked = [
        question(id="A", probability=None, reason="why"),
        question(id="B", probability=0.3, interval=None, event="b happens:"),
    ]
    assert headline(with_questions(data, *asked)).finding[0] == ("b happens: 30\u202f%, unlikely.")


def test_the_standing_names_the_most_likely_rung_on_each_track(data: ReportData) -> None:
    rows = [
        ("CHN->RUS", "2026-Q4", track, rung, chance, "now")
        for track, chances in (("any", (0.2, 0.8)), ("state", (0.7, 0.3)))
        for rung, chance in zip(("economic", "lethal"), chances, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=data.ladder.columns)
    finding = headline(dataclasses.replace(data, ladder=frame)).finding
    assert finding[-1].replace("\u202f", " ") == (
        "Most likely rung of CHN → RUS in 2026-Q4: lethal by anyone, firms included (80 %), "
        "economic by the state (70 %)."
    )


def test_without_a_ladder_the_headline_has_one_sentence(data: ReportData) -> None:
    assert len(headline(without(data, "ladder", "drivers")).finding) == 1


# Ladder and alignment


def test_pairs_with_questions_are_drawn_and_no_others(data: ReportData) -> None:
    assert pairs_to_draw(data, data.ladder) == list(question_pairs(data))


def test_without_questions_the_first_pairs_are_drawn(data: ReportData) -> None:
    assert pairs_to_draw(with_questions(data), data.ladder) == ["CHN->RUS", "IRN->RUS", "PRK->RUS"]


def test_never_more_pairs_than_a_reader_can_take_in(data: ReportData) -> None:
    labels = list(dict.fromkeys(data.ladder["pair"]))
    asked = [question(id=str(number), pair=pair) for number, pair in enumerate(labels)]
    drawn = pairs_to_draw(with_questions(data, *asked), data.ladder)
    assert len(labels) > len(drawn) == MOST_PAIRS


def test_the_ladder_draws_both_tracks_with_the_leading_pair_first(data: ReportData) -> None:
    shown = galleries(ladder(data))
    assert shown[0].heading == "CHN → RUS"
    assert [picture.name for picture in shown[0].pictures] == ["ladder-0-any", "ladder-0-state"]
    assert [gallery.collapsed for gallery in shown] == [False, False, False, True, True]


def test_every_pair_is_in_the_table_now_and_at_the_horizon(data: ReportData) -> None:
    table = table_of(ladder(data), "All pairs")
    count = data.ladder["pair"].nunique()
    assert len(table.rows) == count * 2 * 2
    assert {row[2].text for row in table.rows} == {"2026-Q4", "2027-Q4"}


def test_the_other_direction_stands_next_to_the_leading_pair(data: ReportData) -> None:
    headings = [gallery.heading for gallery in galleries(alignment(data))]
    assert headings[:2] == ["CHN → RUS", "RUS → CHN"]
    assert len(headings) == len(set(headings))


def test_alignment_is_tabled_for_all_pairs_as_of_the_date(data: ReportData) -> None:
    table = table_of(alignment(data), "Alignment of all pairs in 2026-Q4")
    assert len(table.rows) == 30 * len(DOMAINS)
    chosen = data.paths.query("pair == 'CHN->RUS' and period == '2026-Q4' and domain == 'military'")
    row = next(row for row in table.rows if texts(row)[:2] == ["CHN → RUS", "military"])
    assert float(row[2].text.replace("−", "-")) == pytest.approx(chosen["mean"].item(), abs=0.005)


def test_the_asymmetry_is_named_by_its_directions(data: ReportData) -> None:
    turned = dataclasses.replace(data, asymmetry_pair="CHN->RUS")
    assert asymmetry(data).title == "Asymmetry: RUS → CHN less CHN → RUS"
    assert asymmetry(turned).title == "Asymmetry: CHN → RUS less RUS → CHN"
    assert [texts(row)[0] for row in table_of(asymmetry(data), "Difference").rows] == list(DOMAINS)


def test_year_ends_keep_the_last_period_of_each_year() -> None:
    frame = pd.DataFrame({"period": ["2021-11", "2021-12", "2022-01", "2022-01"]})
    assert year_ends(frame) == {"2021-12", "2022-01"}


def test_the_ladder_by_year_keeps_every_period_to_come(data: ReportData) -> None:
    frame = data.ladder.query("pair == 'CHN->RUS'")
    table = ladder_by_year(frame, RUNGS, caption="x")
    periods = list(dict.fromkeys(row[0].text for row in table.rows))
    assert periods[:2] == ["2014-Q4", "2015-Q4"]
    assert periods[-5:] == ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]
    assert len(table.rows) == 2 * len(periods)


def test_paths_by_year_hold_one_row_a_year_and_domain(data: ReportData) -> None:
    table = paths_by_year(data.paths.query("pair == 'CHN->RUS'"), caption="x")
    assert len(table.rows) == 16 * len(DOMAINS)


# Records


def test_the_newest_records_come_first_and_no_unused_one(data: ReportData) -> None:
    table = newest_records(data, "CHN->RUS")
    assert table is not None
    known = [row[4].text for row in table.rows]
    assert known == sorted(known, reverse=True)
    assert len(known) == NEWEST
    unused_ids = set(data.unused["record"])
    assert not unused_ids & {row[-1].text for row in table.rows}


def test_an_interval_is_written_with_both_ends(data: ReportData) -> None:
    evidence = data.evidence.head(1).assign(
        first=date(2022, 1, 1), last=date(2022, 12, 31), pair="CHN->RUS", used=True
    )
    table = newest_records(dataclasses.replace(data, evidence=evidence), "CHN->RUS")
    assert table is not None
    assert table.rows[0][0].text == "2022-01-01 to 2022-12-31"


def test_a_pair_without_records_has_no_table(data: ReportData) -> None:
    assert newest_records(data, "XXX->YYY") is None
    assert newest_records(without(data, "evidence"), "CHN->RUS") is None


def test_a_long_list_of_unused_records_says_how_many_are_left_out() -> None:
    many = report_data(records=MOST_UNUSED * 8 + 80)
    table = table_of(unused(many), "The first")
    assert table.caption == f"The first {MOST_UNUSED} of {MOST_UNUSED + 10} records not used"
    assert len(table.rows) == MOST_UNUSED


def test_an_unused_record_without_a_reason_is_counted_as_such(data: ReportData) -> None:
    evidence = data.evidence.assign(why_not=np.nan)
    section = unused(dataclasses.replace(data, evidence=evidence))
    rows = table_of(section, "Reasons").rows
    assert [texts(row) for row in rows] == [["no reason was given", "53"]]


# Indicators, expert, method


def test_polarity_is_written_as_a_sign(data: ReportData) -> None:
    rows = table_of(loadings(data), "All 20 indicators").rows
    assert [row[3].text for row in rows[:3]] == ["+1", "−1", "free"]
    assert [row[-1].text for row in rows[:3]] == ["reference"] * 3


def test_fitted_rates_have_a_panel_for_each_kind_and_group(data: ReportData) -> None:
    (gallery,) = galleries(fitted(data))
    assert len(gallery.pictures) == 4 * 2
    assert len({picture.name for picture in gallery.pictures}) == 8


def test_judgements_stand_beside_the_model(data: ReportData) -> None:
    rows = table_of(judgements(data), "Probabilities").rows
    assert texts(rows[0])[3:6] == ["15 %", "5 % to 30 %", "42 %"]
    bar = rows[0][6].bar
    assert bar is not None
    assert (bar.point, bar.low, bar.high, bar.mark) == (0.42, 0.05, 0.30, 0.15)


def test_a_judgement_that_the_model_cannot_express_has_no_mark_of_it(data: ReportData) -> None:
    row = table_of(judgements(data), "Probabilities").rows[2]
    assert row[5].text == "–"
    assert row[6].bar is not None
    assert row[6].bar.point is None


def test_values_in_words_are_not_aligned_as_numbers(data: ReportData) -> None:
    table = table_of(face_validity(data), "Findings")
    assert not table.columns[1].number
    numbers = dataclasses.replace(data, face_validity=data.face_validity.assign(value=0.5))
    assert table_of(face_validity(numbers), "Findings").columns[1].number


def test_freshness_lists_each_indicator_with_its_newest_record(data: ReportData) -> None:
    table = table_of(freshness(data), "Newest record")
    used = data.used
    assert len(table.rows) == len(used.groupby(["domain", "indicator"]))
    domain, name, count, _, known = texts(table.rows[0])
    chosen = used[(used["domain"] == domain) & (used["indicator"] == name)]
    assert count == str(len(chosen))
    assert known == str(chosen["known_at"].max())


def test_freshness_tells_how_soon_reports_are_in(data: ReportData) -> None:
    name = str(data.used["indicator"].iloc[0])
    delays = {name: {"events": 9, "known_after_7_days": 0.624, "known_after_90_days": 0.981}}
    given = dataclasses.replace(data, manifest={"reporting_delays": delays})
    table = table_of(freshness(given), "Newest record")
    assert [column.name for column in table.columns][-2:] == [
        "Known in 7 days",
        "Known in 90 days",
    ]
    told = {row[1]: row[-2:] for row in map(texts, table.rows)}
    assert told[name] == ["62%", "98%"]
    assert all(cells == ["", ""] for other, cells in told.items() if other != name)
    assert "how soon they are" in freshness(given).lead
    assert "how soon they are" not in freshness(data).lead


def test_the_command_is_quoted_for_the_shell(data: ReportData) -> None:
    study = dataclasses.replace(data.study, id="my study; rm -r")
    text = command(dataclasses.replace(data, study=study))
    assert text.startswith("forecast run 'my study; rm -r' --as-of 2026-11-24")


def test_the_manifest_knows_its_command_best(data: ReportData) -> None:
    given = dataclasses.replace(data, manifest={"command": "forecast run x --seed 3"})
    assert reproduce(given).blocks[0] == Code("forecast run x --seed 3")


def test_a_vintage_may_be_a_plain_hash(data: ReportData) -> None:
    given = dataclasses.replace(data, manifest={"vintage": "beef"})
    rows = [texts(row) for row in table_of(reproduce(given), "What it rests on").rows]
    assert ["Vintage hash", "beef"] in rows
    assert ["Run", "2026-11-24-nuts-1f3a"] in rows


@pytest.mark.parametrize(
    ("review", "said"),
    [
        (
            {"accepted": 5, "disputed": 1, "pending": 2},
            "Second coding: 5 of 6 proposed records accepted by a second person, an agreement of "
            "83%. Waiting for review, informing nothing: 2.",
        ),
        (
            {"accepted": 0, "disputed": 0, "pending": 1},
            "No proposed record was reviewed yet. Waiting for review, informing nothing: 1.",
        ),
    ],
)
def test_the_agreement_of_a_second_coder_is_told(data: ReportData, review, said) -> None:
    given = dataclasses.replace(data, manifest={"vintage": {"hash": "beef", "review": review}})
    assert unused(given).lead.endswith(said)


def test_without_a_second_coder_nothing_is_said_of_one(data: ReportData) -> None:
    nothing = {"accepted": 0, "disputed": 0, "pending": 0}
    given = dataclasses.replace(data, manifest={"vintage": {"hash": "beef", "review": nothing}})
    assert unused(given).lead == unused(data).lead
    assert "Second" not in unused(data).lead
