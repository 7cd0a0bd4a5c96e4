"""Formal alliances of the Correlates of War (version 4.1), dyad-years, by kind of pact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.pacts import read_pacts
from forecast.evidence.readers.wanted import Wanted

_KINDS = ("defense", "neutrality", "nonaggression", "entente")


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield the four kinds of pact for each allied dyad and year, 0 where it lacks one."""
    yield from read_pacts(path, wanted, directed={}, mutual={kind: kind for kind in _KINDS})
