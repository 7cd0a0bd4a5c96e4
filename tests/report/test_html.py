"""The page: its order, its escaping, its independence, its size and its words."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter

import pandas as pd
import pytest

from forecast.report import render_html
from forecast.report.blocks import clean
from forecast.report.content import FRAME_COLUMNS, ReportData
from forecast.report.words import THIN_SPACE, probability_words
from tests.report.factory import NASTY, report_data, without

ROOT = Path(__file__).resolve().parents[2]
ORDER = [
    "headline",
    "questions",
    "what-changed",
    "ladder",
    "alignment",
    "what-moved",
    "what-would-change",
    "asymmetry",
    "loadings",
    "fitted",
    "judgements",
    "face-validity",
    "not-used",
    "how-good",
    "method",
    "diagnostics",
    "freshness",
    "reproduce",
]
# Attributes by which a page can make a browser fetch something.
FETCHING = {"src", "srcset", "href", "xlink:href", "action", "poster", "data", "background", "ping"}
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Collect the elements of a page with their attributes and the text of each section."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.section = ""
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"section", "header"}:
            self.section = dict(attrs)["id"] or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.section, []).append(data)

    def text(self, section: str) -> str:
        return " ".join(" ".join(self.texts.get(section, [])).split())


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report_data()


@pytest.fixture(scope="module")
def small() -> ReportData:
    """Return a run that is quick to render, for the tests that change something."""
    return report_data(questions=6, pair_count=3, records=48)


@pytest.fixture(scope="module")
def html(data: ReportData) -> str:
    return render_html(data)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_element_is_closed_in_its_place(page: Page) -> None:
    assert page.open == []


def test_the_sections_come_in_the_order_of_the_design(page: Page) -> None:
    ids = [attrs["id"] for tag, attrs in page.elements if tag in {"header", "section"}]
    assert ids == ORDER


def test_every_section_is_reached_from_the_contents(page: Page) -> None:
    targets = [
        str(attrs["href"])[1:]
        for tag, attrs in page.elements
        if tag == "a" and str(attrs.get("href", "")).startswith("#")
    ]
    assert targets == ORDER[1:]


def test_the_page_is_below_one_megabyte(html: str) -> None:
    assert len(html.encode()) < 1_000_000


def test_the_same_data_give_the_same_bytes(data: ReportData, html: str) -> None:
    assert render_html(data) == html


def test_the_bytes_do_not_depend_on_the_order_of_hashing() -> None:
    code = (
        "import hashlib; from tests.report.factory import report_data; "
        "from forecast.report import render_html, render_markdown; "
        "data = report_data(questions=6, pair_count=3, records=48); "
        "page = render_html(data) + render_markdown(data); "
        "print(hashlib.sha256(page.encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_no_element_fetches_anything(page: Page) -> None:
    fetched = [
        (tag, name, value)
        for tag, attrs in page.elements
        for name, value in attrs.items()
        if name in FETCHING and not str(value).startswith("#") and tag != "a"
    ]
    assert fetched == []
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "img"} & {
        tag for tag, _ in page.elements
    }


def test_no_style_fetches_anything(html: str, page: Page) -> None:
    inside = [target.strip("'\"") for target in re.findall(r"url\(([^)]*)\)", html)]
    assert all(target.startswith("#") for target in inside)
    assert "@import" not in html
    assert "@font-face" not in html


def test_every_reference_inside_the_page_has_its_target(html: str, page: Page) -> None:
    ids = [str(attrs["id"]) for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"url\(#([^)]*)\)", html)) | {
        str(attrs[name])[1:]
        for _, attrs in page.elements
        for name in ("href", "xlink:href")
        if str(attrs.get(name, "")).startswith("#")
    }
    assert used <= set(ids)


def test_links_lead_to_the_web_only(page: Page) -> None:
    away = [
        str(attrs["href"])
        for tag, attrs in page.elements
        if tag == "a" and not str(attrs.get("href", "")).startswith("#")
    ]
    assert len(away) > 20
    assert {address.split(":")[0] for address in away} == {"http", "https"}
    assert not [address for address in away if " " in address]


def test_no_handler_and_no_script_survives_from_evidence(html: str, page: Page) -> None:
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_browser_is_told_to_run_and_load_nothing(page: Page) -> None:
    policy = next(
        str(attrs["content"])
        for tag, attrs in page.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_template_marks_in_evidence_are_text(page: Page) -> None:
    assert "{{ 7 * 7 }}" in page.text("not-used") + page.text("alignment")


def test_foreign_text_is_isolated_from_its_surroundings(html: str) -> None:
    for override in re.finditer("\u202e", html):
        opened = html.rfind("<bdi>", 0, override.start())
        closed = html.rfind("</bdi>", 0, override.start())
        assert opened > closed


def test_open_questions_come_first(page: Page) -> None:
    text = page.text("questions")
    assert text.index("Q17 ") < text.index("Q20 ") < text.index("Q01 ") < text.index("Q16 ")


def test_number_word_and_interval_stand_with_each_question(data: ReportData, page: Page) -> None:
    text = page.text("questions").replace(THIN_SPACE, " ")
    assert "2 % almost no chance 90 % interval 1 % to 24 %" in text
    shown = re.findall(r"[<>]?(\d+) % (almost|very|unlikely|roughly|likely)", text)
    assert len(shown) == sum(each["probability"] is not None for each in data.questions) == 18
    for number, word in shown:
        assert probability_words(int(number) / 100).split()[0] == word


def test_the_interval_is_labelled(page: Page) -> None:
    assert (
        "Intervals cover 90 % of the posterior draws of each event's conditional probability"
        in page.text("questions")
    )


def test_a_question_without_probability_tells_the_reason(page: Page) -> None:
    said = "The event needs a signed contract with a price, which no indicator records."
    assert f"No probability. {said}" in page.text("questions")


def test_a_question_without_a_reason_says_so(small: ReportData) -> None:
    first = {**small.questions[0], "probability": None, "interval": None, "reason": None}
    bare = dataclasses.replace(small, forecasts={**small.forecasts, "questions": [first]})
    assert "The run gives no reason." in Page(render_html(bare)).text("questions")


def test_both_tracks_are_given_for_each_rung(page: Page) -> None:
    text = page.text("questions")
    assert "Rung By anyone or higher By the state or higher none" in text


def test_a_resolution_known_later_is_not_shown(small: ReportData) -> None:
    early = dataclasses.replace(small, forecasts={**small.forecasts, "as_of": "2025-01-09"})
    assert "Answer: yes" in Page(render_html(small)).text("questions")
    assert "Answer:" not in Page(render_html(early)).text("questions")


def test_the_headline_answers_the_first_open_question(page: Page) -> None:
    text = page.text("headline").replace(THIN_SPACE, " ")
    assert (
        "Does the Chinese state deliver lethal aid to Russia by the end of 2026? 2 %, almost no "
        "chance (90 % interval 1 % to 24 %)." in text
    )
    assert "Most likely rung of CHN → RUS in 2026-Q4: dual-use by anyone" in text
    assert "Publish with reservations" in text


def test_where_nothing_is_open_the_headline_says_so(small: ReportData) -> None:
    closed = [{**each, "status": "closed"} for each in small.questions]
    past = dataclasses.replace(small, forecasts={**small.forecasts, "questions": closed})
    page = Page(render_html(past))
    assert "No open question has a probability in this run." in page.text("headline")
    assert "No question is open on this date" in page.text("questions")


def test_a_later_section_says_in_place_that_it_comes_later(page: Page) -> None:
    assert "forecast score" in page.text("how-good")


def test_the_command_that_reproduces_the_run(data: ReportData, page: Page) -> None:
    command = "forecast run ukraine --as-of 2026-11-24 --engine nuts --seed 20261124"
    assert command in page.text("reproduce")
    given = dataclasses.replace(data, manifest={"command": ["forecast", "run", "a b"]})
    assert "forecast run 'a b'" in Page(render_html(given)).text("reproduce")


def test_what_the_run_rests_on_is_listed(page: Page) -> None:
    text = page.text("reproduce")
    for fact in ("9f2c" * 16, "ab12" * 16, "Prior set signals-2026", "Version of pymc 6.4.1"):
        assert fact in text


def test_records_not_used_are_counted_by_reason(data: ReportData, page: Page) -> None:
    text = page.text("not-used")
    assert "53 of 430 records known by the as-of date inform nothing." in text
    for reason, count in data.unused["why_not"].value_counts().items():
        assert f"{reason} {count}" in text


MISSING = {
    "ladder": "The run holds no ladder forecast.",
    "paths": "The run holds no paths of alignment.",
    "asymmetry": "The run holds no difference between RUS → CHN and CHN → RUS.",
    "loadings": "The run holds no loadings.",
    "fitted": "The run holds no fitted rates.",
    "evidence": "No record was known by the as-of date: the forecasts are the prior alone.",
    "diagnostics": "The run carries no diagnostics: its convergence cannot be judged.",
    "judgements": "The study holds no expert judgement.",
    "face_validity": "The run holds no checks of face validity.",
    "changes": "Nothing to compare: this run was made without its reasons.",
    "drivers": "Records were not weighed: this run was made without its reasons.",
    "watched": "Nothing to watch: this run was made without its reasons.",
}
SECTIONS = {
    "paths": "alignment",
    "evidence": "not-used",
    "face_validity": "face-validity",
    "changes": "what-changed",
    "drivers": "what-moved",
    "watched": "what-would-change",
}
# Tables that only add to a section.
PARTS = {"change_notes", "change_records", "tripwires", "collection"}


@pytest.mark.parametrize("name", sorted(MISSING))
def test_a_section_that_cannot_be_made_says_so(small: ReportData, name: str) -> None:
    page = Page(render_html(without(small, name)))
    assert MISSING[name] in page.text(SECTIONS.get(name, name))


def test_every_table_has_its_section() -> None:
    assert PARTS | set(MISSING) == set(FRAME_COLUMNS)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_section_stands_without_a_part_of_it(small: ReportData, name: str) -> None:
    page = Page(render_html(without(small, name)))
    assert page.open == []
    assert "Nothing to" not in page.text("what-changed") + page.text("what-would-change")


def test_a_run_with_nothing_at_all_still_makes_every_section(small: ReportData) -> None:
    nothing = dataclasses.replace(
        without(small),
        manifest={},
        forecasts={"study": "ukraine", "as_of": "2026-11-24", "questions": []},
    )
    page = Page(render_html(nothing))
    ids = [attrs["id"] for tag, attrs in page.elements if tag in {"header", "section"}]
    assert ids == ORDER
    assert "The run answers no question." in page.text("questions")
    assert "Not fit to publish" in page.text("headline")


def test_frames_without_columns_are_as_good_as_empty(small: ReportData) -> None:
    bare = dataclasses.replace(small, **{name: pd.DataFrame() for name in FRAME_COLUMNS})
    assert Page(render_html(bare)).open == []


def test_when_every_record_is_used_the_page_says_so(small: ReportData) -> None:
    all_used = dataclasses.replace(small, evidence=small.evidence.assign(used=True, why_not=""))
    text = Page(render_html(all_used)).text("not-used")
    assert "All 48 records known by the as-of date are used." in text


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_title_arrives_as_text(small: ReportData, text: str) -> None:
    study = dataclasses.replace(small.study, title=text, questions=(), resolutions=())
    page = Page(render_html(dataclasses.replace(without(small), study=study)))
    assert "".join(clean(text).split()) in "".join(page.text("headline").split())


def test_two_hundred_questions_and_thousands_of_records_stay_quick_and_small() -> None:
    started = perf_counter()
    html = render_html(report_data(questions=200, records=3000))
    # 200 questions must render within a minute (case G2); this leaves a wide margin.
    assert perf_counter() - started < 30
    assert len(html.encode()) < 2_000_000
    assert html.count('<article class="card"') == 200
