"""The time steps of a study: months, quarters or years, counted from its first one."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from forecast.errors import StudyError

Frequency = Literal["month", "quarter", "year"]

_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_LABELS: dict[str, tuple[str, str]] = {
    "month": (r"([0-9]{4})-(0[1-9]|1[0-2])", "YYYY-MM, such as 2022-03"),
    "quarter": (r"([0-9]{4})-Q([1-4])", "YYYY-Qn, such as 2022-Q1"),
    "year": (r"([0-9]{4})", "YYYY, such as 2022"),
}


@dataclass(frozen=True)
class Calendar:
    """Numbers the periods of a study from 0, and says which days each of them holds.

    Parameters
    ----------
    frequency
        ``month``, ``quarter`` or ``year``.
    origin
        Any day of period 0.

    Examples
    --------
    >>> quarters = Calendar("quarter", date(2012, 1, 1))
    >>> quarters.label(quarters.index(date(2022, 2, 24)))
    '2022-Q1'
    """

    frequency: Frequency
    origin: date

    @classmethod
    def starting(cls, frequency: Frequency, label: str) -> Calendar:
        """Return the calendar whose period 0 has this label.

        Raises
        ------
        StudyError
            If the label is not in the form of the frequency.
        """
        return cls(frequency, _first_day_of(frequency, label))

    def index(self, day: date) -> int:
        """Return the number of the period that holds a day; negative before the study begins."""
        return self._ordinal(day) - self._ordinal(self.origin)

    @lru_cache(maxsize=100_000)  # noqa: B019 - calendars are few, small and equal by value
    def label(self, index: int) -> str:
        """Return the ISO label of a period: ``2022-03``, ``2022-Q1`` or ``2022``."""
        first = self.start(index)
        if self.frequency == "month":
            return f"{first.year:04d}-{first.month:02d}"
        if self.frequency == "quarter":
            return f"{first.year:04d}-Q{(first.month - 1) // 3 + 1}"
        return f"{first.year:04d}"

    def parse(self, label: str) -> int:
        """Return the number of the period that a label names.

        Raises
        ------
        StudyError
            If the label is not in the form of this calendar's frequency.
        """
        return self.index(_first_day_of(self.frequency, label))

    @lru_cache(maxsize=100_000)  # noqa: B019
    def start(self, index: int) -> date:
        """Return the first day of a period."""
        months = (self._ordinal(self.origin) + index) * _MONTHS[self.frequency]
        return date(months // 12, months % 12 + 1, 1)

    def end(self, index: int) -> date:
        """Return the last day of a period, which still belongs to it."""
        first = self.start(index)
        month = first.month + _MONTHS[self.frequency] - 1
        return date(first.year, month, calendar.monthrange(first.year, month)[1])

    def labels(self, count: int) -> list[str]:
        """Return the labels of the first ``count`` periods."""
        return [self.label(index) for index in range(count)]

    def share(self, index: int, first: date, last: date) -> float:
        """Return the share of a period's days from ``first`` to ``last``, both included; 0 to 1."""
        begin, end = self.start(index), self.end(index)
        days = (min(end, last) - max(begin, first)).days + 1
        return max(0, days) / ((end - begin).days + 1)

    def _ordinal(self, day: date) -> int:
        return (day.year * 12 + day.month - 1) // _MONTHS[self.frequency]


def _first_day_of(frequency: Frequency, label: str) -> date:
    pattern, form = _LABELS[frequency]
    match = re.fullmatch(pattern, label)
    if match is None or match[1] == "0000":
        raise StudyError(
            f"{label!r} is not a {frequency}",
            expected=form,
            remedy="write the label in this form",
        )
    step = int(match[2]) if match.lastindex == 2 else 1
    return date(int(match[1]), (step - 1) * _MONTHS[frequency] + 1, 1)
