import itertools
from datetime import date

import numpy as np
import pytest

from forecast.forecasts.window import make_window
from forecast.study.periods import Calendar

QUARTERS = Calendar.starting("quarter", "2020-Q1")


def test_a_window_of_whole_periods_takes_all_of_them():
    window = make_window(QUARTERS, date(2023, 1, 1), date(2023, 12, 31))
    assert (window.first, window.last) == (12, 15)
    assert window.share.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_cut_periods_take_their_share_of_days():
    # 2023-02-15 to 2023-03-31 are 45 of 90 days; 2023-07-01 to 2023-07-23 are 23 of 92.
    window = make_window(QUARTERS, date(2023, 2, 15), date(2023, 7, 23))
    assert window.low == pytest.approx([0.5, 0.0, 0.0])
    assert window.high == pytest.approx([1.0, 1.0, 0.25])
    assert window.share == pytest.approx([0.5, 1.0, 0.25])


def test_a_window_inside_one_period_is_cut_on_both_sides():
    # 2023-04-11 to 2023-04-20: days 11 to 20 of 91.
    window = make_window(QUARTERS, date(2023, 4, 11), date(2023, 4, 20))
    assert (window.first, window.last) == (13, 13)
    assert window.low == pytest.approx([10 / 91])
    assert window.high == pytest.approx([20 / 91])


def test_windows_that_meet_share_the_periods_without_gap_or_overlap():
    days = [date(2023, 1, 1), date(2023, 2, 7), date(2023, 5, 30), date(2023, 10, 1)]
    total = np.zeros(3)
    for opens, next_opens in itertools.pairwise(days):
        closes = date.fromordinal(next_opens.toordinal() - 1)
        window = make_window(QUARTERS, opens, closes)
        total[window.first - 12 : window.last - 11] += window.share
    assert total == pytest.approx([1.0, 1.0, 1.0])
