"""Ukraine Support Tracker of the Kiel Institute (CSV): aid to Ukraine by donor and month.

The file lists only months in which a donor allocated something. The tracker watches every donor it
lists all the time, so the months between the file's first and last that it does not list are zeros,
and are added as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from forecast.evidence.readers.files import numbers, read_table, records, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_AMOUNTS = ("military", "financial", "humanitarian", "total")
_COLUMNS = ("country", "year", "month", *_AMOUNTS)


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield the amounts of each donor in every month from the file's first to its last."""
    frame = read_table(path, _COLUMNS, suffixes=(".csv",), only=True)
    frame = wanted.present(frame.assign(country=texts(frame["country"])), ["country"])
    frame = frame.assign(
        year=whole(frame, "year", path, low=2000, high=2100),
        month=whole(frame, "month", path, high=12),
        **{name: numbers(frame, name, path) for name in _AMOUNTS},
    )
    frame["date"] = [
        f"{year:04d}-{month:02d}" for year, month in zip(frame["year"], frame["month"], strict=True)
    ]
    first, last = frame["date"].min(), frame["date"].max()
    months = [str(one) for one in pd.period_range(first, last, freq="M")]
    added = 0
    for donor, group in wanted.keep(frame, ["country"]).groupby("country"):
        listed = {cells["date"]: (row, cells) for row, cells in records(group)}
        line = min(row for row, _ in listed.values())
        for month in months:
            row, cells = listed.get(month, (line, dict.fromkeys(_AMOUNTS, 0.0)))
            added += month not in listed
            for name in _AMOUNTS:
                yield Observation(
                    row=row,
                    variable=name,
                    supporter=str(donor),
                    recipient="Ukraine",
                    event_date=month,
                    date_precision="month",
                    value=cells[name],
                    key=f"{donor}-Ukraine-{month}",
                    note="" if month in listed else "not listed in the file, which means zero",
                )
    wanted.note(
        f"only months with aid are listed; donor-months from {first} to {last} added as zeros: "
        f"{added}"
    )
