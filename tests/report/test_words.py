"""Words of probability: every bound of ICD 203 on both sides, number and word as displayed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import QuestionError
from forecast.report.words import (
    SCALE,
    THIN_SPACE,
    interval_text,
    percent,
    percent_text,
    probability_words,
)

# ICD 203: 01-05, 05-20, 20-45, 45-55, 55-80, 80-95, 95-99 %.
BOUNDS = [
    (0.0, "almost no chance"),
    (0.01, "almost no chance"),
    (0.05, "almost no chance"),
    (0.0549, "almost no chance"),
    (0.0551, "very unlikely"),
    (0.06, "very unlikely"),
    (0.20, "very unlikely"),
    (0.2049, "very unlikely"),
    (0.2051, "unlikely"),
    (0.21, "unlikely"),
    (0.45, "unlikely"),
    (0.4549, "unlikely"),
    (0.4551, "roughly even chance"),
    (0.46, "roughly even chance"),
    (0.54, "roughly even chance"),
    (0.5449, "roughly even chance"),
    (0.5451, "likely"),
    (0.55, "likely"),
    (0.79, "likely"),
    (0.7949, "likely"),
    (0.7951, "very likely"),
    (0.80, "very likely"),
    (0.94, "very likely"),
    (0.9449, "very likely"),
    (0.9451, "almost certain"),
    (0.95, "almost certain"),
    (0.99, "almost certain"),
    (1.0, "almost certain"),
]
MIRROR = {
    "almost no chance": "almost certain",
    "very unlikely": "very likely",
    "unlikely": "likely",
    "roughly even chance": "roughly even chance",
    "likely": "unlikely",
    "very likely": "very unlikely",
    "almost certain": "almost no chance",
}


@pytest.mark.parametrize(("probability", "word"), BOUNDS)
def test_each_bound_has_its_word_on_both_sides(probability: float, word: str) -> None:
    assert probability_words(probability) == word


def test_fifty_four_percent_is_never_called_likely() -> None:
    assert percent_text(0.54) == f"54{THIN_SPACE}%"
    assert probability_words(0.54) == "roughly even chance"


def test_the_scale_covers_every_percentage_once() -> None:
    covered = [number for low, high, _ in SCALE for number in range(low, high + 1)]
    assert covered == list(range(101))


@given(st.floats(0, 1))
def test_number_and_word_agree_as_displayed(probability: float) -> None:
    shown = percent_text(probability).replace(f"{THIN_SPACE}%", "").lstrip("<>")
    # "<1" and ">99" stand in the outermost bands, like the 1 and 99 that they name.
    low, high, _ = next(band for band in SCALE if band[2] == probability_words(probability))
    assert low <= int(shown) <= high


@given(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000))
def test_an_event_and_its_complement_mirror_each_other(probability: float) -> None:
    other = round(1 - probability, 3)
    assert percent(probability) + percent(other) == 100
    assert probability_words(other) == MIRROR[probability_words(probability)]


def test_only_exact_certainty_is_shown_as_such() -> None:
    assert percent_text(0.0) == f"0{THIN_SPACE}%"
    assert percent_text(1e-9) == f"<1{THIN_SPACE}%"
    assert percent_text(0.0049) == f"<1{THIN_SPACE}%"
    assert percent_text(0.0051) == f"1{THIN_SPACE}%"
    assert percent_text(0.9951) == f">99{THIN_SPACE}%"
    assert percent_text(1.0) == f"100{THIN_SPACE}%"


def test_rounding_uses_the_number_as_written_and_not_its_binary_neighbour() -> None:
    # 0.145 * 100 is 14.499999999999998 in binary; the half goes to the even 14, 0.155 to 16.
    assert (percent(0.145), percent(0.155)) == (14, 16)


def test_an_interval_reads_from_low_to_high() -> None:
    assert interval_text(0.004, 0.09).replace(THIN_SPACE, " ") == "<1 % to 9 %"


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(QuestionError, match="from 0 to 1"):
        percent(value)
