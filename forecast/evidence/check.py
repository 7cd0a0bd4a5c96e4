"""Checks a row of evidence against the study before it may enter the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from forecast.errors import EvidenceError, Problem
from forecast.evidence.record import Record, storable
from forecast.study.dates import PRECISIONS, parse_dated
from forecast.study.models import Indicator, Pair, Study
from forecast.study.problems import Cells, Collector, Row, parse_number
from forecast.study.references import Known, outside_life

BASES = ("exact", "month_end", "file_vintage")
ATTRIBUTIONS: tuple[Literal["state", "firm", "unknown"], ...] = ("state", "firm", "unknown")
RELIABILITIES = ("A", "B", "C", "D", "E", "F")
CREDIBILITIES = ("1", "2", "3", "4", "5", "6")


def check_record(row: Row, study: Study, *, file: str = "evidence.csv") -> list[Problem]:
    """Return everything that is wrong with one row of evidence."""
    out = Collector(file)
    read_record(row, study, out)
    return out.problems


def read_record(row: Row, study: Study, out: Collector) -> Record | None:
    """Return the record of a row, or ``None`` once everything wrong with it is noted in ``out``."""
    return Checker(study).read(row, out)


class Checker:
    """Checks rows of evidence against one study; make one and use it for all rows of a file.

    What was found sound once (a pair, a date, a value) is remembered, so that a long file costs
    little more than its reading.
    """

    def __init__(self, study: Study, *, today: date | None = None) -> None:
        """Check against a study; where ``today`` is told, nothing may be known later."""
        self._study = study
        self._today = today
        self._known = Known(
            actors=dict(study.actors),
            pairs=study.pairs,
            domains=study.domains,
            rungs=study.ladder.rungs,
            indicators=tuple(study.indicators),
        )
        # Of the others every date is sound if it is sound at all.
        self._mortal = {one.code for one in study.actors.values() if one.start or one.end}
        self._pairs = frozenset(study.pairs)
        self._sound: set[tuple[str, ...]] = set()
        self._numbers: dict[tuple[str, str], float] = {}

    def read(self, row: Row, out: Collector) -> Record | None:
        """Return the record of a row, or ``None`` once what is wrong with it is noted."""
        values = row.values
        texts = _check_texts(row, out)
        if texts and values["id"].strip() and values["source_name"].strip():
            number = self._numbers.get((values["indicator"], values["value"]))
            if number is not None and self._sound.issuperset(self._keys(values)):
                return Record.from_columns(values, number)
        cells = Cells(row, out)
        number = self._check(cells)
        if not (cells.ok and texts):
            return None
        if len(self._sound) > _REMEMBERED:
            self._sound.clear()
            self._numbers.clear()
        self._sound.update(self._keys(values))
        self._numbers[values["indicator"], values["value"]] = number
        return Record.from_columns(values, number)

    def _keys(self, values: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
        """Return the parts of a row that are sound or not whatever the rest of the row says."""
        sides = values["supporter"], values["recipient"]
        lives = [side if side in self._mortal else "" for side in sides]
        return (
            (*sides, values["indicator"], values["mutual"], values["attribution"]),
            ("dated", *lives, values["event_date"], values["date_precision"]),
            ("known", values["known_at"], values["known_at_basis"]),
            ("grade", values["source_reliability"], values["credibility"]),
        )

    def _check(self, cells: Cells) -> float:
        """Note everything that is wrong with a row's cells; return what its value means."""
        cells.required("id")
        cells.required("source_name")
        known = cells.known_at("known_at")
        if self._today is not None and known > self._today:
            cells.add(
                "future",
                f"{cells.text('known_at')} is yet to come",
                field="known_at",
                expected=f"{self._today} or earlier",
                remedy="correct the date; what will be known later is recorded then",
            )
        cells.choice("known_at_basis", BASES)
        cells.choice("source_reliability", RELIABILITIES)
        cells.choice("credibility", CREDIBILITIES)
        name = self._known.check(cells, "indicator", "indicator", cells.required("indicator"))
        indicator = self._study.indicators.get(name)
        _check_actors(cells, self._known)
        _check_dates(cells, self._study)
        if indicator is None:
            cells.flag("mutual")
            return 0.0
        _check_pair(cells, indicator, self._study, self._pairs)
        _check_attribution(cells, indicator)
        return cells.parsed("value", lambda text: parse_value(text, indicator), placeholder=0.0)


# Sound combinations remembered at most: far more than a study has, little memory.
_REMEMBERED = 200_000


