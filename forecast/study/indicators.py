"""Reads ``indicators.csv`` and ``coverage.csv``: what can be observed, and where silence speaks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

from forecast.study.csvfile import read_csv
from forecast.study.models import Coverage, Indicator, Kind, Measures, Pair
from forecast.study.problems import Cells, Collector, Row
from forecast.study.references import Known

INDICATORS_FILE = "indicators.csv"
COVERAGE_FILE = "coverage.csv"

KINDS: tuple[Kind, ...] = ("binary", "count", "ordinal", "continuous")

_COLUMNS = (
    *("indicator", "domain", "kind", "levels", "unit", "polarity", "mutual", "cost", "measures"),
    *("theatre", "definition"),
)
_OPTIONAL = (
    *("transform", "location", "scale", "lagged", "reference", "loading_prior_only"),
    *("release_lag", "collection_cost"),
)


def read_indicators(
    directory: Path, known: Known, out: Collector
) -> tuple[dict[str, Indicator], Known]:
    """Return the sound indicators by name, and what is known once the table is read.

    The names of rows with faults are known too: they exist, whatever else is wrong with them.
    """
    table = read_csv(directory / INDICATORS_FILE, _COLUMNS, out=out, optional=_OPTIONAL)
    indicators: dict[str, Indicator] = {}
    lines: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(row, out)
        indicator = _indicator(cells, known)
        if indicator.name in lines:
            cells.add(
                "duplicate",
                f"{indicator.name!r} stands in line {lines[indicator.name]} already",
                field="indicator",
                expected="each indicator once",
                remedy="remove one of the two rows",
            )
        lines.setdefault(indicator.name, row.line)
        if cells.ok:
            indicators[indicator.name] = indicator
    if table.whole:
        _check_references(table.rows, known, out)
    return indicators, known.having("indicator", table.names("indicator"))


def _indicator(cells: Cells, known: Known) -> Indicator:
    kind = cells.choice("kind", KINDS)
    polarity = cells.choice("polarity", ("+1", "-1", "free"))
    measures, rung = _measures(cells, known)
    indicator = Indicator(
        name=cells.required("indicator"),
        domain=known.check(cells, "domain", "domain", cells.required("domain")),
        kind=kind,
        levels=tuple(cells.text("levels").split("|")) if cells.text("levels") else (),
        unit=cells.text("unit"),
        polarity={"+1": 1, "-1": -1, "free": 0}[polarity],
        mutual=cells.flag("mutual"),
        cost=int(cells.choice("cost", ("1", "2", "3"))),
        measures=measures,
        rung=rung,
        theatre=cells.text("theatre"),
        definition=cells.required("definition"),
        transform=(
            cells.choice("transform", ("identity", "log"))
            if cells.text("transform")
            else "identity"
        ),
        location=cells.number("location") if cells.text("location") else 0.0,
        scale=cells.number("scale") if cells.text("scale") else 1.0,
        lagged=cells.flag("lagged", default=False),
        reference=cells.flag("reference", default=False),
        loading_prior_only=cells.flag("loading_prior_only", default=False),
        release_lag=_release_lag(cells),
        collection_cost=_collection_cost(cells),
    )
    _check_shape(cells, indicator)
    return indicator


def _release_lag(cells: Cells) -> int | None:
    if not cells.text("release_lag"):
        return None
    days = cells.number("release_lag", low=0, high=3660)
    if not math.isfinite(days):
        return None
    if days % 1:
        cells.add(
            "not-a-whole-number",
            f"{cells.text('release_lag')!r} is not a number of days",
            field="release_lag",
            expected="whole days from the end of a year to the release of its figure",
            remedy="round it, or empty the cell",
        )
        return None
    return int(days)


def _collection_cost(cells: Cells) -> float | None:
    if not cells.text("collection_cost"):
        return None
    cost = cells.number("collection_cost")
    if math.isfinite(cost) and not cost > 0:
        cells.add(
            "out-of-range",
            f"{cells.text('collection_cost')} is not positive",
            field="collection_cost",
            expected="a positive number, in one unit for all indicators",
            remedy="give what a period of watching it costs, or empty the cell",
        )
    return cost if math.isfinite(cost) and cost > 0 else None


def _measures(cells: Cells, known: Known) -> tuple[Measures, str | None]:
    text = cells.text("measures")
    if text == "alignment":
        return "alignment", None
    if text == "none":
        return "none", None
    if text.startswith("outcome:"):
        rung = text.removeprefix("outcome:")
        return "outcome", known.check(cells, "measures", "rung", rung)
    cells.add(
        "not-an-option",
        f"{text!r} is not allowed",
        field="measures",
        expected="alignment, outcome:<rung> or none",
        remedy="say what the indicator measures",
    )
    return "none", None


def _check_shape(cells: Cells, indicator: Indicator) -> None:
    """Note what contradicts the indicator's kind."""
    levels = indicator.levels
    if indicator.kind == "ordinal":
        if len(levels) < 2 or len(set(levels)) < len(levels) or not all(map(str.strip, levels)):
            cells.add(
                "levels",
                f"{cells.text('levels')!r} does not name the levels",
                field="levels",
                expected="two or more different names from lowest to highest, as low|mid|high",
                remedy="name every level that the definition allows, used or not",
            )
    elif levels:
        cells.add(
            "levels",
            f"a {indicator.kind} indicator has no levels",
            field="levels",
            expected="an empty cell",
            remedy="empty the cell, or make the kind ordinal",
        )
    if indicator.measures == "outcome" and indicator.mutual:
        cells.add(
            "mutual-report",
            "a report on the ladder cannot be mutual",
            field="mutual",
            expected="0: support goes from one side to the other",
            remedy="write 0, and give each direction a record of its own",
        )
    if indicator.kind != "continuous" and (indicator.transform != "identity" or indicator.lagged):
        cells.add(
            "transform",
            f"a {indicator.kind} indicator is neither transformed nor lagged",
            field="transform",
            expected="an empty cell, and lagged 0",
            remedy="empty both cells, or make the kind continuous",
        )
    if not indicator.scale > 0:
        cells.add(
            "out-of-range",
            f"{cells.text('scale')} is not positive",
            field="scale",
            expected="a positive number: the spread of the values",
            remedy="give the scale",
        )
    if indicator.reference and (indicator.measures != "alignment" or indicator.polarity == 0):
        cells.add(
            "reference",
            "a reference must measure alignment with a polarity of its own",
            field="reference",
            expected="measures alignment and polarity +1 or -1",
            remedy="choose another reference for the domain",
        )


