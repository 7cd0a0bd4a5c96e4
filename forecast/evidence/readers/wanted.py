"""What a study wants from a file, and the account of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from forecast.actors import System, registry
from forecast.study.models import Study
from forecast.study.problems import Collector

if TYPE_CHECKING:
    import pandas as pd

OUTSIDE = "pair outside the study"
STATE_OUTSIDE = "state outside the study"
NOT_A_STATE = "not a state"
BLANK = "blank row"

#: Row of a file that the first row of a table stands on, below the header.
FIRST_ROW = 2


class Wanted:
    """Tells a reader which states a study is about, and takes down what it leaves out.

    Parameters
    ----------
    study
        The study whose actors are wanted.
    file
        Name of the file, for messages.
    names, not_states, actors
        As in a mapping: texts of this file with their registry codes, bodies that are no states,
        and registry codes with the study's codes.
    """

    def __init__(
        self,
        study: Study,
        file: str,
        *,
        names: dict[str, str] | None = None,
        not_states: Iterable[str] = (),
        actors: dict[str, str] | None = None,
    ) -> None:
        self._study = study
        self._names = names or {}
        self._not_states = frozenset(not_states)
        self._codes = {actor.code: actor.code for actor in registry()} | (actors or {})
        self._unknown: set[tuple[str, str]] = set()
        self._found: dict[tuple[str, str, date], str | None] = {}
        self._dyads = {(pair.supporter, pair.recipient) for pair in study.pairs}
        self.problems = Collector(file)
        self.skipped: Counter[str] = Counter()
        self.notes: list[str] = []

    def skip(self, reason: str, count: int = 1) -> None:
        """Take down that rows or values were left out."""
        if count:
            self.skipped[reason] += count

    def note(self, text: str) -> None:
        """Take down something that the user should know about the file."""
        if text not in self.notes:
            self.notes.append(text)

    def code(self, text: str, system: System, on: date) -> str | None:
        """Return the study's code of a state on a day; ``None`` if unknown or not in the study."""
        key = (text, system, on)
        if key not in self._found:
            self._found[key] = self._code(text, system, on)
        return self._found[key]

    def dyad(self, one: str, other: str, system: System, on: date) -> bool:
        """Whether the study has a pair of two states in either direction."""
        codes = self.code(one, system, on), self.code(other, system, on)
        return codes in self._dyads or codes[::-1] in self._dyads

    def same_state(self, one: str, other: str) -> bool:
        """Whether two names may mean one state; an unknown name means none."""
        codes = [
            {self._names[text]}
            if text in self._names
            else {actor.code for actor in registry().candidates(text)}
            for text in (one, other)
        ]
        return bool(codes[0] & codes[1])

    def _code(self, text: str, system: System, on: date) -> str | None:
        code = self._names.get(text)
        if code is None:
            actor = registry().find(text, system, on=on)
            code = actor.code if actor is not None else ""
        own = self._codes.get(code, code)
        return own if own in self._study.actors else None

    def is_state(self, text: str, system: System, *, row: int, field: str) -> bool:
        """Whether a text means a state; an unknown one is noted as an error, once."""
        if text in self._names or registry().candidates(text, system):
            return True
        if text not in self._not_states and (text, system) not in self._unknown:
            self._unknown.add((text, system))
            near = ", ".join(registry().suggest(text, system=system))
            self.problems.add(
                "unknown-state",
                f"unknown state {text!r}" + ("" if system == "name" else f" ({system} code)"),
                line=row,
                field=field,
                expected=f"the {system} of a state; the nearest are {near}",
                remedy="name it under [names] or not_states in a mapping of your own",
            )
        return False

    def keep(
        self, frame: pd.DataFrame, columns: Sequence[str], system: System = "name"
    ) -> pd.DataFrame:
        """Return the rows of which every state may be an actor of the study; count the others.

        Every text of the columns is looked up, so that an unknown state is noted even where
        its rows would not have been wanted.
        """
        frame = self.present(frame, columns)
        wanted: set[str] = set()
        states: set[str] = set()
        for column in columns:
            for index, text in frame[column].drop_duplicates().items():
                row = int(str(index)) + FIRST_ROW
                if self.is_state(text, system, row=row, field=column):
                    states.add(text)
                    if self._may_be_wanted(text, system):
                        wanted.add(text)
        cells = frame[list(columns)]
        named = cells.isin(states).all(axis=1)
        inside = cells.isin(wanted).all(axis=1)
        self.skip(NOT_A_STATE, int((~named).sum()))
        self.skip(OUTSIDE if len(columns) > 1 else STATE_OUTSIDE, int((named & ~inside).sum()))
        return frame[inside]

    def present(self, frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """Return the rows in which no cell of some columns is blank; count the others."""
        blank = (frame[list(columns)] == "").any(axis=1)
        self.skip(BLANK, int(blank.sum()))
        return frame[~blank]

    def _may_be_wanted(self, text: str, system: System) -> bool:
        codes = (
            [self._names[text]]
            if text in self._names
            else [actor.code for actor in registry().candidates(text, system)]
        )
        return any(self._codes.get(code, code) in self._study.actors for code in codes)
