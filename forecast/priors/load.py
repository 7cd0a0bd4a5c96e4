"""Load prior sets and merge them into the priors of one study.

A prior set is a TOML file ``format = "priors/1"`` with three kinds of content:
``[parameters.NAME]`` (a distribution), ``[constants]`` and ``[tables.NAME]``.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.errors import PriorError

Family = Literal["normal", "halfnormal", "lognormal"]
_NEEDS: dict[str, tuple[str, ...]] = {
    "normal": ("mu", "sigma"),
    "halfnormal": ("sigma",),
    "lognormal": ("median", "sigma"),
}


class Prior(BaseModel):
    """The prior of one parameter (of each of its elements, where it is a vector)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dist: Family
    mu: float | None = None
    sigma: float | None = Field(default=None, gt=0)
    median: float | None = Field(default=None, gt=0)
    unit: str = ""
    source: str

    def missing(self) -> tuple[str, ...]:
        """Name the numbers that the distribution needs and that are absent."""
        return tuple(name for name in _NEEDS[self.dist] if getattr(self, name) is None)

    def number(self, name: str) -> float:
        """Return one of the distribution's numbers.

        Raises
        ------
        PriorError
            If the number is not part of this prior.
        """
        value = getattr(self, name)
        if value is None:
            raise PriorError(f"a {self.dist} prior has no {name}", where=self.source)
        return float(value)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...] = ()) -> np.ndarray:
        """Draw from the prior."""
        if self.dist == "normal":
            return np.asarray(rng.normal(self.number("mu"), self.number("sigma"), shape))
        if self.dist == "halfnormal":
            return np.asarray(np.abs(rng.normal(0.0, self.number("sigma"), shape)))
        return np.asarray(
            self.number("median") * np.exp(rng.normal(0.0, self.number("sigma"), shape))
        )


class PriorSet(BaseModel):
    """One prior-set file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["priors/1"]
    id: str
    title: str
    made_on: str
    provenance: str
    parameters: dict[str, Prior] = Field(default_factory=dict)
    constants: dict[str, float] = Field(default_factory=dict)
    tables: dict[str, dict[str, float]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Priors:
    """The merged priors of a study.

    Parameters
    ----------
    sets : tuple of PriorSet
        In the study's order; names must not repeat.
    hashes : mapping of str to str
        SHA-256 of each set's file, for the manifest.
    """

    sets: tuple[PriorSet, ...]
    hashes: Mapping[str, str]

    def __getitem__(self, name: str) -> Prior:
        """Return the prior of a parameter.

        Raises
        ------
        PriorError
            If no set of the study has it.
        """
        for one in self.sets:
            if name in one.parameters:
                return one.parameters[name]
        raise self._absent("parameter", name)

    def __contains__(self, name: str) -> bool:
        """Say whether some set has a prior for the parameter."""
        return any(name in one.parameters for one in self.sets)

    def constant(self, name: str) -> float:
        """Return a fixed number; PriorError if no set has it."""
        for one in self.sets:
            if name in one.constants:
                return one.constants[name]
        raise self._absent("constant", name)

    def table(self, name: str) -> dict[str, float]:
        """Return a fixed table; PriorError if no set has it."""
        for one in self.sets:
            if name in one.tables:
                return dict(one.tables[name])
        raise self._absent("table", name)

    def _absent(self, what: str, name: str) -> PriorError:
        return PriorError(
            f"no {what} '{name}' in the prior sets {', '.join(s.id for s in self.sets)}",
            where="study.toml, priors",
            expected=f"a [{what}s.{name}] entry in one of them",
            remedy="add the prior set that has it, or the entry to yours",
        )


def _shipped_directory() -> Path:
    """Find the shipped prior sets: inside the package, or beside it in a source checkout."""
    packaged = Path(str(files("forecast"))) / "_priors"
    if packaged.is_dir():
        return packaged
    return Path(str(files("forecast"))).parent / "priors"


def shipped_prior_sets() -> dict[str, Path]:
    """List the prior sets that come with the package, by id."""
    return {path.stem: path for path in sorted(_shipped_directory().glob("*.toml"))}


def read_prior_set(path: Path) -> tuple[PriorSet, str]:
    """Read one prior set and the SHA-256 of its bytes.

    Raises
    ------
    PriorError
        If the file is not TOML, has unknown or missing entries, or a distribution lacks a number.
    """
    data = path.read_bytes()
    try:
        parsed = PriorSet.model_validate(tomllib.loads(data.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PriorError(
            f"not a TOML file: {error}", where=path.name, remedy="correct the line named"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PriorError(
            f"{field}: {first['msg']}", where=path.name, remedy="see docs/model.md, priors"
        ) from error
    for name, prior in parsed.parameters.items():
        if lacking := prior.missing():
            raise PriorError(
                f"parameter '{name}' lacks {', '.join(lacking)}",
                where=path.name,
                expected=f"{', '.join(_NEEDS[prior.dist])} for a {prior.dist}",
                remedy="add the number",
            )
    return parsed, hashlib.sha256(data).hexdigest()


def load_priors(names: Iterable[str], directory: Path | None = None) -> Priors:
    """Load the prior sets of a study.

    Parameters
    ----------
    names : iterable of str
        Ids of sets, looked up in the study's ``priors/`` folder, then among the shipped ones.
    directory : Path, optional
        The study's directory.

    Raises
    ------
    PriorError
        If a set is unknown or wrong, or two sets give the same name.
    """
    shipped = shipped_prior_sets()
    sets: list[PriorSet] = []
    hashes: dict[str, str] = {}
    for name in names:
        own = directory / "priors" / f"{name}.toml" if directory else None
        path = own if own is not None and own.is_file() else shipped.get(name)
        if path is None:
            raise PriorError(
                f"no prior set '{name}'",
                where="study.toml, priors",
                expected=f"one of {', '.join(shipped)}, or a file priors/{name}.toml in the study",
                remedy="correct the name",
            )
        loaded, digest = read_prior_set(path)
        sets.append(loaded)
        hashes[loaded.id] = digest
    _refuse_repeats(sets)
    return Priors(sets=tuple(sets), hashes=hashes)


def _refuse_repeats(sets: list[PriorSet]) -> None:
    seen: dict[str, str] = {}
    for one in sets:
        for name in (*one.parameters, *one.constants, *one.tables):
            if name in seen:
                raise PriorError(
                    f"'{name}' is given by both {seen[name]} and {one.id}",
                    where="study.toml, priors",
                    remedy="keep it in one prior set",
                )
            seen[name] = one.id
