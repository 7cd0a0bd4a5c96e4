"""Militarized interstate disputes of the Correlates of War, dyadic: onsets and hostility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forecast.evidence.readers.disputes import read_disputes
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted


def read(path: Path, wanted: Wanted) -> Iterator[Observation]:
    """Yield ``onset`` and ``hostility`` by dyad and year."""
    yield from read_disputes(path, wanted, onsets=("cowmidonset", "disponset"))
