"""Reads a mapping: which indicator each variable of a public file goes to, and how.

A user's own mapping has the same form as the shipped ones; ``show_mapping`` prints one to start
from.
"""

from __future__ import annotations

import csv
import difflib
import io
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from forecast.actors import registry
from forecast.errors import EvidenceError, ForecastError
from forecast.evidence.readers.catalogue import check_format
from forecast.study.dates import parse_known_at

#: How a file's value becomes a record's: ``number`` and ``positive`` scale and round it, the second
#: leaving out what a logarithm cannot take; ``flag`` is 1 above zero, else 0; ``count`` must be a
#: whole number; ``text`` is taken as it stands.
Rule = Literal["number", "positive", "flag", "count", "text"]

#: Columns of ``indicators.csv`` in its order.
INDICATOR_COLUMNS = (
    *("indicator", "domain", "kind", "levels", "unit", "polarity", "mutual", "cost", "measures"),
    *("theatre", "definition", "transform", "location", "scale", "lagged", "reference"),
    "loading_prior_only",
)


def _known_at(value: object) -> object:
    text = value.isoformat() if isinstance(value, date) else value
    try:
        return parse_known_at(text) if isinstance(text, str) else text
    except ForecastError as error:
        raise ValueError(str(error)) from error


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grade(_Strict):
    """The Admiralty grade that every row of the file gets, and why."""

    reliability: Literal["A", "B", "C", "D", "E", "F"]
    credibility: Literal["1", "2", "3", "4", "5", "6"]
    reason: str


class Variable(_Strict):
    """Where one variable of the file goes.

    ``columns`` are the cells of ``indicators.csv`` that suit the indicator, for a study that has
    none of that name yet.
    """

    indicator: str = Field(min_length=1)
    value: Rule = "number"
    factor: float = 1.0
    decimals: int = Field(default=6, ge=0, le=12)
    mutual: bool = False
    attribution: Literal["", "state", "firm", "unknown"] = ""
    columns: dict[str, str] = {}


class ReaderMapping(_Strict):
    """A whole mapping file.

    ``names`` gives registry codes for texts that only this file uses; ``not_states`` lists bodies
    in it that are no states; ``actors`` gives the study's codes where they are not those of the
    registry, such as ``SUN = "RUS"``.
    """

    format: Literal["mapping/1"]
    reader: str
    title: str
    source_name: str = Field(min_length=1)
    document: str = Field(min_length=1)
    known_at: Annotated[date, BeforeValidator(_known_at)]
    known_at_basis: Literal["exact", "month_end", "file_vintage"] = "file_vintage"
    known_at_reason: str
    licence: str
    citation: str
    coverage: str
    grade: Grade
    names: dict[str, str] = {}
    not_states: tuple[str, ...] = ()
    actors: dict[str, str] = {}
    variables: dict[str, Variable]


def load_mapping(name: str, file: Path | None = None) -> ReaderMapping:
    """Return the mapping of a format: the user's where a file is given, else the shipped one.

    Raises
    ------
    EvidenceError
        If the file is missing, is no mapping of this format, or names unknown variables.
    """
    check_format(name)
    shipped = _parse(_shipped(name))
    if file is None:
        return shipped
    own = _parse(Path(file))
    _check_codes(own, file)
    if own.reader != name:
        raise EvidenceError(
            f"the mapping is for {own.reader!r}, not for {name!r}",
            where=f"{file}, reader",
            expected=f"reader = {name!r}",
            remedy="give the mapping of this format, or import with the other format",
        )
    unknown = [variable for variable in own.variables if variable not in shipped.variables]
    if unknown:
        raise EvidenceError(
            f"the format has no variable {', '.join(map(repr, unknown))}",
            where=f"{file}, variables",
            expected=f"some of {', '.join(shipped.variables)}",
            remedy="remove or correct the table",
        )
    return own


def _check_codes(mapping: ReaderMapping, file: Path) -> None:
    for table, code in (
        *(("names", code) for code in mapping.names.values()),
        *(("actors", code) for code in mapping.actors),
    ):
        if code not in registry().by_code:
            near = difflib.get_close_matches(code, registry().by_code, n=3, cutoff=0.0)
            raise EvidenceError(
                f"{code!r} is not a code of the registry of states",
                where=f"{file}, {table}",
                expected=f"a code such as {', '.join(near)}",
                remedy="correct the code",
            )


def show_mapping(name: str) -> str:
    """Return the shipped mapping of a format as text, to be saved and changed."""
    check_format(name)
    return _shipped(name).read_text(encoding="utf-8")


def indicator_rows(name: str) -> str:
    """Return lines for ``indicators.csv`` that define every indicator of a shipped mapping."""
    out = io.StringIO()
    writer = csv.DictWriter(out, INDICATOR_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for variable in load_mapping(name).variables.values():
        if variable.columns:
            own = {"indicator": variable.indicator, "mutual": str(int(variable.mutual))}
            writer.writerow(own | {"theatre": "bilateral", "reference": "0"} | variable.columns)
    return out.getvalue()


def _shipped(name: str) -> Path:
    return Path(__file__).with_name("mappings") / f"{name}.toml"


def _parse(file: Path) -> ReaderMapping:
    try:
        return ReaderMapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise EvidenceError(
            f"the mapping cannot be read: {error.strerror}",
            where=str(file),
            remedy="name an existing TOML file",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EvidenceError(
            f"the mapping is not TOML: {error}",
            where=str(file),
            remedy="correct the file at that place",
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise EvidenceError(
            f"the mapping is wrong: {first['msg']}",
            where=f"{file}, {'.'.join(map(str, first['loc']))}",
            expected="the form of the shipped mappings",
            remedy="correct that entry",
        ) from error
