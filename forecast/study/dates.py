"""Dates as people write them into a study: ISO only, with a stated precision.

Anything else (``01/02/2022``, a week number, a spreadsheet serial, a month name) is refused, since
each of them has been read as two different days by two programs.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime
from functools import lru_cache

from forecast.errors import StudyError

#: Months that a dated event may fall in, counted from the month written.
PRECISIONS: dict[str, int] = {"day": 0, "month": 1, "quarter": 3, "half-year": 6, "year": 12}

_FORMS = {
    "day": (r"([0-9]{4})-([0-9]{2})-([0-9]{2})", "YYYY-MM-DD"),
    "month": (r"([0-9]{4})-([0-9]{2})", "YYYY-MM"),
    "quarter": (r"([0-9]{4})-(01|04|07|10)", "YYYY-MM with the quarter's first month"),
    "half-year": (r"([0-9]{4})-(01|07)", "YYYY-MM with the half-year's first month, 01 or 07"),
    "year": (r"([0-9]{4})", "YYYY"),
}


@lru_cache(maxsize=50_000)
def parse_dated(text: str, precision: str) -> tuple[date, date]:
    """Return the first and the last day that a date with a precision may mean.

    Parameters
    ----------
    text
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, in the form that the precision asks for; a quarter
        or half-year is dated by its first month.
    precision
        ``day``, ``month``, ``quarter``, ``half-year`` or ``year``.

    Raises
    ------
    StudyError
        If the text is no such date, or is not in the form of the precision.

    Examples
    --------
    >>> parse_dated("2022-04", "quarter")
    (datetime.date(2022, 4, 1), datetime.date(2022, 6, 30))
    """
    if precision not in PRECISIONS:
        raise StudyError(
            f"{precision!r} is not a precision of a date",
            expected=f"one of {', '.join(PRECISIONS)}",
        )
    pattern, form = _FORMS[precision]
    match = re.fullmatch(pattern, text)
    if match is None:
        raise StudyError(
            f"{text!r} is not a date of precision {precision}",
            expected=form,
            remedy="write the date in ISO form, or correct date_precision",
        )
    numbers = [int(number) for number in match.groups()]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else 1
    first = _day(text, year, month, numbers[2] if len(numbers) > 2 else 1)
    if precision == "day":
        return first, first
    return first, _last_day(year, month + PRECISIONS[precision] - 1)


def parse_day(text: str) -> date:
    """Return the day that ``YYYY-MM-DD`` names; nothing else is accepted."""
    return parse_dated(text, "day")[0]


@lru_cache(maxsize=50_000)
def parse_known_at(text: str) -> date:
    """Return the day by whose end, in UTC, something was known.

    A bare day is itself; a month or a year stands for its last day. A date with a time must carry
    a zone, since without one the day depends on the reader.

    Raises
    ------
    StudyError
        If the text is no ISO date, or is a time without a zone.

    Examples
    --------
    >>> parse_known_at("2025-07")
    datetime.date(2025, 7, 31)
    """
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+", text):
        return _moment(text).astimezone(UTC).date()
    for precision in ("day", "month", "year"):
        if re.fullmatch(_FORMS[precision][0], text):
            return parse_dated(text, precision)[1]
    raise StudyError(
        f"{text!r} is not a date",
        expected="YYYY-MM-DD, YYYY-MM, YYYY, or a date with time and zone",
        remedy="write the date in ISO form",
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise StudyError(
            f"{text!r} is not a date with a time",
            expected="the form 2022-02-24T05:00:00+00:00",
            remedy="write the date in ISO form",
        ) from error
    if moment.tzinfo is None:
        raise StudyError(
            f"{text!r} has a time but no zone",
            expected="a zone at the end, such as Z or +01:00",
            remedy="add the zone, or give the day alone (its end in UTC is meant)",
        )
    return moment


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise StudyError(
            f"{text!r} is not a day of the calendar",
            expected="a day that exists",
            remedy="check the month and the day",
        ) from error


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
