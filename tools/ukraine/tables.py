"""The tables of the study beside its evidence."""

from dataclasses import asdict
from datetime import date, timedelta

from tools.ukraine.coverage import (
    RECORDED_ONLY,
    RECORDED_ONLY_REASON,
    THIN,
    ZERO_WINDOWS,
    Window,
)
from tools.ukraine.evidence import worded
from tools.ukraine.files import Row
from tools.ukraine.indicators import INDICATORS, IndicatorRow
from tools.ukraine.questions import JUDGEMENTS, QUESTIONS

_DAY = timedelta(days=1)


def indicator_rows(indicators: tuple[IndicatorRow, ...]) -> list[Row]:
    """Return the rows of ``indicators.csv``."""
    return [asdict(indicator) for indicator in indicators]


def coverage_rows() -> list[Row]:
    """Return the rows of ``coverage.csv``: windows cut at their holes, and what lies after them."""
    mutual = {one.indicator: one.mutual == "1" for one in INDICATORS}
    rows = [row for window in ZERO_WINDOWS for row in _cut(window)]
    rows += [
        _stretch(name, "*->RUS" if mutual[name] else "*", "2012-01-01", "", RECORDED_ONLY_REASON)
        for name in RECORDED_ONLY
    ]
    return rows


def _cut(window: Window) -> list[Row]:
    rows: list[Row] = []
    start = window.start
    for first, last, reason in window.holes:
        if start < first:
            rows.append(_zero(window, start, _shift(first, -_DAY)))
        rows.append(_stretch(window.indicator, window.pairs, first, last, reason))
        start = _shift(last, _DAY)
    if start <= window.end:
        rows.append(_zero(window, start, window.end))
    if window.end >= "2025-12-31":
        after = _shift(window.end, _DAY)
        rows.append(_stretch(window.indicator, window.pairs, after, "", THIN))
    return rows


def _zero(window: Window, first: str, last: str) -> Row:
    row = _stretch(window.indicator, window.pairs, first, last, window.reason)
    return row | {"silence": "zero"}


def _stretch(indicator: str, pairs: str, first: str, last: str, reason: str) -> Row:
    return {
        "indicator": indicator,
        "pairs": pairs,
        "from": first,
        "to": last,
        "silence": "missing",
        "reason": reason,
    }


def _shift(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat()


def question_rows(raw: list[Row]) -> list[Row]:
    """Return the rows of ``questions.csv``."""
    return [
        {
            "id": row["id"],
            "title": row["title"],
            "pair": f"{row['supporter']}->{row['recipient']}",
            "event": QUESTIONS[row["id"]].event,
            "opens": row["opened"],
            "closes": row["closes"],
            "resolves_on": QUESTIONS[row["id"]].resolves_on,
            "key": QUESTIONS[row["id"]].key,
            "rule": row["resolution_rule"],
            "not_modelled": QUESTIONS[row["id"]].not_modelled,
            "source": "",
            "note": worded(row["note"]) if row["status"].startswith("open") else "",
        }
        for row in raw
    ]


def resolution_rows(raw: list[Row]) -> list[Row]:
    """Return the rows of ``resolutions.csv``; open questions have none."""
    return [
        {
            "question": row["id"],
            "outcome": row["resolved"].lower(),
            "resolved_on": row["resolved_date"],
            "known_at": row["resolved_date"],
            "source": row["source"],
            "note": worded(row["note"]),
        }
        for row in raw
        if row["status"] == "resolved"
    ]


def judgement_rows(raw: list[Row]) -> list[Row]:
    """Return the rows of ``judgements.csv``."""
    return [
        {
            "id": row["id"],
            "title": row["judgement"],
            "pair": f"{row['supporter']}->{row['recipient']}",
            "event": JUDGEMENTS[row["id"]].event,
            "opens": row["opens"],
            "closes": row["closes"],
            "judged_on": row["judged_on"],
            "p_low": row["p_low"],
            "p_mid": row["p_mid"],
            "p_high": row["p_high"],
            "basis": row["basis"],
            "note": row["note"],
            "not_modelled": JUDGEMENTS[row["id"]].not_modelled,
        }
        for row in raw
    ]


def outcome_rows(raw: list[Row]) -> list[Row]:
    """Return the rows of ``outcomes.csv``.

    A quarter without a reading of what was known at its end ended before anything was known of it:
    rung 0.
    """
    return [
        {
            "supporter": row["supporter"],
            "recipient": row["recipient"],
            "period": f"{row['quarter'][:4]}-{row['quarter'][4:]}",
            "rung": row["rung"],
            "rung_low": row["rung_low"],
            "rung_high": row["rung_high"],
            "rung_known": row["rung_known_at_quarter_end"] or "0",
            "actor": row["actor"],
            "first_known": row["first_known"],
            "disputed": row["disputed"],
            "basis": row["basis"],
            "source": row["source"],
            "note": row["note"],
        }
        for row in raw
    ]
