"""Days and quarters of partial dates."""

from calendar import monthrange

_MONTHS = {"day": 1, "month": 1, "quarter": 3, "half-year": 6, "year": 12}


def last_day(text: str) -> str:
    """Return the last day of a year, a month or a day, in ISO form."""
    match text.split("-"):
        case [year]:
            return f"{year}-12-31"
        case [year, month]:
            return f"{year}-{month}-{monthrange(int(year), int(month))[1]:02d}"
        case _:
            return text


def quarters(text: str, precision: str) -> tuple[int, int]:
    """Return the first and last quarter of a partial date, counted from year 0."""
    year, month = int(text[:4]), int(text[5:7] or "1")
    first = year * 12 + month - 1
    return first // 3, (first + _MONTHS[precision] - 1) // 3


def quarter_label(number: int) -> str:
    """Return a quarter as ``2022q1``."""
    return f"{number // 4}q{number % 4 + 1}"
