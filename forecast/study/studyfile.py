"""Reads ``study.toml``: what a study is about, apart from its tables.

format = "study/1"
id = "ukraine"
title = "Who backs Russia over Ukraine"
period = "quarter"
start = "2012-Q1"
domains = ["rhetorical", "economic", "military"]
priors = ["signals-2026", "witness-2026"]
pairs = ["CHN->RUS", "RUS->CHN"]
as_of = "2026-11-24"

[[actors]]
code = "CHN"
name = "China"

[ladder]
rungs = ["none", "rhetorical", "economic", "dual-use", "lethal", "troops"]
firms_excluded = ["rhetorical", "troops"]

[[shocks]]
id = "invasion"
date = "2022-02-24"
title = "Russia invades Ukraine"

[[at_stake]]
recipient = "RUS"
from = "2014-01-01"
known_at = "2014-03-31"

[evidence]                    # may be left out: these are the defaults
coverage = true               # silence in a window of coverage.csv is a zero
delay = true                  # the recent past is under-reported
clusters = true               # records of one cluster are one act
credibility = "graded"        # or "learnt" from corroboration, or "ignored": all reports are true
false_counts = "rarity"       # or "typical": see docs/model.md, section 4.2
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
)

from forecast.errors import ForecastError
from forecast.study.dates import parse_day, parse_known_at
from forecast.study.models import Credibility, FalseCounts
from forecast.study.problems import Collector

FILE = "study.toml"


def _nfc(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _as_text(value: object) -> object:
    # TOML has dates of its own; put back into text, they meet the same checks as quoted ones.
    return value.isoformat() if isinstance(value, date | datetime) else value


def _day(value: object) -> object:
    text = _as_text(value)
    return parse_day(text) if isinstance(text, str) else text


def _known_at(value: object) -> object:
    text = _as_text(value)
    return parse_known_at(text) if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_nfc), StringConstraints(strict=True, min_length=1)]
Day = Annotated[date, BeforeValidator(_day), Field(strict=True)]
KnownAt = Annotated[date, BeforeValidator(_known_at), Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActorPart(_Part):
    """An ``[[actors]]`` table."""

    code: Text
    name: Text
    start: Day | None = Field(None, alias="from")
    end: Day | None = Field(None, alias="to")


class LadderPart(_Part):
    """The ``[ladder]`` table."""

    rungs: list[Text] = Field(min_length=2)
    firms_excluded: list[Text] = []


class ShockPart(_Part):
    """A ``[[shocks]]`` table."""

    id: Text
    date: Day
    title: Text


class AtStakePart(_Part):
    """An ``[[at_stake]]`` table."""

    recipient: Text
    start: Day = Field(alias="from")
    end: Day | None = Field(None, alias="to")
    known_at: KnownAt


class EvidencePart(_Part):
    """The ``[evidence]`` table: how the study reads its evidence."""

    coverage: StrictBool = True
    delay: StrictBool = True
    clusters: StrictBool = True
    credibility: Credibility = "graded"
    false_counts: FalseCounts = "rarity"


class StudyFile(_Part):
    """All of ``study.toml``."""

    format: Literal["study/1"]
    id: Annotated[Text, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: Text
    period: Literal["month", "quarter", "year"]
    start: Text
    domains: list[Text]
    pairs: list[Text]
    priors: list[Text] = []
    as_of: KnownAt | None = None
    ledger: Text | None = None
    actors: list[ActorPart]
    ladder: LadderPart
    shocks: list[ShockPart] = []
    at_stake: list[AtStakePart] = []
    evidence: EvidencePart = EvidencePart()


# Stands in for a key that could not be read, so that the rest of the study is still checked.
_STAND_IN: dict[str, Any] = {
    "format": "study/1",
    "id": "unreadable",
    "title": "unreadable",
    "period": "year",
    "start": "1",
    "domains": [],
    "pairs": [],
    "actors": [],
    "ladder": {"rungs": ["none", "some"]},
}


@dataclass(frozen=True)
class ReadStudyFile:
    """What ``study.toml`` says, and which of its keys could not be read.

    The value of an unreadable key is a stand-in: nothing may be judged by it.
    """

    content: StudyFile
    unreadable: frozenset[str]
    source: str

    def line(self, table: str, number: int = 0, key: str = "") -> int | None:
        """Return the line of a key, or of a key in the ``number``-th table of a name."""
        return _line(self.source, table, number, key)


def read_study_file(directory: Path, out: Collector) -> ReadStudyFile:
    """Return what ``study.toml`` says; whatever is wrong with it is noted in ``out``."""
    nothing = StudyFile.model_validate(_STAND_IN)
    path = directory / FILE
    if not path.is_file():
        out.add(
            "missing-file",
            "does not exist",
            expected="a study directory with a study.toml",
            remedy="check the path, or make a study with 'forecast init'",
        )
        return ReadStudyFile(nothing, frozenset(StudyFile.model_fields), "")
    try:
        source = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        out.add(
            "not-toml",
            f"is not TOML: {error}",
            line=_toml_error_line(str(error)),
            expected="TOML in UTF-8",
            remedy="correct the syntax",
        )
        return ReadStudyFile(nothing, frozenset(StudyFile.model_fields), "")
    try:
        return ReadStudyFile(StudyFile.model_validate(raw), frozenset(), source)
    except ValidationError as error:
        unreadable = _note(error, source, out)
    kept = {key: value for key, value in raw.items() if key not in unreadable}
    stand_in = {key: value for key, value in _STAND_IN.items() if key in unreadable}
    return ReadStudyFile(StudyFile.model_validate(kept | stand_in), unreadable, source)


def _note(error: ValidationError, source: str, out: Collector) -> frozenset[str]:
    """Note every fault that pydantic found; return the top-level keys that hold them."""
    for fault in error.errors(include_url=False):
        location = fault["loc"]
        top = str(location[0])
        number = next((step for step in location if isinstance(step, int)), 0)
        key = next((step for step in reversed(location) if isinstance(step, str)), "")
        name, expected, remedy = "bad-value", fault["msg"], "correct the value"
        what = f"{fault['input']!r} is not allowed"
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, ForecastError):
            what, expected, remedy = cause.what, cause.expected, cause.remedy
        elif fault["type"] == "missing":
            name, what, expected, remedy = "missing-key", "is missing", "a value", "add the key"
        elif fault["type"] == "extra_forbidden":
            name, what, remedy = "unknown-key", "is not a known key", "remove or correct the key"
            expected = "a key of the study format"
        out.add(
            name,
            what,
            line=_line(source, top, number, "" if key == top else key),
            field=".".join(map(str, location)),
            expected=expected,
            remedy=remedy,
        )
    return frozenset(str(fault["loc"][0]) for fault in error.errors())


def _line(source: str, table: str, number: int, key: str) -> int | None:
    """Return the line of a top-level key, or of a key in the ``number``-th table of that name."""
    header = re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?")
    top_level = re.compile(rf"\s*\"?{re.escape(table)}\"?\s*=")
    inside = re.compile(rf"\s*{re.escape(key)}\s*=")
    seen, found, at_top = -1, None, True
    for line, text in enumerate(source.splitlines(), start=1):
        if header.match(text):
            seen += 1
            found = line if seen == number else found
        elif text.startswith("[") and seen >= number:
            break
        at_top = at_top and not text.startswith("[")
        in_table = key != "" and seen == number
        if (at_top and top_level.match(text)) or (in_table and inside.match(text)):
            return line
    return found


def _toml_error_line(message: str) -> int | None:
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else None
