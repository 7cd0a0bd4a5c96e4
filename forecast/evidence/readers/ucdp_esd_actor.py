"""UCDP External Support Dataset, actor-year (Excel): who supported a government at war in a year.

A row is one warring actor, its opponent and a year; all its supporters stand in one cell and the
types of support belong to the row. So a type is taken only where the row has one supporter, and
none where the file says that a supporter of the row supports both sides. Rows of one government
against several opponents are joined: a type holds where any of them has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forecast.evidence.readers.files import numbers, read_table, records, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import NOT_A_STATE, Wanted

#: Type of support by the letter that its column carries.
TYPES = {
    "x": "troops",
    "p": "troop_presence",
    "y": "infrastructure",
    "w": "weapons",
    "m": "materiel",
    "t": "training",
    "f": "funding",
    "i": "intelligence",
    "l": "territory",
}
_FLAGS = tuple(f"ext_{letter}" for letter in (*TYPES, "u"))
_COLUMNS = (
    *("year", "actor_name", "actor_nonstate", "dyad_name", "ext_name", "ext_bothsides"),
    *("ext_coalition", *_FLAGS),
)
_NUMBERS = ("actor_nonstate", "ext_bothsides", "ext_coalition", *_FLAGS)
_GOVERNMENT = "Government of "


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``support`` and, where they can be assigned, the types of it."""
    found: dict[tuple[str, str, int, str], list[tuple[int, dict[str, Any], float]]]
    found = defaultdict(list)
    unassigned: set[tuple[str, str, int]] = set()
    for row, cells in _government_rows(path, wanted):
        supporters = [part.strip() for part in cells["ext_name"].split(",") if part.strip()]
        states = [one for one in supporters if one.startswith(_GOVERNMENT)]
        wanted.skip(f"supporter {NOT_A_STATE}", len(supporters) - len(states))
        types = _types(cells, len(supporters), wanted)
        for supporter in (one.removeprefix(_GOVERNMENT) for one in states):
            if not wanted.is_state(supporter, "name", row=row, field="ext_name"):
                continue
            triad = (supporter, cells["actor_name"], cells["year"])
            if types is None:
                unassigned.add(triad)
            for variable, value in {"support": 1.0, **(types or {})}.items():
                found[*triad, variable].append((row, cells, value))
    for (supporter, recipient, year, variable), entries in found.items():
        value = max(value for _, _, value in entries)
        if value == 0 and (supporter, recipient, year) in unassigned:
            # What this row lacks, another row of the same year may have had.
            continue
        yield Observation(
            row=entries[0][0],
            variable=variable,
            supporter=supporter,
            recipient=recipient,
            event_date=str(year),
            value=value,
            key=f"{supporter}-{recipient}-{year}",
            note=_note([cells for _, cells, _ in entries]),
        )


def _government_rows(path: Path, wanted: Wanted) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of one government at war that somebody supported."""
    frame = read_table(path, _COLUMNS, suffixes=(".xlsx", ".csv"))
    for name in ("actor_name", "dyad_name", "ext_name"):
        frame[name] = texts(frame[name])
    frame = wanted.present(frame, ["actor_name"])
    frame = frame.assign(
        year=whole(frame, "year", path),
        **{name: numbers(frame, name, path) for name in _NUMBERS},
    )
    for row, cells in records(frame):
        name = cells["actor_name"]
        if cells["actor_nonstate"] == 1 or not name.startswith(_GOVERNMENT):
            wanted.skip(f"recipient {NOT_A_STATE}")
        elif "," in name:
            wanted.skip("several governments as one recipient")
        elif not cells["ext_name"]:
            wanted.skip("actor-year without support")
        elif wanted.is_state(name.removeprefix(_GOVERNMENT), "name", row=row, field="actor_name"):
            yield row, {**cells, "actor_name": name.removeprefix(_GOVERNMENT)}


def _types(cells: dict[str, Any], supporters: int, wanted: Wanted) -> dict[str, float] | None:
    """Return the types of a row's one supporter; ``None`` where they cannot be assigned."""
    if cells["ext_bothsides"] == 1:
        wanted.skip("known fault: supporter of both sides, types not assigned")
        return None
    if supporters > 1:
        wanted.skip("known fault: types of a row with several supporters not assigned")
        return None
    flags = {name: float(cells[f"ext_{letter}"] > 0) for letter, name in TYPES.items()}
    if cells["ext_u"] > 0:
        # Support of an unknown type: what is not flagged may yet have been given.
        return {name: flag for name, flag in flags.items() if flag}
    return flags


def _note(entries: list[dict[str, Any]]) -> str:
    dyads = "; ".join(dict.fromkeys(cells["dyad_name"] for cells in entries))
    coalition = any(cells["ext_coalition"] == 1 for cells in entries)
    both = any(cells["ext_bothsides"] == 1 for cells in entries)
    return (
        dyads
        + ("; a coalition is among the supporters" if coalition else "")
        + ("; a supporter named there supports both sides" if both else "")
    )
