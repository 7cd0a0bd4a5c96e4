"""Shared memberships of two states in intergovernmental organisations (Correlates of War)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.files import codes, numbers, read_table, records, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_COLUMNS = ("ccode1", "ccode2", "year", "dyadigos")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``shared``, the number of organisations that both states are in."""
    frame = read_table(path, _COLUMNS, suffixes=(".rda", ".csv"), only=True).assign(
        ccode1=lambda table: codes(table["ccode1"]), ccode2=lambda table: codes(table["ccode2"])
    )
    frame = wanted.keep(frame, ("ccode1", "ccode2"), "cow")
    frame = frame.assign(year=whole(frame, "year", path), dyadigos=numbers(frame, "dyadigos", path))
    for row, cells in records(frame):
        year = str(cells["year"])
        yield Observation(
            row=row,
            variable="shared",
            supporter=cells["ccode1"],
            recipient=cells["ccode2"],
            system="cow",
            event_date=year,
            value=cells["dyadigos"] if cells["dyadigos"] >= 0 else float("nan"),
            key=f"{cells['ccode1']}-{cells['ccode2']}-{year}",
        )
