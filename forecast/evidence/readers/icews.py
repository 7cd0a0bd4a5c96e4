"""ICEWS: yearly counts of co-operation and conflict, in words and in deeds, by directed dyad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.files import numbers, read_table, records, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

#: Variable by the column that holds it.
_COUNTS = {
    "verbCoop": "verbal_cooperation",
    "matlCoop": "material_cooperation",
    "verbConf": "verbal_conflict",
    "matlConf": "material_conflict",
}
_COLUMNS = ("i_iso3c", "j_iso3c", "year", *_COUNTS)


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield the four counts of each directed dyad and year, zeros included."""
    frame = read_table(path, _COLUMNS, suffixes=(".rda", ".csv"), only=True).assign(
        i_iso3c=lambda table: texts(table["i_iso3c"]), j_iso3c=lambda table: texts(table["j_iso3c"])
    )
    frame = wanted.keep(frame, ("i_iso3c", "j_iso3c"), "iso3")
    frame = frame.assign(
        year=whole(frame, "year", path),
        **{name: numbers(frame, name, path) for name in _COUNTS},
    )
    for row, cells in records(frame):
        year = str(cells["year"])
        for column, variable in _COUNTS.items():
            yield Observation(
                row=row,
                variable=variable,
                supporter=cells["i_iso3c"],
                recipient=cells["j_iso3c"],
                system="iso3",
                event_date=year,
                value=cells[column],
                key=f"{cells['i_iso3c']}-{cells['j_iso3c']}-{year}",
            )
