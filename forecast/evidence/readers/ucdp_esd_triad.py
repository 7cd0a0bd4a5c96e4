"""UCDP External Support Dataset, triad-year, trimmed (CSV): who supported a side of a conflict.

The trimmed file names the supporter and the place of the conflict, not the side supported. Its
rows therefore say that a state gave support in a country, to the government or to its opponents:
the default indicators measure nothing, and stay out of every likelihood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.files import numbers, read_table, records, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import BLANK, NOT_A_STATE, Wanted

_TYPES = ("troops", "weapons", "training", "funding")
_COLUMNS = ("supporter", "target_location", "year", *_TYPES, "target_country")
_GOVERNMENT = "Government of "


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield each type of support with 1 where any conflict of a country and year has it."""
    frame = read_table(path, _COLUMNS, suffixes=(".csv",))
    supporter = texts(frame["supporter"])
    state = supporter.str.startswith(_GOVERNMENT)
    wanted.skip(BLANK, int((supporter == "").sum()))
    wanted.skip(f"supporter {NOT_A_STATE}", int((~state & (supporter != "")).sum()))
    frame = frame.assign(
        supporter=supporter.str.removeprefix(_GOVERNMENT),
        target_country=texts(frame["target_country"]),
    )[state]
    wanted.note("the side supported is not in this file: government and opponents are one")
    found: dict[tuple[str, str, int], list[tuple[int, dict[str, float]]]] = defaultdict(list)
    places: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    frame = wanted.keep(frame, ("supporter", "target_country"))
    frame = frame.assign(
        year=whole(frame, "year", path), **{name: numbers(frame, name, path) for name in _TYPES}
    )
    for row, cells in records(frame):
        key = (cells["supporter"], cells["target_country"], cells["year"])
        found[key].append((row, {name: cells[name] for name in _TYPES if cells[name] >= 0}))
        places[key].append(cells["target_location"])
    for (giver, country, year), rows in found.items():
        for name in dict.fromkeys(name for _, flags in rows for name in flags):
            yield Observation(
                row=rows[0][0],
                variable=name,
                supporter=giver,
                recipient=country,
                event_date=str(year),
                value=max(flags[name] for _, flags in rows if name in flags),
                key=f"{giver}-{country}-{year}",
                note="; ".join(dict.fromkeys(places[giver, country, year])),
            )
