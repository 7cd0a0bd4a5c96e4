"""The command line: thin, one module per group of commands, on top of ``forecast.api``."""

from __future__ import annotations

import logging
import sys
import warnings
from io import TextIOWrapper


def main() -> None:
    """Run the command line; the entry point of the script ``forecast``."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code, not a traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "--verbose" not in sys.argv:
        _quiet_libraries()
    # Ctrl-C may also come while the modules of the commands load.
    try:
        from forecast.cli.app import app

        app(prog_name="forecast")
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _quiet_libraries() -> None:
    """Keep libraries' remarks to programmers from users; their errors still come through."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # The parent logger's level is set anew when PyMC loads.
    logging.getLogger("pymc.sampling").setLevel(logging.WARNING)
