"""Gathers what is wrong with a file while reading goes on, so that all of it is told at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from forecast.errors import ForecastError, Problem, Severity, StudyError
from forecast.study.dates import parse_day, parse_known_at


@dataclass
class Collector:
    """The problems found so far in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        name: str,
        what: str,
        *,
        line: int | None = None,
        field: str = "",
        expected: str = "",
        remedy: str = "",
        severity: Severity = "error",
    ) -> None:
        """Note one problem and carry on."""
        self.problems.append(
            Problem(
                severity=severity,
                name=name,
                file=self.file,
                line=line,
                field=field,
                what=what,
                expected=expected,
                remedy=remedy,
            )
        )

    @property
    def errors(self) -> int:
        """How many errors, warnings apart, were noted."""
        return sum(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True)
class Row:
    """One row of a CSV file: its cells by column, all text, and the line that it begins on."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]


class Cells:
    """Reads the cells of one row; a bad cell is noted, and the reading of the others goes on.

    A reader of a bad cell returns a placeholder of the right type: use the values only where
    ``ok`` says that the whole row could be read.
    """

    def __init__(self, row: Row, out: Collector) -> None:
        self._row = row
        self._out = out
        self._errors_before = out.errors

    @property
    def line(self) -> int:
        """The line of the file that the row begins on."""
        return self._row.line

    @property
    def ok(self) -> bool:
        """Whether no error was noted since this row's reading began."""
        return self._out.errors == self._errors_before

    def add(
        self, name: str, what: str, *, field: str = "", expected: str = "", remedy: str = ""
    ) -> None:
        """Note an error of this row."""
        self._out.add(name, what, line=self.line, field=field, expected=expected, remedy=remedy)

    def warn(
        self, name: str, what: str, *, field: str = "", expected: str = "", remedy: str = ""
    ) -> None:
        """Note a warning about this row."""
        self._out.add(
            name,
            what,
            line=self.line,
            field=field,
            expected=expected,
            remedy=remedy,
            severity="warning",
        )

    def text(self, field: str) -> str:
        """Return a cell as it stands, possibly empty."""
        return self._row[field]

    def required(self, field: str) -> str:
        """Return a cell that must not be empty."""
        text = self._row[field]
        if not text.strip():
            self.add("empty", "is empty", field=field, expected="a value", remedy="fill it in")
        return text

    def choice[Text: str](self, field: str, options: Collection[Text]) -> Text:
        """Return a cell that must be one of the options."""
        text = self._row[field]
        for option in options:
            if text == option:
                return option
        self.add(
            "not-an-option",
            f"{text!r} is not allowed",
            field=field,
            expected=f"one of {', '.join(options)}",
            remedy="choose one of them",
        )
        return next(iter(options))

    def parsed[Value](
        self, field: str, parse: Callable[[str], Value], *, placeholder: Value
    ) -> Value:
        """Return what ``parse`` makes of a cell; its refusal becomes a problem of this cell."""
        try:
            return parse(self._row[field])
        except ForecastError as error:
            self.add(
                "unreadable",
                error.what,
                field=field,
                expected=error.expected,
                remedy=error.remedy,
            )
            return placeholder

    def day(self, field: str) -> date:
        """Return the day in a cell."""
        return self.parsed(field, parse_day, placeholder=date.min)

    def optional_day(self, field: str) -> date | None:
        """Return the day in a cell, ``None`` where it is empty."""
        return self.day(field) if self._row[field].strip() else None

    def known_at(self, field: str) -> date:
        """Return the day by whose end something was known."""
        return self.parsed(field, parse_known_at, placeholder=date.min)

    def flag(self, field: str, *, default: bool | None = None) -> bool:
        """Return a 0/1 cell as a truth value."""
        text = self._row[field]
        if text == "" and default is not None:
            return default
        if text not in ("0", "1"):
            self.add(
                "not-a-flag",
                f"{text!r} is not 0 or 1",
                field=field,
                expected="0 or 1",
                remedy="write 1 for yes and 0 for no",
            )
        return text == "1"

    def number(self, field: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """Return a finite number within bounds."""
        value = self.parsed(field, parse_number, placeholder=math.nan)
        if not math.isnan(value) and not low <= value <= high:
            self.add(
                "out-of-range",
                f"{self._row[field]} is out of range",
                field=field,
                expected=f"a number from {low:g} to {high:g}",
                remedy="check the value",
            )
        return value


def parse_number(text: str) -> float:
    """Return the finite number that a text writes in plain or scientific notation.

    Raises
    ------
    StudyError
        On anything else: thousands separators, ``NaN``, ``inf``, blanks.
    """
    if "," in text and re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        raise StudyError(
            f"{text!r} has a thousands separator",
            expected="a plain number",
            remedy=f"write {text.replace(',', '')}",
        )
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        number = float(text)
        if math.isfinite(number):
            return number
    raise StudyError(
        f"{text!r} is not a finite number",
        expected="a plain number such as 228.1",
        remedy="write digits with a point, no unit and no separator",
    )
