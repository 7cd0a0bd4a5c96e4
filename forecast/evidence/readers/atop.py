"""Alliance Treaty Obligations and Provisions (ATOP 5.1), directed dyad-years.

Promises of defence, offence and neutrality run from the first state to the second and may be
one-sided; non-aggression and consultation bind both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.pacts import read_pacts
from forecast.evidence.readers.wanted import Wanted

_DIRECTED = {"defense": "atop_defense", "offense": "atop_offense", "neutrality": "atop_neutral"}
_MUTUAL = {"nonaggression": "atop_nonagg", "consultation": "atop_consul"}


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield the five kinds of obligation for each tied dyad and year, 0 where it lacks one."""
    yield from read_pacts(path, wanted, directed=_DIRECTED, mutual=_MUTUAL)
