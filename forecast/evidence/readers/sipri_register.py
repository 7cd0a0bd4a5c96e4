"""SIPRI trade register (CSV): arms delivered, in trend-indicator values, by dyad and year.

A row is one order. Its delivered volume is split evenly over the years of delivery that it lists,
and the orders of a dyad are summed by year. The register gives no finer division: a year's value
is an approximation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.files import numbers, read_table, records
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_DELIVERED = "SIPRI TIV of delivered weapons"
_YEARS = "Year(s) of delivery"
_COLUMNS = ("Recipient", "Supplier", "Year of order", _YEARS, _DELIVERED)


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``tiv``, the volume that one state delivered to another in a year."""
    frame = read_table(path, _COLUMNS, suffixes=(".csv",), only=True).map(str.strip)
    whole = frame["Year of order"].str.fullmatch(r"[0-9]{4}")
    wanted.skip("known fault: row is the wrapped end of another", int((~whole).sum()))
    frame = frame[whole]
    frame = wanted.keep(frame, ("Supplier", "Recipient"))
    frame = frame.assign(delivered=numbers(frame, _DELIVERED, path))
    volume: dict[tuple[str, str, str], float] = defaultdict(float)
    orders: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row, cells in records(frame):
        years = re.findall(r"[0-9]{4}", cells[_YEARS])
        if not years or not cells["delivered"] > 0:
            wanted.skip("order without a delivery yet")
            continue
        for year in years:
            key = (cells["Supplier"], cells["Recipient"], year)
            volume[key] += cells["delivered"] / len(years)
            orders[key].append(row)
    for (supplier, recipient, year), tiv in volume.items():
        rows = orders[supplier, recipient, year]
        yield Observation(
            row=rows[0],
            variable="tiv",
            supporter=supplier,
            recipient=recipient,
            event_date=year,
            value=tiv,
            key=f"{supplier}-{recipient}-{year}",
            note=f"orders: {len(rows)}; volumes split evenly over their years of delivery",
        )
