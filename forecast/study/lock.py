"""One process at a time may write runs into a study."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import BusyError

_own = threading.local()


@contextmanager
def holding(study: Path) -> Iterator[None]:
    """Hold a study for writing while the block runs; in a block that holds it, do nothing.

    The operating system frees the lock when the process ends, however it ends, so a lock file
    that was left behind never blocks anybody.

    Raises
    ------
    BusyError
        If another process, or another thread, holds the study.
    """
    held: set[Path] = _own.__dict__.setdefault("held", set())
    place = study.resolve() / ".forecast"
    if place in held:
        yield
        return
    place.mkdir(exist_ok=True)
    with (place / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            raise BusyError(
                "another process holds the study" + (f" (process {holder})" if holder else ""),
                where=str(study),
                remedy="wait until it ends, or end it, and try again",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        held.add(place)
        try:
            yield
        finally:
            held.discard(place)
