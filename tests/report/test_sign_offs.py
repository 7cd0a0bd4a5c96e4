"""What a report says of sign-offs: in the headline, beside each question, in a section."""

from __future__ import annotations

import dataclasses

import pytest

from forecast.report import Adjustment, ReportData, SignOff, render_html, render_markdown
from forecast.report.sections import build_sections, headline
from forecast.report.sections.questions import is_open, questions
from forecast.report.sections.sign_offs import person, plain, sign_offs
from forecast.report.sign_offs import EARLIER, in_force, standing
from forecast.report.words import percent_text
from tests.report.factory import report_data

NOW, BEFORE = "a" * 64, "b" * 64


def signed(number: int, *, of: str = NOW, **adjust: float) -> SignOff:
    return SignOff(
        number=number,
        run="r1",
        forecasts=of,
        by=f"Person {number}",
        signed_at=f"2026-11-2{number}T06:05:00+00:00",
        why=f"reason {number}",
        adjustments=tuple(
            Adjustment(question=name, model=0.0213, adjusted=value)
            for name, value in adjust.items()
        ),
        previous="",
        hash=str(number) * 64,
    )


@pytest.fixture(scope="module")
def small() -> ReportData:
    return report_data(questions=6, pair_count=3, records=48)


def shown(data: ReportData, *sign_offs: SignOff, problem: str = "") -> ReportData:
    return dataclasses.replace(
        data, sign_offs=sign_offs, forecasts_hash=NOW, sign_off_problem=problem
    )


def bare(text: str) -> str:
    return text.translate({0x2068: None, 0x2069: None, 0x202F: " "})


def test_the_newest_sign_off_of_these_numbers_is_in_force() -> None:
    given = (signed(1), signed(2), signed(3, of=BEFORE))
    newest = in_force(given, NOW)
    assert newest is not None
    assert newest.number == 2
    assert [standing(one, given, NOW) for one in given] == [
        "replaced by number 2",
        "in force",
        EARLIER,
    ]
    assert in_force((), NOW) is None


def test_a_sign_off_is_read_back_from_its_object() -> None:
    one = signed(1, Q1=1 / 3)
    assert SignOff.from_dict(one.as_dict()) == one
    with pytest.raises(TypeError):
        SignOff.from_dict(one.as_dict() | {"more": 1})


def test_without_sign_offs_nothing_is_said(small: ReportData) -> None:
    data = shown(small)
    assert "sign-offs" not in [section.id for section in build_sections(data)]
    assert "Signed off" not in dict(headline(data).facts)
    assert render_html(data) == render_html(small)


def test_an_adjusted_probability_stands_beside_the_model_s(small: ReportData) -> None:
    data = shown(small, signed(1, Q03=0.09))
    cards = [card for block in questions(data).blocks for card in block.cards]  # type: ignore[union-attr]
    said = {card.id: bare(card.signed) for card in cards}
    assert said.pop("Q03") == (
        "Signed: 9 % (very unlikely). Person 1 adjusted the model's 2 %. Reason: reason 1"
    )
    assert set(said.values()) == {""}
    # Who signed answers for the number: it leads, and the model's stands beside it.
    (card,) = [card for card in cards if card.id == "Q03"]
    assert (bare(card.number), bare(card.words)) == ("9 %", "very unlikely")
    assert bare(card.interval).startswith("signed; model 2 %, 90 % interval ")
    assert card.bar is not None
    assert card.bar.point == 0.09
    assert card.bar.mark == pytest.approx(0.02, abs=0.005)
    finding = [bare(sentence) for sentence in headline(data).finding]
    assert "Adjusted by Person 1: Q03 from 2 % to 9 % (very unlikely). Reason: reason 1" in finding
    assert bare(dict(headline(data).facts)["Signed off"]) == "Person 1, 21 November 2026, 06:05 UTC"


def test_the_signed_number_leads_the_report_and_is_said_to_leave_the_interval(
    small: ReportData,
) -> None:
    first = next(
        one for one in small.questions if one["probability"] is not None and is_open(one, small)
    )
    beyond = (1.0 + first["interval"]["high"]) / 2.0
    data = shown(small, signed(1, **{first["id"]: beyond}))
    lead = bare(headline(data).finding[0])
    assert f" {bare(percent_text(beyond))}, " in lead
    assert f"(signed; the model says {bare(percent_text(first['probability']))}, 90 %" in lead
    cards = [card for block in questions(data).blocks for card in block.cards]  # type: ignore[union-attr]
    (said,) = [bare(card.signed) for card in cards if card.signed]
    assert "beyond its 90 % interval" in said


def test_a_sign_off_of_other_numbers_adjusts_nothing(small: ReportData) -> None:
    data = shown(small, signed(1, of=BEFORE, Q03=0.09))
    assert bare(dict(headline(data).facts)["Signed off"]) == (
        f"not yet; Person 1 {EARLIER}, 21 November 2026, 06:05 UTC"
    )
    assert "Signed: 9" not in bare(render_markdown(data))
    section = sign_offs(data)
    assert section is not None
    (table,) = section.blocks
    assert EARLIER in [cell.text for cell in table.rows[0]]  # type: ignore[union-attr]


def test_the_section_stands_after_the_questions_and_lists_the_newest_first(
    small: ReportData,
) -> None:
    data = shown(small, signed(1), signed(2, Q03=0.12345))
    assert [section.id for section in build_sections(data)][:3] == [
        "questions",
        "sign-offs",
        "what-changed",
    ]
    section = sign_offs(data)
    assert section is not None
    signatures, adjusted = section.blocks
    assert [row[0].text for row in signatures.rows] == ["2", "1"]  # type: ignore[union-attr]
    # As displayed, and as it was given.
    cells = [bare(cell.text) for cell in adjusted.rows[0]]  # type: ignore[union-attr]
    assert cells == ["Q03", "2 %", "12 %", "very unlikely", "0.12345"]


def test_what_cannot_be_told_is_said_in_its_place(small: ReportData) -> None:
    data = shown(small, problem="the sign-offs are broken at line 3: it does not match its hash")
    assert "broken at line 3" in render_markdown(data)
    assert dict(headline(data).facts)["Signed off"] == "cannot be told; see Sign-off"


def test_a_name_cannot_turn_or_break_what_stands_beside_it() -> None:
    assert plain("a\u202eb\u2066c\x1b[0m\nd\u200f") == "abc [0m d\u200f"
    assert person("مرحبا") == "\u2068مرحبا\u2069"
    # An end of isolation inside the name would let the rest out.
    assert person("a\u2069b") == "\u2068ab\u2069"
