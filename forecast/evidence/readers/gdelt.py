"""GDELT country network by dyad and month: mean daily score of the events between two states.

The score has no direction, and grows with the volume of news as well as with warmth. Monthly
tables (CSV, Parquet) and daily ones (Parquet) are read; days that the network lacks are left out of
a month's mean, and the month's row says how many it rests on.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from forecast.evidence.readers.files import (
    check_columns,
    check_dates,
    numbers,
    read_table,
    records,
    texts,
    whole,
)
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_MONTHLY = ("month", "a", "b", "score_mean", "days")
_DAILY = ("date", "a", "b", "score")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``score``, the mean over the days of a month that the network has."""
    frame = read_table(path, ("a", "b"), suffixes=(".csv", ".parquet"))
    daily = "score_mean" not in frame.columns and path.suffix.lower() == ".parquet"
    check_columns(frame, _DAILY if daily else _MONTHLY, path)
    frame = frame.assign(a=texts(frame["a"]), b=texts(frame["b"]))
    frame = wanted.keep(frame, ("a", "b"), "iso3")
    if daily:
        frame = _by_month(frame, path)
    check_dates(frame, "month", path, "YYYY-MM")
    frame = frame.assign(
        score_mean=numbers(frame, "score_mean", path), days=whole(frame, "days", path, high=31)
    )
    thin = 0
    for row, cells in records(frame):
        one, other = sorted((cells["a"], cells["b"]))
        length = calendar.monthrange(int(cells["month"][:4]), int(cells["month"][5:]))[1]
        missing = length - cells["days"]
        thin += missing > 0
        yield Observation(
            row=row,
            variable="score",
            supporter=one,
            recipient=other,
            system="iso3",
            event_date=cells["month"],
            date_precision="month",
            value=cells["score_mean"],
            key=f"{one}-{other}-{cells['month']}",
            note=f"mean of {cells['days']} of {length} days" if missing else "",
        )
    wanted.note(f"dyad-months that rest on fewer days than the month has: {thin}")


def _by_month(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the means of daily scores; each month keeps the index of its first day."""
    days = texts(frame["date"]).str[:10]
    check_dates(frame.assign(date=days), "date", path)
    month = days.str[:7]
    grouped = frame.assign(month=month, index=frame.index).groupby(["month", "a", "b"])
    means = grouped.agg(
        score_mean=("score", "mean"), days=("score", "size"), index=("index", "min")
    )
    return means.reset_index().set_index("index")
