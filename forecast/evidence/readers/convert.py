"""Makes a row of evidence out of an observation, as the mapping says and the study needs it."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

from forecast.errors import StudyError
from forecast.evidence.readers.mapping import ReaderMapping, Variable
from forecast.evidence.readers.observation import Observation
from forecast.evidence.readers.wanted import OUTSIDE, Wanted
from forecast.study.dates import parse_dated
from forecast.study.models import Indicator, Pair, Study
from forecast.study.problems import Row
from forecast.study.references import outside_life


class Converter:
    """Makes a row of evidence out of one observation, or says why not."""

    def __init__(
        self, name: str, study: Study, mapping: ReaderMapping, wanted: Wanted, given: date | None
    ) -> None:
        self._name = name
        self._study = study
        self._mapping = mapping
        self._wanted = wanted
        self._given = given
        self._pairs = frozenset(study.pairs)
        self._clashes: set[str] = set()

    def row(self, observation: Observation) -> Row | None:
        """Return the row of an observation; ``None`` once the reason is taken down."""
        variable = self._mapping.variables.get(observation.variable)
        if variable is None:
            self._wanted.skip(f"variable without a mapping: {observation.variable}")
            return None
        pair = self._pair(observation, variable)
        if pair is None:
            return None
        indicator = self._study.indicators.get(variable.indicator)
        if indicator is None:
            self._wanted.skip(f"indicator not in the study: {variable.indicator}")
            return None
        if indicator.mutual != variable.mutual:
            self._note_clash(observation.variable, variable, indicator)
            return None
        value = self._value(observation, variable)
        if value is None:
            return None
        return Row(observation.row, self._cells(observation, variable, indicator, pair, value))

    def _pair(self, observation: Observation, variable: Variable) -> Pair | None:
        try:
            first, last = interval(observation.event_date, observation.date_precision)
        except StudyError as error:
            self._problem(observation, error.what, error.expected)
            return None
        found = [
            self._wanted.code(text, observation.system, first)
            for text in (observation.supporter, observation.recipient)
        ]
        supporter, recipient = found
        if supporter is None or recipient is None or supporter == recipient:
            self._wanted.skip(OUTSIDE)
            return None
        pair = Pair(supporter, recipient)
        if variable.mutual:
            pair = Pair(*sorted((supporter, recipient)))
        needed = {pair, pair.reverse} if variable.mutual else {pair}
        if not needed <= self._pairs:
            self._wanted.skip(
                "pair without its reverse in the study, which a mutual indicator needs"
                if variable.mutual and needed & self._pairs
                else OUTSIDE
            )
            return None
        if any(outside_life(self._study.actors[code], first, last) for code in found if code):
            self._wanted.skip("state did not exist at the time")
            return None
        return pair

    def _value(self, observation: Observation, variable: Variable) -> str | None:
        value = observation.value
        if isinstance(value, str) and variable.value == "text" and value:
            return value
        try:
            number = float(value) if value != "" else math.nan
        except ValueError:
            self._problem(observation, f"{value!r} is not a number", "a number")
            return None
        if not math.isfinite(number):
            self._wanted.skip("blank value")
            return None
        if variable.value == "flag":
            return "1" if number > 0 else "0"
        if variable.value == "positive" and number <= 0:
            self._wanted.skip("zero or less, of which there is no logarithm")
            return None
        if variable.value == "count" and (number < 0 or number != int(number)):
            self._problem(observation, f"{value!r} is not a count", "a whole number from 0 up")
            return None
        return plain(number * variable.factor, variable.decimals)

    def _cells(
        self,
        observation: Observation,
        variable: Variable,
        indicator: Indicator,
        pair: Pair,
        value: str,
    ) -> dict[str, str]:
        mapping = self._mapping
        return {
            "id": f"{self._name}:{observation.key}:{observation.variable}",
            "event_date": observation.event_date,
            "date_precision": observation.date_precision,
            **self._known(observation),
            "supporter": pair.supporter,
            "recipient": pair.recipient,
            "mutual": str(int(variable.mutual)),
            "indicator": indicator.name,
            "value": value,
            "attribution": variable.attribution,
            "theatre": indicator.theatre,
            "source_name": mapping.source_name,
            "source_url_or_doc": f"{mapping.document}, {observation.key}",
            "source_reliability": mapping.grade.reliability,
            "credibility": mapping.grade.credibility,
            "cluster": observation.cluster,
            "note": observation.note,
        }

    def _known(self, observation: Observation) -> dict[str, str]:
        """Return when the row became known: as the user says, else the file, else the mapping."""
        if self._given is not None:
            return {"known_at": self._given.isoformat(), "known_at_basis": "file_vintage"}
        return {
            "known_at": observation.known_at or self._mapping.known_at.isoformat(),
            "known_at_basis": observation.known_at_basis or self._mapping.known_at_basis,
        }

    def _problem(self, observation: Observation, what: str, expected: str) -> None:
        self._wanted.problems.add(
            "unreadable",
            what,
            line=observation.row,
            field=observation.variable,
            expected=expected,
            remedy="correct the file, or choose another rule in a mapping of your own",
        )

    def _note_clash(self, name: str, variable: Variable, indicator: Indicator) -> None:
        self._wanted.skip(f"mutual in one place, directed in the other: {indicator.name}")
        if name not in self._clashes:
            self._clashes.add(name)
            self._wanted.problems.add(
                "mutual",
                f"variable {name!r} is {_direction(variable.mutual)}, but the study's indicator "
                f"{indicator.name!r} is {_direction(indicator.mutual)}",
                field=name,
                expected="the same in the mapping and in indicators.csv",
                remedy="map the variable to another indicator in a mapping of your own",
            )


def plain(number: float, decimals: int) -> str:
    """Return a number as a person writes it: rounded, without idle zeros or an exponent.

    Examples
    --------
    >>> plain(162.0, 3), plain(-0.00004, 3), plain(0.25, 6)
    ('162', '0', '0.25')
    """
    text = f"{number:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _direction(mutual: bool) -> str:
    return "mutual" if mutual else "directed"


@lru_cache(maxsize=4096)
def interval(event_date: str, precision: str) -> tuple[date, date]:
    """Return the first and the last day that a date may mean."""
    return parse_dated(event_date, precision)
