from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import StudyError
from forecast.study.periods import Calendar

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
FREQUENCIES = st.sampled_from(["month", "quarter", "year"])

QUARTERS = Calendar("quarter", date(2012, 1, 1))


def test_periods_count_from_the_first_and_go_below_zero_before_it():
    assert QUARTERS.index(date(2012, 3, 31)) == 0
    assert QUARTERS.index(date(2012, 4, 1)) == 1
    assert QUARTERS.index(date(2011, 12, 31)) == -1
    assert QUARTERS.index(date(2022, 2, 24)) == 40


@pytest.mark.parametrize(
    ("frequency", "label", "first", "last"),
    [
        ("month", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", "2022-Q4", date(2022, 10, 1), date(2022, 12, 31)),
        ("year", "1999", date(1999, 1, 1), date(1999, 12, 31)),
    ],
)
def test_a_label_names_the_days_of_its_period(frequency, label, first, last):
    calendar = Calendar.starting(frequency, label)
    assert (calendar.start(0), calendar.end(0), calendar.label(0)) == (first, last, label)


@pytest.mark.parametrize(
    ("frequency", "label"),
    [
        ("quarter", "2022Q1"),
        ("quarter", "2022-Q5"),
        ("quarter", "2022-01"),
        ("month", "2022-13"),
        ("year", "22"),
        ("year", "0000"),
        ("month", "٢٠٢٢-٠١"),
    ],
)
def test_a_label_in_another_form_is_refused_with_the_right_form(frequency, label):
    with pytest.raises(StudyError, match="Expected YYYY"):
        Calendar(frequency, date(2020, 1, 1)).parse(label)


def test_labels_are_the_first_periods():
    assert QUARTERS.labels(3) == ["2012-Q1", "2012-Q2", "2012-Q3"]


def test_share_is_by_days_with_both_ends_included():
    # 2012-Q1 has 31 + 29 + 31 = 91 days; 22 February to 31 March are 8 + 31 = 39 of them.
    assert QUARTERS.share(0, date(2012, 2, 22), date(2013, 1, 1)) == pytest.approx(39 / 91)
    assert QUARTERS.share(0, date(2012, 1, 1), date(2012, 3, 31)) == 1
    assert QUARTERS.share(0, date(2012, 4, 1), date(2012, 6, 30)) == 0
    assert QUARTERS.share(0, date(2012, 3, 1), date(2012, 2, 1)) == 0


@given(FREQUENCIES, DAYS, DAYS)
def test_every_day_lies_in_its_period_and_labels_read_back(frequency, origin, day):
    calendar = Calendar(frequency, origin)
    index = calendar.index(day)
    assert calendar.start(index) <= day <= calendar.end(index)
    assert calendar.parse(calendar.label(index)) == index


@given(FREQUENCIES, DAYS, st.integers(0, 40))
def test_periods_follow_without_a_gap(frequency, origin, index):
    calendar = Calendar(frequency, min(origin, date(9900, 1, 1)))
    assert calendar.start(index + 1) == calendar.end(index) + timedelta(days=1)
