"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

from forecast.errors import BusyError, FitError, ForecastError

DONE: Final = 0
INPUT_WRONG: Final = 1
USAGE: Final = 2
NOT_PUBLISHABLE: Final = 3
BUSY: Final = 4
INTERRUPTED: Final = 130


def code_of(error: ForecastError) -> int:
    """Return the exit code that an error of this package ends a command with."""
    if isinstance(error, BusyError):
        return BUSY
    if isinstance(error, FitError):
        return NOT_PUBLISHABLE
    return INPUT_WRONG
