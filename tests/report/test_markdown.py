"""The Markdown version: the same facts, as tables that nothing in them can break."""

from __future__ import annotations

import dataclasses
import re

import pytest
from markdown_it import MarkdownIt

from forecast.report import render_html, render_markdown
from forecast.report.content import ReportData
from forecast.report.markdown import escape
from forecast.report.sections import build_sections
from forecast.report.words import percent_text
from tests.report.factory import NASTY, RUNGS, report_data, without


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data()


@pytest.fixture(scope="module")
def text(data: ReportData) -> str:
    return render_markdown(data)


@pytest.fixture(scope="module")
def shown(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


def test_the_sections_are_those_of_the_page(data: ReportData, text: str) -> None:
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings == [escape(section.title) for section in build_sections(data)]


def test_every_question_stands_with_number_words_and_interval(data: ReportData, text: str) -> None:
    for question in data.questions:
        row = next(line for line in text.splitlines() if line.startswith(f"| {question['id']} |"))
        if question["probability"] is None:
            assert "| – | – | – |" in row
            assert question["reason"] in row
        else:
            number = escape(percent_text(question["probability"]))
            assert f"| {number} | {question['words']} | 90\u202f% interval " in row


def test_every_row_of_a_table_has_the_cells_of_its_head(text: str) -> None:
    head = 0
    for before, line in zip(["", *text.splitlines()], text.splitlines(), strict=False):
        cells = len(re.findall(r"(?<!\\)\|", line)) - 1
        if line.startswith("| ---"):
            continue
        if line.startswith("|") and not before.startswith("|"):
            head = cells
        elif line.startswith("|"):
            assert cells == head, line


def test_figures_are_given_as_tables(text: str) -> None:
    assert f"| Period | Tense | By | {' | '.join(RUNGS)} |" in text
    assert re.search(r"\| 2026-Q4 \| now \| the state \|", text)
    assert re.search(r"\| military \| 2015-Q4 \| .?\d\.\d\d \|", text)


def test_no_markup_from_evidence_survives(shown: str) -> None:
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_links_lead_to_the_web_only(shown: str) -> None:
    addresses = re.findall(r'href="([^"]*)"', shown)
    assert len(addresses) > 20
    assert {address.split(":")[0] for address in addresses} == {"http", "https"}


@pytest.mark.parametrize("nasty", [*NASTY, "1. first", "# head", "- item", "+ item", "a_b_c _d_"])
def test_escaped_text_is_shown_as_it_is(nasty: str) -> None:
    line = " ".join(nasty.split())
    rendered = MarkdownIt("commonmark").render(escape(line))
    assert rendered.startswith("<p>")
    unescaped = re.sub(r"</?p>|\n", "", rendered)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        unescaped = unescaped.replace(entity, sign)
    assert unescaped == line


def test_names_of_indicators_stay_readable() -> None:
    assert escape("un_vote_alignment") == "un_vote_alignment"


def test_a_link_cannot_break_out_of_its_brackets(data: ReportData) -> None:
    address = "https://news.example/a>b|c`d"
    evidence = data.evidence.assign(source_url=address)
    text = render_markdown(dataclasses.replace(data, evidence=evidence))
    assert "(<https://news.example/a%3Eb%7Cc%60d>)" in text
    assert address not in text


def test_the_same_data_give_the_same_bytes(data: ReportData, text: str) -> None:
    assert render_markdown(data) == text


def test_missing_sections_say_the_same_as_the_page(data: ReportData) -> None:
    empty = without(data)
    text, page = render_markdown(empty), render_html(empty)
    for section in build_sections(empty):
        if section.missing:
            assert escape(section.missing) in text
            assert section.missing.replace("'", "&#39;") in page
