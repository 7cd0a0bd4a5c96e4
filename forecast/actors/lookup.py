"""Finds the state that a name or a code in a public data set means, and nothing by likeness."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from forecast.actors.table import Actor, read_actors
from forecast.errors import StudyError

System = Literal["name", "iso2", "iso3", "cow", "gw"]
SYSTEMS: tuple[str, ...] = get_args(System)


class Registry:
    """States by code, by name and by their numbers in public data sets.

    Examples
    --------
    >>> registry().find("365", system="cow", on=date(1980, 1, 1)).code
    'SUN'
    """

    def __init__(self, actors: Iterable[Actor]) -> None:
        self._by_code = {actor.code: actor for actor in actors}
        self._index: dict[str, dict[str, list[Actor]]] = {system: {} for system in SYSTEMS}
        for actor in self._by_code.values():
            for system, texts in _texts(actor).items():
                for text in dict.fromkeys(map(_normal, texts)):
                    self._index[system].setdefault(text, []).append(actor)
        self._spelling = {
            _normal(name): name
            for actor in self._by_code.values()
            for name in (*(one for one in actor.aliases if len(one) > 4), actor.name)
        }

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    @property
    def by_code(self) -> Mapping[str, Actor]:
        """The states by their key, in its order."""
        return MappingProxyType(self._by_code)

    def candidates(self, text: str, system: System = "name") -> tuple[Actor, ...]:
        """Return the states that a text may mean at one time or another.

        Parameters
        ----------
        text
            A name, compared without regard to case, white space and Unicode form, or a code.
        system
            What the text is: ``name``, ``iso2``, ``iso3``, ``cow`` or ``gw``.

        Raises
        ------
        StudyError
            If there is no such system.
        """
        if system not in SYSTEMS:
            raise StudyError(
                f"{system!r} is not a system of codes",
                expected=f"one of {', '.join(SYSTEMS)}",
                remedy="choose one of them",
            )
        return tuple(self._index[system].get(_normal(text), ()))

    def find(self, text: str, system: System = "name", *, on: date | None = None) -> Actor | None:
        """Return the state that a text means, or ``None`` where it is unknown.

        A day decides only between states that share the text: the one that existed then, else the
        nearest in time. Without a day it is the one that exists now, else the latest.
        """
        found = self.candidates(text, system)
        if not found:
            return None
        day = on or date.max
        return min(found, key=lambda actor: _days_off(actor, day))

    def suggest(self, text: str, n: int = 3, *, system: System = "name") -> tuple[str, ...]:
        """Return the ``n`` texts nearest in spelling, of different states, the nearest first."""
        index = self._index[system]
        # Abbreviations are near to everything.
        texts_of = self._spelling if system == "name" else index
        near = difflib.get_close_matches(_normal(text), texts_of, n=8 * n, cutoff=0.0)
        texts: dict[str, str] = {}
        for one in near:
            actor = index[one][0]
            shown = self._spelling[one] if system == "name" else f"{one.upper()} ({actor.name})"
            texts.setdefault(actor.code, shown)
        return tuple(texts.values())[:n]


@cache
def registry() -> Registry:
    """Return the registry of all states, read when first asked for."""
    return Registry(read_actors())


def _texts(actor: Actor) -> dict[str, tuple[str, ...]]:
    return {
        "name": (actor.name, *actor.aliases),
        "iso2": actor.iso2,
        "iso3": actor.iso3,
        "cow": tuple(map(str, actor.cow)),
        "gw": tuple(map(str, actor.gw)),
    }


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _days_off(actor: Actor, day: date) -> int:
    """Return how many days a day lies outside the life of a state."""
    if actor.start is not None and day < actor.start:
        return (actor.start - day).days
    if actor.end is not None and day > actor.end:
        return (day - actor.end).days
    return 0
