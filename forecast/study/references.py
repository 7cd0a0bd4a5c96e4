"""What the names in a study's tables may refer to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from forecast.study.models import Actor, Pair
from forecast.study.problems import Cells

What = Literal["domain", "rung", "actor", "pair", "indicator", "question"]


@dataclass(frozen=True)
class Known:
    """The names that exist; a kind of name in ``unclear`` could not be read and is not judged."""

    actors: dict[str, Actor]
    pairs: tuple[Pair, ...]
    domains: tuple[str, ...]
    rungs: tuple[str, ...]
    indicators: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    unclear: frozenset[What] = frozenset()

    def knows(self, what: What) -> bool:
        """Whether names of this kind can be judged."""
        return what not in self.unclear

    def having(
        self, what: Literal["indicator", "question"], names: tuple[str, ...] | None
    ) -> Known:
        """Return this with the names of a table; ``None`` where it could not be read whole."""
        if names is None:
            return replace(self, unclear=self.unclear | {what})
        if what == "indicator":
            return replace(self, indicators=names)
        return replace(self, questions=names)

    def names(self, what: What) -> tuple[str, ...]:
        """Return the names of one kind."""
        match what:
            case "domain":
                return self.domains
            case "rung":
                return self.rungs
            case "actor":
                return tuple(self.actors)
            case "pair":
                return tuple(pair.label for pair in self.pairs)
            case "indicator":
                return self.indicators
            case "question":
                return self.questions

    def check(self, cells: Cells, field: str, what: What, name: str) -> str:
        """Return a name, noting it as a problem of its cell where it does not exist."""
        if self.knows(what) and name.strip() and name not in self.names(what):
            cells.add(
                f"unknown-{what}",
                f"unknown {what} {name!r}",
                field=field,
                expected=f"one of {', '.join(self.names(what)) or 'none: the study has no such'}",
                remedy=f"correct the name, or add the {what} to the study",
            )
        return name

    def pair(self, cells: Cells, field: str) -> Pair:
        """Return the pair of a cell, which must be one of the study's."""
        pair = cells.parsed(field, Pair.parse, placeholder=Pair("", ""))
        self.check(cells, field, "pair", pair.label if pair.supporter else "")
        return pair


def outside_life(actor: Actor, first: date, last: date) -> str:
    """Say how days fall outside an actor's existence altogether; empty where they do not."""
    if actor.end is not None and first > actor.end:
        return f"{actor.code} ended on {actor.end}"
    if actor.start is not None and last < actor.start:
        return f"{actor.code} began on {actor.start}"
    return ""
