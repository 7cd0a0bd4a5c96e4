"""Defence Cooperation Agreement Dataset (DCAD 1.0, CSV): agreements by the date of signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.evidence.readers.files import codes, numbers, read_table, records, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_COLUMNS = ("ccode1", "ccode2", "signDay", "signMonth", "signYear", "type", "category1", "DCAid")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``agreement`` once for each agreement, dated as finely as the file knows."""
    frame = read_table(path, _COLUMNS, suffixes=(".csv",), only=True)
    for name in ("ccode1", "ccode2"):
        frame[name] = codes(frame[name])
    for name in ("type", "category1", "DCAid"):
        frame[name] = texts(frame[name])
    alone = (frame["ccode1"] == frame["ccode2"]) & (frame["ccode1"] != "")
    wanted.skip("known fault: both states are the same", int(alone.sum()))
    frame = wanted.keep(frame[~alone], ("ccode1", "ccode2"), "cow")
    frame = frame.assign(
        signDay=numbers(frame, "signDay", path),
        signMonth=numbers(frame, "signMonth", path),
        signYear=whole(frame, "signYear", path),
    )
    for row, cells in records(frame):
        event_date, precision = _signed(cells)
        yield Observation(
            row=row,
            variable="agreement",
            supporter=cells["ccode1"],
            recipient=cells["ccode2"],
            system="cow",
            event_date=event_date,
            date_precision=precision,
            value=1,
            key=cells["DCAid"],
            note=f"{cells['type']}, {cells['category1']}",
        )


def _signed(cells: dict[str, Any]) -> tuple[str, str]:
    year = f"{cells['signYear']:04d}"
    if pd.isna(cells["signMonth"]):
        return year, "year"
    month = f"{year}-{int(cells['signMonth']):02d}"
    if pd.isna(cells["signDay"]):
        return month, "month"
    return f"{month}-{int(cells['signDay']):02d}", "day"
