"""Turns raw records into rows of ``evidence.csv`` by the decisions in ``records``."""

from tools.ukraine.clusters import Dated, cluster_names
from tools.ukraine.days import last_day
from tools.ukraine.files import Row, plain_number
from tools.ukraine.indicators import INDICATORS, IndicatorRow
from tools.ukraine.records import (
    EXCEPTIONS,
    FILE_VINTAGES,
    LEVELS,
    RULES,
    SILENT_UNITS,
    WORDING,
    Decision,
)

_INDICATORS = {one.indicator: one for one in INDICATORS}


def mend_evidence(raw: list[Row], clusters: list[Row]) -> list[Row]:
    """Return the rows of ``evidence.csv`` in the order of the raw rows.

    Raises
    ------
    ValueError
        If a raw row meets no rule, or an exception or cluster link meets no raw row.
    """
    ids = {row["id"] for row in raw}
    unknown = sorted(({*EXCEPTIONS} | {row["id"] for row in clusters}) - ids)
    if unknown:
        raise ValueError(f"decisions and links on records that do not exist: {unknown}")
    rows = [_mend(row) for row in raw]
    links = {row["id"]: row["cluster"] for row in clusters}
    names = cluster_names([_dated(row) for row in rows], links)
    return [row | {"cluster": names.get(row["id"], "")} for row in rows]


def _mend(raw: Row) -> Row:
    rule = RULES.get(raw["indicator"])
    if rule is None:
        raise ValueError(f"{raw['id']}: no rule for raw indicator {raw['indicator']!r}")
    exception = EXCEPTIONS.get(raw["id"], Decision())
    name = _first(exception.indicator, rule.indicator)
    indicator = _INDICATORS[name]
    known_at, basis = _known_at(raw)
    supporter, recipient = raw["supporter"], raw["recipient"]
    if exception.reversed:
        supporter, recipient = recipient, supporter
    return {
        "id": raw["id"],
        "event_date": _first(exception.date, raw["event_date"]),
        "date_precision": _first(exception.precision, raw["date_precision"]),
        "known_at": known_at,
        "known_at_basis": basis,
        "supporter": supporter,
        "recipient": recipient,
        "mutual": indicator.mutual,
        "indicator": name,
        "value": _value(raw, indicator, exception, rule),
        "attribution": _attribution(indicator, exception, rule),
        "theatre": _first(exception.theatre, _rule_theatre(exception, rule), indicator.theatre),
        "source_name": worded(raw["source_name"]),
        "source_url_or_doc": worded(raw["source_url_or_doc"]),
        "source_reliability": raw["source_reliability"],
        "credibility": raw["credibility"],
        "cluster": "",
        "note": _note(raw, indicator, exception, rule),
    }


def _first(*choices: str | None) -> str:
    return next(choice for choice in choices if choice is not None)


def _rule_theatre(exception: Decision, rule: Decision) -> str | None:
    """Return the theatre of the raw indicator's rule, unless the record left that indicator."""
    return rule.theatre if exception.indicator in (None, rule.indicator) else None


def _attribution(indicator: IndicatorRow, exception: Decision, rule: Decision) -> str:
    if not indicator.measures.startswith("outcome:"):
        return ""
    return _first(exception.attribution, rule.attribution)


def _value(raw: Row, indicator: IndicatorRow, exception: Decision, rule: Decision) -> str:
    number = plain_number(raw["value"])
    if exception.value is not None:
        return exception.value
    if indicator.indicator in LEVELS:
        return LEVELS[indicator.indicator][number]
    if indicator.kind == "continuous":
        return number
    return _first(rule.value, number)


def _known_at(raw: Row) -> tuple[str, str]:
    """Return the day by whose end the row was known, and what that day rests on."""
    text = raw["known_at"]
    day = last_day(text)
    if raw["source_name"] in FILE_VINTAGES:
        return day, "file_vintage"
    return day, "exact" if day == text else "month_end"


def _note(raw: Row, indicator: IndicatorRow, exception: Decision, rule: Decision) -> str:
    parts = [worded(raw["note"])]
    stated = plain_number(raw["value"])
    kept_value = indicator.kind == "continuous" or indicator.indicator in LEVELS
    if not kept_value and (raw["kind"] != "binary" or stated not in ("0", "1")):
        parts.append(f"as stated: {stated} {raw['unit']}")
    elif not kept_value and raw["unit"] not in SILENT_UNITS:
        parts.append(f"kind: {raw['unit']}")
    parts += [why for why in (_rule_why(exception, rule), exception.why) if why]
    return "; ".join(parts)


def _rule_why(exception: Decision, rule: Decision) -> str:
    return rule.why if exception.indicator in (None, rule.indicator) else ""


def worded(text: str) -> str:
    """Return a text with its wording mended."""
    for old, new in WORDING.items():
        text = text.replace(old, new)
    return text


def _dated(row: Row) -> Dated:
    indicator = _INDICATORS[row["indicator"]]
    pair = (row["supporter"], row["recipient"])
    return Dated(
        id=row["id"],
        indicator=row["indicator"],
        pair=tuple(sorted(pair)) if indicator.mutual == "1" else pair,
        date=row["event_date"],
        precision=row["date_precision"],
        value=row["value"] if indicator.kind in ("binary", "ordinal") else "",
        attribution=row["attribution"],
    )
