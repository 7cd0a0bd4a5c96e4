"""The command line: thin, one module per group of commands, on top of ``forecast.api``."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line; the entry point of the script ``forecast``."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code, not a traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Ctrl-C may also come while the modules of the commands load.
    try:
        from forecast.cli.app import app

        app(prog_name="forecast")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
