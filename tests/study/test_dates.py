from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import StudyError
from forecast.study.dates import parse_dated, parse_day, parse_known_at


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2022-02-24", "day", date(2022, 2, 24), date(2022, 2, 24)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022-10", "quarter", date(2022, 10, 1), date(2022, 12, 31)),
        ("2022-07", "half-year", date(2022, 7, 1), date(2022, 12, 31)),
        ("2022", "year", date(2022, 1, 1), date(2022, 12, 31)),
        ("9999", "year", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_date_with_a_precision_is_an_interval(text, precision, first, last):
    assert parse_dated(text, precision) == (first, last)


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2022-02", "day"),
        ("2022-02-24", "month"),
        ("2022-02", "quarter"),
        ("2022-04", "half-year"),
        ("2022-01", "year"),
        ("22-02-24", "day"),
        ("2022-2-4", "day"),
        (" 2022-02-24", "day"),
        ("2022-02-24\n", "day"),
        ("0000", "year"),
        ("", "day"),
    ],
)
def test_a_date_not_in_the_form_of_its_precision_is_refused(text, precision):
    with pytest.raises(StudyError):
        parse_dated(text, precision)


def test_an_unknown_precision_is_refused_with_the_known_ones():
    with pytest.raises(StudyError, match="day, month, quarter, half-year, year"):
        parse_dated("2022", "decade")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2022-02-24", date(2022, 2, 24)),
        ("2024-02", date(2024, 2, 29)),
        ("2025", date(2025, 12, 31)),
        ("2022-02-24T23:30:00Z", date(2022, 2, 24)),
        ("2022-02-24T23:30:00-05:00", date(2022, 2, 25)),
        ("2022-02-25 01:00+03:00", date(2022, 2, 24)),
    ],
)
def test_known_at_is_the_day_in_utc_and_the_last_one_of_a_partial_date(text, known):
    assert parse_known_at(text) == known


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True))
def test_a_text_is_read_as_the_standard_library_reads_it_or_refused_with_what_was_expected(text):
    try:
        real = date.fromisoformat(text).isoformat() == text
    except ValueError:
        real = False
    if real:
        assert parse_day(text) == date.fromisoformat(text)
    else:
        with pytest.raises(StudyError, match="Expected"):
            parse_day(text)


@given(st.dates(min_value=date(1, 1, 1)))
def test_a_day_reads_back(day):
    assert parse_day(day.isoformat()) == day
    assert parse_known_at(day.isoformat()) == day
