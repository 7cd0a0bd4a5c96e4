"""McManus and Nieman (2019): signals of support of five major powers for protégés, by year.

Two files are read: the signals themselves (CSV or Stata, columns such as ``chi_arms``), and the
published latent support (Stata, columns such as ``median_chi``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forecast.errors import EvidenceError
from forecast.evidence.readers.files import codes, numbers, read_table, records, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

_MAJORS = {"us": "2", "uk": "200", "fra": "220", "rus": "365", "chi": "710"}
_SIGNALS = ("pact", "vis", "ex", "arms", "troops", "bit", "nukes", "words", "econaid")
#: First year of states in the North Atlantic Treaty, whose pact the file also gives to others.
_JOINED_NATO = {
    **dict.fromkeys(("366", "367", "368", "355", "360", "317", "349"), 2004),
    **dict.fromkeys(("339", "344"), 2009),
}
_FAULTY = ("chi", "rus")
#: States whose pacts with Russia in the file are open to dispute.
_ARGUABLE = frozenset({"359", "369", "701"})


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield each signal of each major power for each protégé, or ``latent`` from the other file."""
    frame = read_table(path, ("ccode", "year"), suffixes=(".csv", ".dta"))
    columns = {
        f"{major}_{signal}": (major, signal)
        for major in _MAJORS
        for signal in _SIGNALS
        if f"{major}_{signal}" in frame.columns
    } | {f"median_{major}": (major, "latent") for major in _MAJORS}
    columns = {name: which for name, which in columns.items() if name in frame.columns}
    if not columns:
        raise EvidenceError(
            "the file has neither signals nor published support",
            where=f"{path.name}:1",
            expected="columns such as us_pact and chi_arms, or median_us",
            remedy="take the individual signals data set, or the one of signal levels",
        )
    frame["ccode"] = codes(frame["ccode"])
    frame = wanted.keep(frame, ["ccode"], "cow")
    frame = frame.assign(
        year=whole(frame, "year", path),
        **{name: numbers(frame, name, path) for name in columns},
    )
    for row, cells in records(frame):
        for name, (major, signal) in columns.items():
            if _sound(cells, major, signal, wanted):
                yield _observation(row, cells, major, signal, cells[name])


def _sound(cells: dict[str, Any], major: str, signal: str, wanted: Wanted) -> bool:
    """Say whether a value is free of the file's known faults; a faulty one is counted."""
    protege, year = cells["ccode"], cells["year"]
    if protege == _MAJORS[major]:
        wanted.skip("known fault: the protégé is the major power itself")
        return False
    if major in _FAULTY and year >= _JOINED_NATO.get(protege, 9999):
        if signal == "latent":
            wanted.skip(f"known fault: latent support of {major} rests on a pact of NATO")
            return False
        if signal == "pact" and cells[f"{major}_pact"] == 1:
            wanted.skip(f"known fault: pact of {major} is one of NATO")
            return False
    if (major, signal) == ("rus", "pact") and protege in _ARGUABLE and cells["rus_pact"] == 1:
        wanted.note(
            "arguable: pacts with Russia of Moldova, Turkmenistan and Ukraine are kept as coded"
        )
    return True


def _observation(
    row: int, cells: dict[str, Any], major: str, signal: str, value: float
) -> Observation:
    return Observation(
        row=row,
        variable=signal,
        supporter=_MAJORS[major],
        recipient=cells["ccode"],
        system="cow",
        event_date=str(cells["year"]),
        value=value,
        key=f"{_MAJORS[major]}-{cells['ccode']}-{cells['year']}",
    )
