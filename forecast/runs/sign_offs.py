"""The file of sign-offs of a study, ``.forecast/sign-offs.jsonl``: read, proved, appended to.

One canonical JSON object a line (sorted keys, no spaces, UTF-8)::

    {"adjustments": [{"adjusted", "model", "question"}, ...], "by", "forecasts",
     "format": "sign-off/1", "hash", "number", "previous", "run", "signed_at", "why"}

``forecasts`` is the SHA-256 of the bytes of the run's forecasts.json, ``hash`` that of the line's
object without ``hash``, ``previous`` the ``hash`` of the line before (of the first line, the
SHA-256 of ``sign-offs/1``). Lines are only ever added. The file is written anew beside itself and
renamed, so that a process that is killed leaves the old file or the new one and never part of a
line. What the file alone cannot show is that its last lines were cut off: keep the newest hash
elsewhere.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from forecast.errors import BusyError, IntegrityError
from forecast.evidence.record import canonical_json, sha256
from forecast.report import SignOff
from forecast.report.sign_offs import FORMAT

FILE: Final = "sign-offs.jsonl"
GENESIS: Final = sha256("sign-offs/1")
# Writing a sign-off takes a second or two, most of it the drawing of the report.
PATIENCE: Final = 60.0
_RESTORE: Final = "restore a backup of the file; the lines before it are sound"


def sign_offs_path(study_directory: Path) -> Path:
    """Return where the sign-offs of a study are."""
    return study_directory / ".forecast" / FILE


@contextmanager
def holding_sign_offs(study_directory: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the sign-offs of a study, and the reports that show them, while the block runs.

    Other holders are waited for; the operating system frees the lock of a process that ends.

    Raises
    ------
    BusyError
        If the wait, in seconds, is over.
    """
    place = study_directory / ".forecast"
    place.mkdir(exist_ok=True)
    until = time.monotonic() + patience
    with (place / "sign-offs.lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise BusyError(
                        "another process holds the sign-offs",
                        where=str(study_directory),
                        remedy="wait until it ends, or end it, and try again",
                    ) from None
                time.sleep(0.02)
        yield


def read_sign_offs(study_directory: Path, run: str | None = None) -> tuple[SignOff, ...]:
    """Return the sign-offs of a study in order, all of them or those of one run.

    Raises
    ------
    IntegrityError
        Naming the first line that is not what was written.
    """
    path = sign_offs_path(study_directory)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    found: list[SignOff] = []
    for number, line in enumerate(lines[:-1], start=1):
        previous = found[-1].hash if found else GENESIS
        found.append(_read(path, number, line, previous))
    if lines[-1]:
        raise _broken(
            path,
            len(lines),
            "it has no end, so that part of it may be missing",
            remedy="restore a backup of the file, or remove this line if whoever signed was never "
            "told that it is recorded",
        )
    return tuple(one for one in found if run is None or one.run == run)


def sign_offs_to_show(study_directory: Path, run: str) -> tuple[tuple[SignOff, ...], str]:
    """Return the sign-offs of a run, or why they cannot be told: no report fails for that."""
    try:
        return read_sign_offs(study_directory, run), ""
    except IntegrityError as error:
        return (), error.what


def chained(content: SignOff, before: tuple[SignOff, ...]) -> SignOff:
    """Return a sign-off with its number and its hashes, as the next one after others."""
    previous = before[-1].hash if before else GENESIS
    numbered = replace(content, number=len(before) + 1, previous=previous)
    return replace(numbered, hash=_hash(numbered.as_dict()))


def append_sign_off(study_directory: Path, signed: SignOff) -> None:
    """Add a sign-off to the file, which must be held; on return it is on the disk.

    Raises
    ------
    IntegrityError
        If it does not follow what the file holds.
    """
    path = sign_offs_path(study_directory)
    before = read_sign_offs(study_directory)
    if signed != chained(signed, before):
        raise _broken(path, len(before) + 1, "it would not follow the line before it")
    content = path.read_bytes() if before else b""
    # Whoever holds the file is alone: what a killed process left of a draft is written over.
    draft = path.with_name(f".{FILE}.draft")
    with draft.open("wb") as file:
        file.write(content + canonical_json(signed.as_dict()).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if before:
        shutil.copymode(path, draft)
    draft.replace(path)
    # Without this a power cut may undo the renaming.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(content: dict[str, Any]) -> str:
    return sha256(canonical_json({name: content[name] for name in content if name != "hash"}))


def _read(path: Path, number: int, line: bytes, previous: str) -> SignOff:
    try:
        content = json.loads(line)
        signed = SignOff.from_dict(content)
        canonical = canonical_json(content).encode() == line and content["format"] == FORMAT
        right_hash = _hash(content) == signed.hash
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(path, number, "it is not a sign-off, or only part of one") from error
    if not (canonical and right_hash):
        raise _broken(path, number, "it does not match its hash")
    if (signed.number, signed.previous) != (number, previous):
        raise _broken(path, number, "it does not follow the line before it")
    return signed


def _broken(path: Path, number: int, what: str, *, remedy: str = _RESTORE) -> IntegrityError:
    return IntegrityError(
        f"the sign-offs are broken at line {number}: {what}",
        where=str(path),
        expected="an unbroken chain of hashes",
        remedy=remedy,
    )
