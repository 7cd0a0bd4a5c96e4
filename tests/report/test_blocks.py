"""Text from outside is cleaned, and only addresses of the web become links."""

from __future__ import annotations

import pandas as pd
import pytest

from forecast.report.blocks import clean, foreign, web_link


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/a?b=1&c=2",
        "http://mil.example",
        "HTTPS://news.example/É",
        " https://a.b ",
    ],
)
def test_addresses_of_the_web_become_links(address: str) -> None:
    assert web_link(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/hosts",
        "ftp://files.example/x",
        "//news.example/x",
        "https:",
        "https://",
        "https:///path",
        "http://[broken",
        "https://news.example/a b",
        "https://news.example/\u202egpj.exe",
        "\x01https://news.example",
        "jme/Joint Military Exercises.csv, id 47",
        "",
        None,
        float("nan"),
        pd.NA,
    ],
)
def test_anything_else_stays_text(address: object) -> None:
    assert web_link(address) == ""


def test_text_is_put_on_one_line_in_composed_form() -> None:
    assert clean("line one\nline two\ttab \x07bell\x00") == "line one line two tab bell"
    assert clean("e\u0301") == "é"


def test_marks_of_direction_stay_for_the_page_to_isolate() -> None:
    assert clean("\u202ea\u202c") == "\u202ea\u202c"


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT])
def test_nothing_is_shown_as_nothing(nothing: object) -> None:
    assert clean(nothing) == ""


def test_the_code_of_namibia_is_something() -> None:
    assert clean("NA") == "NA"


def test_a_lone_surrogate_cannot_break_the_file() -> None:
    assert clean("a\ud800b").encode("utf-8") == b"a?b"


def test_a_foreign_cell_keeps_its_text_where_the_address_is_refused() -> None:
    cell = foreign("TASS", href="javascript:alert(1)")
    assert (cell.text, cell.href, cell.foreign) == ("TASS", "", True)
