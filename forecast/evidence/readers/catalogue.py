"""The formats of public files that can be read, and the module that reads each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from forecast.errors import EvidenceError
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import Wanted

#: Yields what a file says about the wanted states.
Reader = Callable[[Path, Wanted], Iterator[Observation]]

#: The names of the formats; the module of each bears its name with underscores.
FORMATS: tuple[str, ...] = (
    "sipri-register",
    "unga-ideal-points",
    "ucdp-esd-actor",
    "ucdp-esd-triad",
    "kiel",
    "cow-trade",
    "atop",
    "icews",
    "gdelt",
    "mcmanus-nieman",
    "china-vitae",
    "dcad",
    "cow-alliances",
    "cow-mids",
    "gml-mids",
    "cow-igos",
    "unga-votes",
)


def check_format(name: str) -> None:
    """Refuse a format that does not exist.

    Raises
    ------
    EvidenceError
        Naming the formats that do.
    """
    if name not in FORMATS:
        raise EvidenceError(
            f"{name!r} is not a format of public data",
            expected=f"one of {', '.join(FORMATS)}",
            remedy="choose one of them; docs/readers.md says what each holds",
        )


def reader(name: str) -> Reader:
    """Return the reader of a format; its libraries are loaded now, and no sooner."""
    check_format(name)
    module = import_module(f"forecast.evidence.readers.{name.replace('-', '_')}")
    read: Reader = module.read
    return read
