"""Dyadic trade: both ways in billions, each way apart, unknown flows left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.readers.support import (
    read_sound,
    rounded,
    shared,
    study_of,
    values,
    write_rda,
)

NAME = "cow-trade"


@pytest.fixture
def trade(tmp_path: Path) -> Path:
    nan = float("nan")
    return write_rda(
        tmp_path / "cow_trade_ndy.rda",
        {
            "ccode1": [365.0, 365.0, 365.0, 365.0, 2.0],
            "ccode2": [710.0, 710.0, 710.0, 710.0, 710.0],
            "year": [2000.0, 2001.0, 2002.0, 2003.0, 2000.0],
            "flow1": [1000.0, nan, -9.0, 0.0, 5.0],
            "flow2": [6001.0, 3.0, 3.0, 0.0, 5.0],
            "smoothflow1": [0.0] * 5,
        },
    )


def test_flow1_is_what_the_first_state_imports(trade: Path) -> None:
    reading = read_sound(NAME, trade, study_of(NAME, "CHN", "RUS"))
    assert values(reading, "trade_value", "CHN", "RUS") == {"2000": 7.001}
    assert values(reading, "trade_exports", "CHN", "RUS") == {"2000": 1}
    assert values(reading, "trade_exports", "RUS", "CHN") == {
        "2000": 6.001,
        "2001": 0.003,
        "2002": 0.003,
    }


def test_unknown_flows_are_blank_and_no_trade_has_no_logarithm(trade: Path) -> None:
    reading = read_sound(NAME, trade, study_of(NAME, "CHN", "RUS"))
    assert reading.skipped == {
        "blank value": 4,
        "pair outside the study": 1,
        "zero or less, of which there is no logarithm": 3,
    }


@pytest.mark.shared_data
def test_the_whole_file() -> None:
    file = shared("peacesciencer/cow_trade_ndy.rda")
    reading = read_sound(NAME, file, study_of(NAME, "CHN", "RUS", "SUN"))
    assert rounded(
        values(reading, "trade_exports", "CHN", "RUS"), "2000", "2010", "2014", digits=3
    ) == [*(0.951, 39.124, 51.135)]
    assert rounded(values(reading, "trade_exports", "RUS", "CHN"), "2000", "2013", digits=3) == [
        *(6.166, 40.668)
    ]
    assert values(reading, "trade_value", "CHN", "RUS")["2014"] == 93.942
    assert max(values(reading, "trade_value", "CHN", "SUN")) == "1991"
    assert reading.skipped["pair outside the study"] > 673_000
