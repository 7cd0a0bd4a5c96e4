"""``forecast doctor``: whether this machine can run the forecasts, and what to do where not."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from forecast import __version__
from forecast.cli import requirements
from forecast.cli.caches import writable
from forecast.cli.codes import INPUT_WRONG
from forecast.cli.console import show, show_json, table
from forecast.cli.options import JsonOption


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do if that is a fault."""

    name: str
    status: Literal["ok", "note", "fault"]
    found: str
    remedy: str = ""


def doctor(json: JsonOption = False) -> None:
    """Check versions, packages, cores, the compiler-free sampling path and writable folders.

    Exits with 1 where something keeps forecasts from being made.

    \b
    Examples:
      forecast doctor
      forecast doctor --json
    """
    findings = list(examine())
    faults = [finding for finding in findings if finding.status == "fault"]
    if json:
        show_json({"ok": not faults, "findings": [asdict(finding) for finding in findings]})
    else:
        show(table(("what", "status", "found"), [(f.name, f.status, f.found) for f in findings]))
        for finding in findings:
            if finding.remedy:
                show(f"{finding.name}: {finding.remedy}")
        show("No fault was found." if not faults else f"Faults: {len(faults)}.")
    if faults:
        raise typer.Exit(INPUT_WRONG)


def examine() -> Iterator[Finding]:
    """Look at everything that forecasts depend on, one finding after another."""
    yield Finding("forecast", "ok", __version__)
    yield _python()
    yield Finding("platform", "ok", f"{platform.system()} {platform.machine()}")
    yield _cores()
    packages = requirements.installed()
    yield from map(_package, packages)
    if all(package.fits for package in packages if package.name == "jax"):
        yield _jax()
    yield _compiler()
    yield _home()
    yield _scratch()
    yield _studies()


def _python() -> Finding:
    found = f"{platform.python_version()}, {platform.python_implementation()}"
    return Finding("python", "ok", found)


def _cores() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if (usable or 1) < 2:
        return Finding(
            "cores", "note", str(usable), "chains run one after another; two cores halve the time"
        )
    return Finding("cores", "ok", str(usable))


def _package(package: requirements.Installed) -> Finding:
    if package.fits:
        return Finding(package.name, "ok", str(package.found))
    return Finding(
        package.name,
        "fault",
        package.found or "missing",
        f"{package.complaint}; install again from requirements.lock",
    )


def _jax() -> Finding:
    """Run one compiled addition: an import alone says little."""
    try:
        import jax

        answer = float(jax.jit(lambda x: x + 1.0)(1.0))
        device = jax.devices()[0]
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        return Finding("jax runs", "fault", str(error), "install jax and jaxlib of one release")
    if answer != 2.0:
        return Finding("jax runs", "fault", f"1 + 1 gave {answer}", "install jax again")
    return Finding("jax runs", "ok", f"on {device.platform}")


def _compiler() -> Finding:
    found = shutil.which("g++") or shutil.which("clang++")
    if found is None:
        return Finding("C++ compiler", "ok", "none; not needed, models compile through JAX")
    return Finding("C++ compiler", "ok", "present; not needed")


def _home() -> Finding:
    """Note a read-only home: no fault, as the product writes into studies and scratch space."""
    home = Path.home()
    if writable(home):
        return Finding("home", "ok", "writable")
    return Finding(
        "home",
        "note",
        "read-only",
        "caches go to the temporary folder instead; each first use takes longer",
    )


def _scratch() -> Finding:
    scratch = tempfile.gettempdir()
    if writable(Path(scratch)):
        return Finding("temporary folder", "ok", "writable")
    return Finding("temporary folder", "fault", "read-only", "set TMPDIR to a writable folder")


def _studies() -> Finding:
    from forecast import studies

    return Finding("shipped studies", "ok", ", ".join(studies.shipped()))
