"""Cells of event counts: covered zeros, and the acts that fall into covered cells."""

from datetime import date

from forecast.panel.acts import Act, canonical_pair
from forecast.study.models import Indicator, Pair, Study


def exposures(study: Study, indicator: Indicator, pair: Pair, as_of: date) -> list[float]:
    """Return for each period up to the as-of date the share in which silence means zero.

    The windows of an indicator and pair never overlap (the study's check refuses that).
    """
    calendar = study.calendar
    last = calendar.index(as_of)
    shares = [0.0] * (last + 1)
    for row in study.coverage:
        if row.indicator != indicator.name or row.silence != "zero":
            continue
        if not any(canonical_pair(indicator, one) == pair for one in row.pairs):
            continue
        end = min(as_of, row.end) if row.end is not None else as_of
        for period in range(last + 1):
            shares[period] = min(1.0, shares[period] + calendar.share(period, row.start, end))
    return shares


def count_cells(
    study: Study,
    indicator: Indicator,
    acts: list[Act],
    as_of: date,
    unused: list[tuple[str, str]],
) -> list[dict[str, object]]:
    """Return one row per covered cell of an event count.

    An act dated only to an interval merges the cells of its interval into one cell with the sum of
    their exposures. A stated zero covers its periods. An act outside coverage is not used: where
    silence says nothing, a lone positive would teach "always at least one".
    """
    rows: list[dict[str, object]] = []
    pairs = sorted({canonical_pair(indicator, pair) for pair in study.pairs})
    for pair in pairs:
        own = [act for act in acts if act.pair == pair]
        shares = exposures(study, indicator, pair, as_of)
        for act in own:
            if act.value == 0:
                for period in range(act.first, act.last + 1):
                    shares[period] = max(
                        shares[period],
                        study.calendar.share(period, study.calendar.start(0), as_of),
                    )
        events = [act for act in own if act.value > 0]
        for first, last in _intervals(events, len(shares)):
            exposure = sum(shares[first : last + 1])
            inside = [act for act in events if first <= act.first and act.last <= last]
            if exposure > 0.0:
                stated = [a for a in own if a.value == 0 and first <= a.first and a.last <= last]
                rows.append(_row(study, indicator, pair, (first, last), exposure, inside, stated))
            else:
                why = "outside coverage: silence there says nothing, so a lone report cannot count"
                unused.extend((record, why) for act in inside for record in act.records)
    return rows


def _intervals(events: list[Act], count: int) -> list[tuple[int, int]]:
    """Cut the periods into cells: single ones, but for those that an interval-dated act joins."""
    joined = [False] * count
    for act in events:
        for period in range(act.first, act.last):
            joined[period] = True
    cells: list[tuple[int, int]] = []
    first = 0
    for period in range(count):
        if not joined[period]:
            cells.append((first, period))
            first = period + 1
    return cells


def _row(
    study: Study,
    indicator: Indicator,
    pair: Pair,
    cell: tuple[int, int],
    exposure: float,
    acts: list[Act],
    stated: list[Act],
) -> dict[str, object]:
    label = study.calendar.label
    return {
        "indicator": indicator.name,
        "kind": "count",
        "domain": indicator.domain,
        "pair": pair.label,
        "partner": pair.reverse.label if indicator.mutual else pair.label,
        "first": label(cell[0]),
        "last": label(cell[1]),
        "exposure": exposure,
        "value": float(sum(act.value for act in acts)),
        "lag": float("nan"),
        "grades": tuple(act.grades for act in acts),
        "counts": tuple(act.value for act in acts),
        "records": tuple(record for act in (*acts, *stated) for record in act.records),
    }
