"""Roll calls of the UN General Assembly (R package unvotes): how often two states vote alike.

``un_roll_calls.rda`` must lie beside ``un_votes.rda``: it holds the sessions. Agreement on a vote
is 1 if alike, 0 between yes and no, and one half beside an abstention; absences do not count.
Session ``s`` is dated as the year 1945 + s, in whose last months most of its votes fall.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.actors import registry
from forecast.evidence.readers.files import numbers, read_table, texts, whole
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import FIRST_ROW, OUTSIDE, Wanted

_VOTES = {"no": 0.0, "abstain": 0.5, "yes": 1.0}


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``agreement``, the mean over the votes of a session that both states cast."""
    suffixes = (".rda", ".csv")
    frame = read_table(path, ("rcid", "country", "country_code", "vote"), suffixes=suffixes)
    beside = path.with_name(f"un_roll_calls{path.suffix}")
    calls = read_table(beside, ("rcid", "session"), suffixes=suffixes, only=True)
    frame = wanted.keep(frame.assign(country_code=_codes(frame, wanted)), ["country_code"], "iso2")
    sessions = pd.Series(
        whole(calls, "session", beside).to_numpy(),
        index=whole(calls, "rcid", beside, high=10**9).to_numpy(),
    )
    sessions = sessions[~sessions.index.duplicated()]
    frame = frame.assign(
        session=numbers(frame, "rcid", path).map(sessions),
        vote=texts(frame["vote"]).map(_VOTES),
        row=frame.index + FIRST_ROW,
    )
    known = frame["session"].notna() & frame["vote"].notna()
    wanted.skip("vote of an unknown roll call, or neither yes, no nor abstain", int((~known).sum()))
    frame = frame[known].drop_duplicates(["rcid", "country_code"])
    for session in sorted(int(one) for one in frame["session"].unique()):
        yield from _session(session, frame[frame["session"] == session], wanted)


def _session(session: int, frame: pd.DataFrame, wanted: Wanted) -> Iterator[Observation]:
    votes = frame.pivot(index="rcid", columns="country_code", values="vote")
    cast = {str(code): votes[code].to_numpy() for code in votes.columns}
    rows = frame.groupby("country_code")["row"].min().to_dict()
    year = 1945 + session
    for one, other in combinations(sorted(cast), 2):
        if not wanted.dyad(one, other, "iso2", date(year, 1, 1)):
            wanted.skip(OUTSIDE)
            continue
        alike = 1 - np.abs(cast[one] - cast[other])
        alike = alike[~np.isnan(alike)]
        if not alike.size:
            continue
        yield Observation(
            row=int(min(rows[one], rows[other])),
            variable="agreement",
            supporter=one,
            recipient=other,
            system="iso2",
            event_date=str(year),
            value=float(alike.mean()),
            key=f"{one}-{other}-{session}",
            note=f"session {session}, {len(alike)} votes",
        )


def _codes(frame: pd.DataFrame, wanted: Wanted) -> pd.Series:
    """Return the states' codes, those that are blank found by the name beside them."""
    found = texts(frame["country_code"])
    blank = found == ""
    names = texts(frame["country"])[blank]
    by_name = {
        name: next(iter(actor.iso2), "") if (actor := registry().find(name)) else ""
        for name in names.unique()
    }
    if blank.any():
        wanted.note(f"known fault: votes without a code, found by name: {int(blank.sum())}")
    return found.where(~blank, texts(frame["country"]).map(by_name))
