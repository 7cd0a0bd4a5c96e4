"""What the two collections of militarized interstate disputes share: their columns and levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from forecast.errors import EvidenceError
from forecast.evidence.readers.files import codes, read_table, records, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

#: Names of the hostility levels 1 to 5.
LEVELS = ("none", "threat", "display", "use", "war")
_COLUMNS = ("dispnum", "ccode1", "ccode2", "year", "hostlev1", "hostlev2")


def read_disputes(path: Path, wanted: Wanted, *, onsets: Sequence[str]) -> Iterator[Observation]:
    """Yield ``onset`` once a dispute and dyad, and ``hostility`` of each year of it.

    Files list a dispute twice, once from each side; the two rows become one. The date is the year:
    a file's start month is that of the dispute, not of this dyad's part in it.

    Parameters
    ----------
    onsets
        Names that the column of onsets bears in the releases of the file.
    """
    frame = read_table(path, _COLUMNS, suffixes=(".rda", ".csv"))
    onset = next((name for name in onsets if name in frame.columns), None)
    if onset is None:
        raise EvidenceError(
            "the file has no column of onsets",
            where=f"{path.name}:1",
            expected=f"one of {', '.join(onsets)}",
            remedy="check that the file is the dyadic one of this format",
        )
    for name in ("ccode1", "ccode2"):
        frame[name] = codes(frame[name])
    frame = wanted.keep(frame, ("ccode1", "ccode2"), "cow")
    frame = frame.assign(
        dispnum=whole(frame, "dispnum", path, high=10**9),
        year=whole(frame, "year", path),
        hostlev1=whole(frame, "hostlev1", path, high=len(LEVELS)),
        hostlev2=whole(frame, "hostlev2", path, high=len(LEVELS)),
        onset=whole(frame, onset, path, low=0, high=1),
    )
    joined: dict[str, tuple[int, dict[str, Any]]] = {}
    for row, cells in records(frame):
        states = sorted((cells["ccode1"], cells["ccode2"]), key=int)
        level = max(cells["hostlev1"], cells["hostlev2"])
        key = f"{cells['dispnum']}-{states[0]}-{states[1]}-{cells['year']}"
        if key in joined:
            wanted.skip("other side of the same dispute")
            level = max(level, joined[key][1]["level"])
            row = joined[key][0]
        joined[key] = row, {**cells, "level": level, "states": states}
    for key, (row, cells) in joined.items():
        if cells["onset"] == 1:
            yield _observation(row, key, cells, "onset", 1)
        else:
            wanted.skip("onset: later year of a dispute that is counted")
        yield _observation(row, key, cells, "hostility", LEVELS[cells["level"] - 1])


def _observation(
    row: int, key: str, cells: dict[str, Any], variable: str, value: float | str
) -> Observation:
    return Observation(
        row=row,
        variable=variable,
        supporter=cells["states"][0],
        recipient=cells["states"][1],
        system="cow",
        event_date=str(cells["year"]),
        value=value,
        key=key,
        cluster=f"dispute-{cells['dispnum']}",
    )
