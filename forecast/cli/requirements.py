"""Tells which installed packages are too old, or missing, before an import of theirs fails."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from forecast.errors import ForecastError

DISTRIBUTION: Final = "alignment-forecast"


@dataclass(frozen=True)
class Installed:
    """A package that this one needs, with the version that is there."""

    name: str
    wanted: str
    found: str | None
    fits: bool

    @property
    def complaint(self) -> str:
        """Say what is needed and what is there: ``needs arviz >= 1.2, found 0.23.0``."""
        wanted = f" {self.wanted}" if self.wanted else ""
        return f"needs {self.name}{wanted}, found {self.found or 'none'}"


def installed() -> list[Installed]:
    """Return every package that this one needs at run time, with what is installed."""
    return [_look_up(requirement) for requirement in _required()]


def insist() -> None:
    """Refuse to go on where a package is missing or of the wrong version.

    Raises
    ------
    ForecastError
        Naming each such package, the version needed and the version found.
    """
    unfit = [package.complaint for package in installed() if not package.fits]
    if unfit:
        raise ForecastError(
            "; ".join(unfit),
            remedy="install again from requirements.lock (`make forecast` does), "
            "or see `forecast doctor`",
        )


def _required() -> list[Requirement]:
    try:
        texts = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        # A source tree that was never installed: what it needs stands in its project file.
        project = Path(__file__).parents[2] / "pyproject.toml"
        if not project.is_file():
            return []
        texts = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    parsed = [Requirement(text) for text in texts]
    return [
        requirement
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]


def _look_up(requirement: Requirement) -> Installed:
    # ">=1.2,<2" is shown as ">= 1.2, < 2", lower bound first.
    parts = sorted(requirement.specifier, key=lambda part: part.operator, reverse=True)
    wanted = ", ".join(f"{part.operator} {part.version}" for part in parts)
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return Installed(requirement.name, wanted, None, fits=False)
    fits = requirement.specifier.contains(found, prereleases=True)
    return Installed(requirement.name, wanted, found, fits)
