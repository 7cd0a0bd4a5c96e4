"""Dyadic trade of the Correlates of War (version 4.0): goods, in millions of current US dollars.

``flow1`` is what the first state imports from the second, ``flow2`` the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.files import codes, numbers, read_table, records, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_COLUMNS = ("ccode1", "ccode2", "year", "flow1", "flow2")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``total``, both ways, and ``exports`` of each side to the other."""
    frame = read_table(path, _COLUMNS, suffixes=(".rda", ".csv"), only=True).assign(
        ccode1=lambda table: codes(table["ccode1"]), ccode2=lambda table: codes(table["ccode2"])
    )
    frame = wanted.keep(frame, ("ccode1", "ccode2"), "cow")
    frame = frame.assign(
        year=whole(frame, "year", path),
        flow1=numbers(frame, "flow1", path),
        flow2=numbers(frame, "flow2", path),
    )
    for row, cells in records(frame):
        one, other, year = cells["ccode1"], cells["ccode2"], str(cells["year"])
        # The raw files of the project write -9 for a missing flow.
        flows = [flow if flow >= 0 else float("nan") for flow in (cells["flow1"], cells["flow2"])]
        for variable, supporter, recipient, value in (
            ("total", one, other, sum(flows)),
            ("exports", other, one, flows[0]),
            ("exports", one, other, flows[1]),
        ):
            yield Observation(
                row=row,
                variable=variable,
                supporter=supporter,
                recipient=recipient,
                system="cow",
                event_date=year,
                value=value,
                key=f"{supporter}-{recipient}-{year}",
            )
