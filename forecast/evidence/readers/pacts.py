"""What the two collections of alliances share: dyad-years with a flag for each kind of pact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from forecast.evidence.readers.files import codes, numbers, read_table, records, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted


def read_pacts(
    path: Path, wanted: Wanted, *, directed: Mapping[str, str], mutual: Mapping[str, str]
) -> Iterator[Observation]:
    """Yield a flag for each kind of pact of each dyad-year that the file lists.

    A dyad-year that stands in several rows, one for each treaty, has a kind of pact where any of
    them has it; a mutual kind also where only the row of the other direction has it.

    Parameters
    ----------
    directed, mutual
        Variables with their columns: obligations of the first state to the second, and pacts that
        bind both alike.
    """
    columns = {**directed, **mutual}
    frame = read_table(
        path, ("ccode1", "ccode2", "year", *columns.values()), suffixes=(".rda", ".csv")
    )
    for name in ("ccode1", "ccode2"):
        frame[name] = codes(frame[name])
    frame = wanted.keep(frame, ("ccode1", "ccode2"), "cow")
    frame = frame.assign(
        year=whole(frame, "year", path),
        **{name: numbers(frame, name, path) for name in columns.values()},
    )
    flags: dict[tuple[str, str, str, str], tuple[int, float]] = {}
    for row, cells in records(frame):
        states = cells["ccode1"], cells["ccode2"]
        for variable, column in columns.items():
            one, other = sorted(states, key=int) if variable in mutual else states
            key = variable, one, other, str(cells["year"])
            first, value = flags.get(key, (row, 0.0))
            flags[key] = first, value if pd.isna(cells[column]) else max(value, cells[column])
    for (variable, one, other, year), (row, value) in flags.items():
        yield Observation(
            row=row,
            variable=variable,
            supporter=one,
            recipient=other,
            system="cow",
            event_date=year,
            value=value,
            key=f"{one}-{other}-{year}",
        )