def _check_references(rows: Sequence[Row], known: Known, out: Collector) -> None:
    """Note each domain whose signals have no reference, or more than one."""
    signals = [row for row in rows if row["measures"] == "alignment"]
    with_signals = list(dict.fromkeys(row["domain"] for row in signals))
    for domain in with_signals:
        own = [row for row in signals if row["domain"] == domain]
        marked = [row for row in own if row["reference"] == "1"]
        references = [row["indicator"] for row in marked]
        if len(references) != 1:
            out.add(
                "reference",
                f"domain {domain!r} has {len(references)} reference indicators"
                + (f" ({', '.join(references)})" if references else ""),
                line=(marked or own)[-1].line,
                field="reference",
                expected="exactly one among the indicators that measure alignment in a domain",
                remedy="set reference to 1 for one of them and to 0 for the others",
            )
    silent = [domain for domain in known.domains if domain not in with_signals]
    if signals and silent:
        out.add(
            "domain-without-signals",
            f"no indicator measures alignment in {', '.join(silent)}",
            field="domain",
            expected="one or more indicators for each domain",
            remedy="add an indicator, or drop the domain",
            severity="warning",
        )


def read_coverage(
    directory: Path, known: Known, indicators: Mapping[str, Indicator], out: Collector
) -> tuple[Coverage, ...]:
    """Return the coverage windows; whatever is wrong is noted in ``out``."""
    columns = ("indicator", "pairs", "from", "to", "silence", "reason")
    table = read_csv(directory / COVERAGE_FILE, columns, out=out)
    windows: list[tuple[int, Coverage]] = []
    for row in table.rows:
        cells = Cells(row, out)
        window = Coverage(
            indicator=known.check(cells, "indicator", "indicator", cells.required("indicator")),
            pairs=_pairs(cells, known),
            start=cells.day("from"),
            end=cells.optional_day("to"),
            silence=cells.choice("silence", ("zero", "missing")),
            reason=cells.required("reason"),
        )
        if cells.ok:
            _check_window(cells, window, indicators.get(window.indicator), known)
        if cells.ok:
            windows.append((row.line, window))
    _check_overlaps(windows, {i.name for i in indicators.values() if i.mutual}, out)
    return tuple(window for _, window in windows)


