"""Ideal points of states in the UN General Assembly: the distance of two states in a year.

Two releases are read: Stata of July 2025 with a final-passage series (``fp``) and one of all votes,
and CSV of July 2023 by session with all votes alone. Session ``s`` is the year 1945 + s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pandas as pd

from forecast.evidence.readers.files import (
    check_columns,
    codes,
    numbers,
    read_table,
    records,
    texts,
    whole,
)
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import OUTSIDE, Wanted

_SERIES = ("fp", "all")
_BY_YEAR = {"year": "year", "fp": "idealpointfp", "all": "idealpointall"}
_BY_SESSION = {"year": "session", "all": "IdealPointAll"}


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``distance_fp`` and ``distance_all`` of each dyad and year that a release has."""
    frame = read_table(path, ("ccode", "iso3c"), suffixes=(".dta", ".csv"))
    by_session = "session" in frame.columns
    columns = _BY_SESSION if by_session else _BY_YEAR
    check_columns(frame, tuple(columns.values()), path)
    frame = frame.assign(ccode=codes(frame["ccode"]), iso3c=texts(frame["iso3c"]))
    blank = (frame["ccode"] == "") | (frame["iso3c"] == "")
    wanted.skip("known fault: row without a country code", int(blank.sum()))
    frame = wanted.keep(frame[~blank], ["ccode"], "cow")
    years = whole(frame, columns["year"], path)
    frame = pd.DataFrame(
        {
            "ccode": frame["ccode"],
            "year": years + 1945 if by_session else years,
            **{name: numbers(frame, columns[name], path) for name in _SERIES if name in columns},
        }
    )
    known_at = "2023-07-31" if by_session else ""
    for year in sorted(int(one) for one in frame["year"].unique()):
        text = f"{year:04d}"
        rows = sorted(records(frame[frame["year"] == year]), key=lambda one: int(one[1]["ccode"]))
        for (first_row, first), (second_row, second) in combinations(rows, 2):
            if not wanted.dyad(first["ccode"], second["ccode"], "cow", date(year, 1, 1)):
                wanted.skip(OUTSIDE)
                continue
            for series in (name for name in _SERIES if name in columns):
                distance = abs(first[series] - second[series])
                if pd.isna(distance):
                    continue
                yield Observation(
                    row=min(first_row, second_row),
                    variable=f"distance_{series}",
                    supporter=first["ccode"],
                    recipient=second["ccode"],
                    system="cow",
                    event_date=text,
                    value=distance,
                    key=f"{first['ccode']}-{second['ccode']}-{text}",
                    known_at=known_at,
                )
