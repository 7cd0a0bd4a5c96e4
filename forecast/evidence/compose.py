"""Makes one row of evidence from the few things that a person says about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from forecast.errors import ProblemsError, StudyError
from forecast.evidence.check import Checker
from forecast.evidence.record import COLUMNS, Record
from forecast.study.dates import PRECISIONS
from forecast.study.models import Pair, Study
from forecast.study.problems import Collector, Row

#: What must be said; the rest has a default.
REQUIRED = ("pair", "indicator", "date", "value", "source", "grade")


def compose(
    study: Study,
    said: Mapping[str, str],
    *,
    today: date,
    taken: Callable[[str], bool],
    where: str = "evidence add",
) -> Record:
    """Return the checked record of what was said.

    Parameters
    ----------
    said
        ``pair`` (``CHN->RUS``), ``indicator``, ``date`` (``YYYY-MM-DD``, or coarser), ``value``,
        ``source``, ``grade`` (``B2``), and perhaps ``precision``, ``known_at`` (today unless said),
        ``url``, ``attribution``, ``theatre`` (the indicator's), ``cluster``, ``note``, ``id``.
    taken
        Says of an id whether a record has it already.
    where
        What problems name as their place.

    Raises
    ------
    ProblemsError
        Naming everything that is wrong, by the word in which it was said.
    """
    out = Collector(where)
    pair = _pair(said.get("pair", ""), out)
    reliability, credibility = _grade(said.get("grade", ""), out)
    indicator = study.indicators.get(said.get("indicator", ""))
    written = said.get("date", "")
    values = dict.fromkeys(COLUMNS, "") | {
        "id": said.get("id") or _new_id(pair, written, taken),
        "event_date": written,
        "date_precision": said.get("precision") or _precision(written),
        "known_at": said.get("known_at") or today.isoformat(),
        "known_at_basis": "exact",
        "supporter": pair.supporter,
        "recipient": pair.recipient,
        "mutual": "1" if indicator is not None and indicator.mutual else "0",
        "indicator": said.get("indicator", ""),
        "value": said.get("value", ""),
        "attribution": said.get("attribution", ""),
        "theatre": said.get("theatre") or (indicator.theatre if indicator is not None else ""),
        "source_name": said.get("source", ""),
        "source_url_or_doc": said.get("url", ""),
        "source_reliability": reliability,
        "credibility": credibility,
        "cluster": said.get("cluster", ""),
        "note": said.get("note", ""),
    }
    checked = Collector(where)
    record = Checker(study, today=today).read(Row(0, values), checked)
    seen = {problem.field for problem in out.problems}
    for problem in checked.problems:
        word = _WORDS.get(problem.field, problem.field)
        if word not in seen:
            out.add(
                problem.name,
                problem.what,
                field=word,
                expected=problem.expected,
                remedy=problem.remedy,
                severity=problem.severity,
            )
    if record is None or out.errors:
        raise ProblemsError(out.problems)
    return record


# Columns by the words of the command line.
_WORDS = {
    "supporter": "pair",
    "recipient": "pair",
    "event_date": "date",
    "date_precision": "precision",
    "source_name": "source",
    "source_url_or_doc": "url",
    "source_reliability": "grade",
    "credibility": "grade",
    "mutual": "indicator",
}


def _pair(text: str, out: Collector) -> Pair:
    try:
        return Pair.parse(text.strip())
    except StudyError as error:
        out.add("pair", error.what, field="pair", expected=error.expected, remedy=error.remedy)
        return Pair("", "")


def _grade(text: str, out: Collector) -> tuple[str, str]:
    match = re.fullmatch(r"([A-F])([1-6])", text.strip().upper())
    if match is None:
        out.add(
            "grade",
            f"{text!r} is not a grade",
            field="grade",
            expected="source A to F and information 1 to 6, such as B2",
            remedy="grade the report by the Admiralty scale",
        )
        return "", ""
    return match[1], match[2]


def _precision(text: str) -> str:
    """Return the precision that the form of a date speaks of."""
    return {4: "year", 7: "month"}.get(len(text), next(iter(PRECISIONS)))


def _new_id(pair: Pair, written: str, taken: Callable[[str], bool]) -> str:
    """Return an id in the manner of the shipped evidence that is not taken."""
    stem = f"{pair.supporter}-{pair.recipient}-{written.replace('-', '')}"
    number = 1
    while taken(f"{stem}-{number:02d}"):
        number += 1
    return f"{stem}-{number:02d}"