def _pairs(cells: Cells, known: Known) -> tuple[Pair, ...]:
    """Return the pairs of the study that a cell names: ``*``, labels, ``*->RUS``, ``RUS->*``."""
    chosen: dict[Pair, None] = {}
    for word in cells.required("pairs").split():
        sides = ["*", "*"] if word == "*" else word.split("->")
        if len(sides) != 2:
            cells.add(
                "unreadable",
                f"{word!r} names no pairs",
                field="pairs",
                expected="*, labels such as CHN->RUS parted by spaces, *->RUS or RUS->*",
                remedy="correct the cell",
            )
            continue
        matching = [
            pair
            for pair in known.pairs
            if sides[0] in ("*", pair.supporter) and sides[1] in ("*", pair.recipient)
        ]
        if not matching and known.knows("pair"):
            cells.add(
                "unknown-pair",
                f"{word!r} matches no pair of the study",
                field="pairs",
                expected="pairs of study.toml",
                remedy="correct the cell, or add the pair to study.toml",
            )
        chosen |= dict.fromkeys(matching)
    return tuple(chosen)


def _check_window(
    cells: Cells, window: Coverage, indicator: Indicator | None, known: Known
) -> None:
    if window.end is not None and window.end < window.start:
        cells.add(
            "window",
            f"ends on {window.end}, before it begins",
            field="to",
            expected=f"{window.start} or later, or nothing while it goes on",
            remedy="correct from or to",
        )
    if indicator is None:
        return
    if window.silence == "zero" and indicator.measures == "alignment" and indicator.kind != "count":
        cells.add(
            "silence",
            f"silence of a {indicator.kind} signal is never zero",
            field="silence",
            expected="zero for counts alone",
            remedy="write missing, or make the indicator a count",
        )
    lone = [pair.label for pair in window.pairs if pair.reverse not in known.pairs]
    if indicator.mutual and lone:
        cells.add(
            "missing-reverse",
            f"{indicator.name!r} is mutual, but the reverse of {', '.join(lone)} is missing",
            field="pairs",
            expected="both directions of each dyad among the pairs of study.toml",
            remedy="add the reverse pairs, or name only pairs that have one",
        )


def _check_overlaps(windows: list[tuple[int, Coverage]], mutual: set[str], out: Collector) -> None:
    """Note windows of one indicator that share a pair and a day: their silence would be unclear.

    Both directions of a dyad are one for a mutual indicator.
    """
    for (earlier, one), (later, other) in combinations(windows, 2):
        apart = (one.end or date.max) < other.start or (other.end or date.max) < one.start
        if one.indicator != other.indicator or apart:
            continue
        taken = set(other.pairs)
        if one.indicator in mutual:
            taken |= {pair.reverse for pair in other.pairs}
        shared = [pair.label for pair in one.pairs if pair in taken]
        if shared:
            out.add(
                "overlap",
                f"overlaps line {earlier} for {one.indicator!r} on {', '.join(shared)}",
                line=later,
                field="from",
                expected="one window for each indicator, pair and day",
                remedy="shorten or split one of the two windows",
            )
