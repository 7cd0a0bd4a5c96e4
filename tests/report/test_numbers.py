"""Numbers as the report shows them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.report.numbers import (
    MINUS,
    NOTHING,
    chance,
    counted,
    decimal,
    long_date,
    real,
    significant,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.236, "1.24"),
        (-1.236, f"{MINUS}1.24"),
        (-0.001, "0.00"),
        (np.float32(0.5), "0.50"),
        (np.int64(3), "3.00"),
        (float("nan"), NOTHING),
        (None, NOTHING),
    ],
)
def test_decimals_have_a_true_minus_and_no_negative_zero(value: object, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (412, "412"),
        (12345, "12\u202f345"),
        (0.012345, "0.0123"),
        (-2.5, f"{MINUS}2.5"),
        (1.0, "1"),
        ("PRK 1.9", "PRK 1.9"),
        (None, NOTHING),
        (float("inf"), NOTHING),
    ],
)
def test_significant_digits(value: object, text: str) -> None:
    assert significant(value) == text


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "0.5", True, pd.NA])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert real(value) is None


def test_a_missing_chance_is_a_dash() -> None:
    assert chance(None) == NOTHING
    assert chance(0.5) == "50\u202f%"


def test_dates_are_written_so_that_no_reader_swaps_day_and_month() -> None:
    assert long_date(date(2022, 2, 4)) == "4 February 2022"
    assert long_date(date(2026, 12, 31)) == "31 December 2026"


def test_counts_agree_with_their_noun() -> None:
    assert (counted(1, "record"), counted(0, "record")) == ("1 record", "0 records")
