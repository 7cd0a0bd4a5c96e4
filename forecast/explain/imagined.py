"""Imagined records: read from a line or from a file of scenarios, checked like any other."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.errors import EvidenceError, ProblemsError, StudyError
from forecast.evidence.compose import compose
from forecast.evidence.record import Record
from forecast.study.csvfile import read_csv
from forecast.study.dates import PRECISIONS, parse_dated
from forecast.study.models import Study
from forecast.study.problems import Collector

#: The grade of an imagined record that names none: usually reliable, probably true.
GRADE = "B2"
#: The columns that a file of scenarios must have.
COLUMNS = ("scenario", "pair", "indicator", "date", "value")
OPTIONAL = ("grade", "known_at", "attribution", "source", "cluster", "note")
_WORDS = ("grade", "known_at", "precision", "attribution", "theatre", "cluster", "source", "note")
_EXAMPLE = '"CHN->RUS arms_transfer=1 2026-12 grade=B2"'


@dataclass(frozen=True)
class Scenario:
    """Some imagined records under one name."""

    name: str
    records: tuple[Record, ...]

    @property
    def known(self) -> date:
        """The day on which the last of them would be known."""
        return max(record.known for record in self.records)


def read_line(study: Study, text: str, *, number: int = 1) -> Record:
    """Return the record that a line such as ``CHN->RUS arms_transfer=1 2026-12 grade=B2`` means.

    It is known on the last day of its event unless ``known_at=`` says otherwise.

    Parameters
    ----------
    number
        Told apart by it from the other imagined records.

    Raises
    ------
    ProblemsError
        With everything that is wrong with it.
    EvidenceError
        If the line has not the form.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _malformed(text) from error
    if len(words) < 3 or "=" not in words[1]:
        raise _malformed(text)
    indicator, _, value = words[1].partition("=")
    said = {"pair": words[0], "indicator": indicator, "value": value, "date": words[2]}
    for word in words[3:]:
        name, equals, content = word.partition("=")
        if not equals or name not in _WORDS:
            raise EvidenceError(
                f"{word!r} is not understood",
                where=f"record {text!r}",
                expected=f"one of {', '.join(f'{one}=' for one in _WORDS)}",
                remedy="put a value with spaces into quotes: source='press agency'",
            )
        said[name] = content
    return _composed(study, said, number)


def read_scenarios(study: Study, path: Path) -> list[Scenario]:
    """Return the scenarios of a CSV file: one row a record, rows of one name together.

    Raises
    ------
    ProblemsError
        With every problem of the file at once, by line.
    """
    out = Collector(path.name)
    found: dict[str, list[Record]] = {}
    number = 0
    for row in read_csv(path, COLUMNS, out=out, optional=OPTIONAL).rows:
        number += 1
        said = {name: row[name] for name in (*COLUMNS[1:], *OPTIONAL) if row[name]}
        if not row["scenario"].strip():
            out.add(
                "scenario",
                "the row names no scenario",
                line=row.line,
                field="scenario",
                expected="a name",
                remedy="name the scenario that the record belongs to",
            )
            continue
        try:
            record = _composed(study, said, number)
        except ProblemsError as error:
            for problem in error.problems:
                out.add(
                    problem.name,
                    problem.what,
                    line=row.line,
                    field=problem.field,
                    expected=problem.expected,
                    remedy=problem.remedy,
                    severity=problem.severity,
                )
        else:
            found.setdefault(row["scenario"].strip(), []).append(record)
    if out.errors:
        raise ProblemsError(out.problems)
    if not found:
        raise EvidenceError("the file has no scenario", where=str(path), remedy="add a row")
    return [Scenario(name, tuple(records)) for name, records in found.items()]


def scenario_of(study: Study, lines: Sequence[str], name: str = "imagined") -> Scenario:
    """Return the scenario of some lines; see :func:`read_line`."""
    return Scenario(
        name, tuple(read_line(study, line, number=n) for n, line in enumerate(lines, 1))
    )


def _malformed(text: str) -> EvidenceError:
    return EvidenceError(
        f"{text!r} is not a record",
        where="imagined record",
        expected="a pair, INDICATOR=VALUE and a date, then perhaps grade= and more",
        remedy=f"write it like {_EXAMPLE}",
    )


def _composed(study: Study, said: dict[str, str], number: int) -> Record:
    indicator = study.indicators.get(said.get("indicator", ""))
    unsaid = {"grade": GRADE, "source": f"imagined {number}"}
    if indicator is not None and indicator.measures == "outcome":
        unsaid["attribution"] = "unknown"
    said = unsaid | said | {"id": f"imagined-{number:02d}"}
    # What is imagined for a later day is checked as if that day had come. A date that is none is
    # left for the check to name.
    known = _day(said.get("known_at", "")) or _last_day(said["date"])
    today = known or date.max
    if known is not None:
        said.setdefault("known_at", known.isoformat())
    return compose(
        study, said, today=today, taken=lambda name: False, where=f"imagined record {number}"
    )


def understood(study: Study, record: Record) -> str:
    """Return in a line what an imagined record was taken to say, with what it left open."""
    parts = [
        f"{record.supporter}->{record.recipient} {record.indicator}={record.value}",
        record.event_date,
        f"grade {record.source_reliability}{record.credibility}",
    ]
    if study.indicators[record.indicator].measures == "outcome":
        parts.append(f"attribution {record.attribution}")
        if record.attribution == "unknown":
            parts[-1] += " (say attribution=state or attribution=firm if it is told)"
    return ", ".join([*parts, f"known on {record.known}"])


def _last_day(written: str) -> date | None:
    """Return the last day that a date may mean."""
    precision = {4: "year", 7: "month"}.get(len(written), next(iter(PRECISIONS)))
    try:
        return parse_dated(written, precision)[1]
    except StudyError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
