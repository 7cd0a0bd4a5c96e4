"""Write requirements.lock and requirements-dev.lock from pyproject.toml.

One file serves every supported Python on Linux, x86_64 and aarch64 alike: the requirements are
resolved once for each Python, must agree on every version, and are joined. Hashes cover all files
of a release, so that the architecture does not matter.

Usage: python tools/lock.py [--upgrade]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PYTHONS = ("3.13", "3.12")
ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
HEADER = "# Made by `make lock` from pyproject.toml for Python {pythons}; do not edit.\n"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


@dataclass(frozen=True)
class Pin:
    """One locked package: its version, its hashes and who asked for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]


def main(arguments: list[str]) -> int:
    """Resolve both files for every Python and write them."""
    upgrade = "--upgrade" in arguments
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        tools = {python: _make_tools(python, work) for python in PYTHONS}
        runtime = _lock(tools, work, extras=(), known=None if upgrade else RUNTIME)
        _write(RUNTIME, runtime)
        # The development lock repeats the runtime's versions, so one environment fits both.
        _write(DEVELOPMENT, _lock(tools, work, extras=("test", "dev"), known=RUNTIME))
    return 0


def _make_tools(python: str, work: Path) -> Path:
    """Return a pip-compile that runs on the given Python."""
    interpreter = _find(python)
    place = work / f"tools-{python}"
    subprocess.run([interpreter, "-m", "venv", place], check=True)
    subprocess.run([place / "bin" / "pip", "install", "--quiet", "pip-tools"], check=True)
    return place / "bin" / "pip-compile"


def _find(python: str) -> str:
    """Return the path of a Python of this version, or exit with what to install."""
    for command in (f"python{python}", "python3"):
        found = subprocess.run(
            [command, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYENV_VERSION": python},
            check=False,
        ).stdout.split()
        if found and found[0] == python:
            return found[1]
    sys.exit(f"tools/lock.py needs Python {python}; install it, or `pyenv install {python}`")


def _lock(
    tools: dict[str, Path], work: Path, *, extras: tuple[str, ...], known: Path | None
) -> dict[str, dict[str, Pin]]:
    """Return the pins for each Python; later Pythons are held to the versions of the first."""
    pins: dict[str, dict[str, Pin]] = {}
    held = _read(known.read_text()) if known is not None and known.exists() else {}
    for python, compiler in tools.items():
        for found in pins.values():
            held = {**held, **found}
        constraints = work / "constraints.txt"
        constraints.write_text("".join(f"{p.name}=={p.version}\n" for p in held.values()))
        output = work / f"{python}.txt"
        command = [compiler, "pyproject.toml", "--output-file", output, "--constraint", constraints]
        command += [part for extra in extras for part in ("--extra", extra)]
        command += ["--build-deps-for", "editable", "--generate-hashes", "--allow-unsafe"]
        command += ["--strip-extras", "--no-header", "--no-emit-options", "--quiet", "--no-config"]
        subprocess.run(command, cwd=ROOT, check=True)
        pins[python] = _read(output.read_text())
    return pins


def _read(text: str) -> dict[str, Pin]:
    """Return the pins of a lock by package name."""
    pins = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if match := PIN.match(block):
            comments = re.findall(r"^    #(?:   | via )(\S.*)$", block, flags=re.MULTILINE)
            via = tuple(comment for comment in comments if not comment.startswith("-c "))
            hashes = tuple(re.findall(r"--hash=(\S+)", block))
            pins[match[1]] = Pin(match[1], match[2], hashes, via)
    return pins


def _write(file: Path, pins: dict[str, dict[str, Pin]]) -> None:
    """Join the pins of all Pythons into one file, with a marker where only some need a package."""
    names = sorted({name for found in pins.values() for name in found})
    lines = [HEADER.format(pythons=" and ".join(PYTHONS))]
    for name in names:
        having = {python: found[name] for python, found in pins.items() if name in found}
        versions = {pin.version for pin in having.values()}
        if len(versions) > 1:
            sys.exit(f"{name}: no one version fits every Python ({', '.join(sorted(versions))})")
        marker = ""
        if len(having) < len(pins):
            wanted = " or ".join(f"python_version == '{python}'" for python in having)
            marker = f" ; {wanted}"
        hashes = sorted({h for pin in having.values() for h in pin.hashes})
        pin_lines = [f"{name}=={versions.pop()}{marker}", *(f"    --hash={h}" for h in hashes)]
        lines.append(" \\\n".join(pin_lines) + "\n")
        via = sorted({asker for pin in having.values() for asker in pin.via})
        lines.append(f"    # via {', '.join(via)}\n")
    file.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
