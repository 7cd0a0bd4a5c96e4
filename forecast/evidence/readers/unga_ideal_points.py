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

from forecast.evidence.readers.files import codes, numbers, read_table, records, texts
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import OUTSIDE, Wanted

_SERIES = ("fp", "all")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``distance_fp`` and ``distance_all`` of each dyad and year that a release has."""
    by_session = path.suffix.lower() == ".csv"
    frame = _by_session(path) if by_session else _by_year(path)
    blank = (frame["ccode"] == "") | (frame["iso3c"] == "")
    wanted.skip("known fault: row without a country code", int(blank.sum()))
    frame = wanted.keep(frame[~blank], ["ccode"], "cow")
    known_at = "2023-07-31" if by_session else ""
    for year in sorted(int(one) for one in frame["year"].unique()):
        text = f"{year:04d}"
        rows = sorted(records(frame[frame["year"] == year]), key=lambda one: int(one[1]["ccode"]))
        for (first_row, first), (second_row, second) in combinations(rows, 2):
            if not wanted.dyad(first["ccode"], second["ccode"], "cow", date(year, 1, 1)):
                wanted.skip(OUTSIDE)
                continue
            for series in _SERIES:
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


def _by_year(path: Path) -> pd.DataFrame:
    columns = ("ccode", "iso3c", "year", "idealpointfp", "idealpointall")
    frame = read_table(path, columns, suffixes=(".dta", ".csv"))
    return pd.DataFrame(
        {
            "ccode": codes(frame["ccode"]),
            "iso3c": texts(frame["iso3c"]),
            "year": numbers(frame, "year", path),
            "fp": numbers(frame, "idealpointfp", path),
            "all": numbers(frame, "idealpointall", path),
        }
    )


def _by_session(path: Path) -> pd.DataFrame:
    columns = ("ccode", "iso3c", "session", "IdealPointAll")
    frame = read_table(path, columns, suffixes=(".dta", ".csv"))
    return pd.DataFrame(
        {
            "ccode": codes(frame["ccode"]),
            "iso3c": texts(frame["iso3c"]),
            "year": numbers(frame, "session", path) + 1945,
            "fp": float("nan"),
            "all": numbers(frame, "IdealPointAll", path),
        }
    )
