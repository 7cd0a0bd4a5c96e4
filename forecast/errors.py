"""The one tree of errors: each says what was wrong, where, what was expected, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


class ForecastError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    what
        What was wrong, with the offending value.
    where
        File, line and field, or the name of the thing concerned.
    expected
        What would have been right.
    remedy
        What to do next.
    """

    def __init__(self, what: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.what} ({self.where})" if self.where else self.what
        if self.expected:
            text += f". Expected {self.expected}"
        if self.remedy:
            text += f". Remedy: {self.remedy}"
        return text


class StudyError(ForecastError, ValueError):
    """A study directory or a value in it is wrong. Mend the file that the message names."""


class EvidenceError(ForecastError, ValueError):
    """An evidence record is wrong or contradicts one that is held. Nothing was written."""


class LedgerError(ForecastError, RuntimeError):
    """The ledger could not be opened, read or written. What it held before is untouched."""


class IntegrityError(LedgerError):
    """The hash chain of the ledger or of sign-offs is broken. The message names the first link."""


class PriorError(ForecastError, ValueError):
    """A prior set is missing or wrong. Mend the TOML file that the message names."""


class QuestionError(ForecastError, ValueError):
    """An event or a question cannot be read. The message names the position."""


class ModelError(ForecastError, ValueError):
    """The model cannot be built from this study and panel."""


class FitError(ForecastError, RuntimeError):
    """Sampling did not produce a usable posterior."""


class RunError(ForecastError, LookupError):
    """A run, a forecast or a file of a run does not exist or cannot be read."""


class BusyError(ForecastError, RuntimeError):
    """Another process holds the study. Wait for it, or end it, and try again."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input file, with the place and the remedy.

    ``name`` is a short stable word for the kind of problem (``unknown-indicator``), for programs;
    ``line`` counts from 1 and is ``None`` where a file has no such line.
    """

    severity: Severity
    name: str
    file: str
    line: int | None
    field: str
    what: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        if self.field:
            place += f" [{self.field}]"
        text = f"{place} {self.what}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.remedy:
            text += f"; {self.remedy}"
        return f"warning: {text}" if self.severity == "warning" else text


class ProblemsError(ForecastError, ValueError):
    """One or more input files are wrong. All problems are listed, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = sum(problem.severity == "error" for problem in self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} found")

    def __str__(self) -> str:
        return "\n".join([f"{self.what}:", *map(str, self.problems)])