def _check_texts(row: Row, out: Collector) -> bool:
    """Note text that no database and no file in UTF-8 can hold."""
    everything = "".join(row.values.values())
    if everything.isascii() and "\0" not in everything:
        return True
    sound = True
    for field, text in row.values.items():
        if not storable(text):
            sound = False
            out.add(
                "unstorable-text",
                "holds a zero byte" if "\0" in text else "holds half of a surrogate pair",
                line=row.line,
                field=field,
                expected="text that UTF-8 can hold",
                remedy="remove that character",
            )
    return sound


def parse_value(text: str, indicator: Indicator) -> float:
    """Return what a value means for an indicator of its kind.

    An ordinal's value is the name of a level or its number, counted from 0 at the lowest; a name
    is tried first.

    Raises
    ------
    EvidenceError
        If the value does not fit the kind, levels or range of the indicator.

    Examples
    --------
    >>> vote = Indicator(name="vote", domain="rhetorical", kind="ordinal", levels=("no", "yes"))
    >>> parse_value("yes", vote)
    1.0
    """
    if indicator.kind == "ordinal":
        return float(_level(text, indicator))
    number = parse_number(text)
    if indicator.kind == "binary" and number not in (0, 1):
        raise _refusal(text, indicator, "0 or 1")
    if indicator.kind == "count" and (number < 0 or number != int(number)):
        raise _refusal(text, indicator, "a whole number from 0 up")
    if indicator.kind == "continuous" and indicator.transform == "log" and number <= 0:
        raise _refusal(text, indicator, "a positive number, since its logarithm is taken")
    return number


def _level(text: str, indicator: Indicator) -> int:
    levels = indicator.levels
    if text in levels:
        return levels.index(text)
    if re.fullmatch(r"[0-9]+(\.0+)?", text) and float(text) < len(levels):
        return int(float(text))
    named = ", ".join(f"{index} {level}" for index, level in enumerate(levels))
    raise _refusal(text, indicator, f"one of the levels {named}")


def _refusal(text: str, indicator: Indicator, expected: str) -> EvidenceError:
    return EvidenceError(
        f"{text!r} is no value of the {indicator.kind} indicator {indicator.name!r}",
        expected=expected,
        remedy="correct the value, or code the record under another indicator",
    )


def _check_actors(cells: Cells, known: Known) -> None:
    supporter = known.check(cells, "supporter", "actor", cells.required("supporter"))
    recipient = known.check(cells, "recipient", "actor", cells.required("recipient"))
    if supporter == recipient and supporter.strip():
        cells.add(
            "self-pair",
            f"supporter and recipient are both {supporter!r}",
            field="recipient",
            expected="two different actors",
            remedy="correct one of the two",
        )


def _check_dates(cells: Cells, study: Study) -> None:
    """Note a wrong event date, and an actor that did not exist at any day it may mean."""
    precision = cells.choice("date_precision", tuple(PRECISIONS))
    if cells.text("date_precision") != precision:
        return
    event_date = cells.text("event_date")
    interval = cells.parsed(
        "event_date", lambda text: parse_dated(text, precision), placeholder=None
    )
    if interval is None:
        return
    first, last = interval
    for field in ("supporter", "recipient"):
        actor = study.actors.get(cells.text(field))
        reason = outside_life(actor, first, last) if actor is not None else ""
        if reason:
            cells.add(
                "actor-did-not-exist",
                f"{reason}, but the event is dated {event_date}",
                field=field,
                expected="an actor that existed at the time",
                remedy="use the successor's code, or correct the date",
            )


def _check_pair(cells: Cells, indicator: Indicator, study: Study, pairs: frozenset[Pair]) -> None:
    """Note a pair that the study does not have, and a mutual flag that is not the indicator's."""
    pair = Pair(cells.text("supporter"), cells.text("recipient"))
    needed = (pair, pair.reverse) if indicator.mutual else (pair,)
    absent = [one.label for one in needed if one not in pairs]
    both_known = pair.supporter in study.actors and pair.recipient in study.actors
    if absent and both_known and pair.supporter != pair.recipient:
        cells.add(
            "unknown-pair",
            f"{' and '.join(absent)} is not among the pairs of the study"
            + (f", which the mutual {indicator.name!r} needs" if indicator.mutual else ""),
            field="supporter",
            expected=f"one of {', '.join(one.label for one in study.pairs)}",
            remedy="correct the codes, or add the pair to study.toml",
        )
    flag = "1" if indicator.mutual else "0"
    if cells.text("mutual") != flag:
        cells.add(
            "mutual",
            f"{cells.text('mutual')!r} contradicts indicators.csv for {indicator.name!r}",
            field="mutual",
            expected=flag,
            remedy="correct the cell, or code the record under another indicator",
        )


def _check_attribution(cells: Cells, indicator: Indicator) -> None:
    """Note a missing attribution: only a report on the ladder must say state or firm."""
    if indicator.measures == "outcome" or cells.text("attribution"):
        cells.choice("attribution", ATTRIBUTIONS)
