"""Numbers as the report shows them."""

from __future__ import annotations

import math
from datetime import date
from typing import Final, SupportsFloat

from forecast.report.words import percent_text

MINUS: Final = "\u2212"
NOTHING: Final = "–"
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def real(value: object) -> float | None:
    """Return a finite number, or None for everything that is none."""
    if value is None or isinstance(value, str | bool) or not isinstance(value, SupportsFloat):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def decimal(value: object, *, places: int = 2) -> str:
    """Return a number with a fixed count of decimals and a true minus sign; a dash for none."""
    number = real(value)
    if number is None:
        return NOTHING
    text = f"{number:.{places}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def significant(value: object) -> str:
    """Return a number with three significant digits, whole numbers whole."""
    number = real(value)
    if number is None:
        return NOTHING if value is None or isinstance(value, float) else str(value)
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}".replace(",", "\u202f").replace("-", MINUS)
    return f"{number:.3g}".replace("-", MINUS)


def chance(value: object) -> str:
    """Return a probability as displayed; a dash for none."""
    number = real(value)
    return NOTHING if number is None else percent_text(number)


def long_date(day: date) -> str:
    """Return a date in words that no reader takes for another: ``4 February 2022``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def counted(number: int, noun: str) -> str:
    """Return a count with its noun, in the plural where needed: ``1 record``, ``3 records``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
