"""What other processes do to sign-offs in tests; importable by a process that starts afresh."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from forecast.runs import signing
from forecast.runs.signing import Request, sign_off
from forecast.study.load import load_study


def sign_again_and_again(study_directory: str, run: str, name: str, count: int) -> None:
    """Sign a run several times, as one of several processes."""
    study = load_study(Path(study_directory))
    for number in range(count):
        sign_off(study, Path(run), Request(by=f"{name} {number}"))


def sign_and_die(study_directory: str, run: str, step: str) -> None:
    """Sign a run, and be killed at a step of it."""

    def die(*_arguments: object, **_options: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def draw(_data: object, directory: Path) -> None:
        for name in signing.REPORTS:
            (directory / name).write_text("not to be seen", encoding="utf-8")

    # Drawing the real ones takes longer than all the rest.
    signing.write_reports = draw
    match step:
        case "drawing the report":
            signing.write_reports = die
        case "written, not yet on the disk":
            os.fsync = die
        case "before the renaming":
            Path.replace = die
        case "recorded, not yet told":
            record = signing.append_sign_off

            def record_and_die(*arguments: object) -> None:
                record(*arguments)
                die()

            signing.append_sign_off = record_and_die
    sign_off(load_study(Path(study_directory)), Path(run), Request(by="Killed"))
