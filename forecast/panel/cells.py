"""Cells of event counts: covered zeros, and the acts that fall into covered cells."""

from datetime import date

import numpy as np

from forecast.panel.acts import Act, canonical_pair
from forecast.panel.delays import Delays
from forecast.study.models import Indicator, Pair, Study


def known_by_day(
    study: Study,
    indicator: Indicator,
    pair: Pair,
    as_of: date,
    days: np.ndarray,
    delays: Delays | None = None,
) -> np.ndarray:
    """Return for each day the chance that an event of it would be on record by the as-of date.

    Days are ordinal numbers. The chance is 0 outside the windows in which silence means zero and
    after the as-of date; in a window it is 1, or with delays the share of the day's events that is
    known by then. The windows of an indicator and pair never overlap (the study's check refuses
    that).
    """
    covered = np.zeros(len(days), dtype=bool)
    for row in study.coverage:
        if row.indicator != indicator.name or row.silence != "zero":
            continue
        if not any(canonical_pair(indicator, one) == pair for one in row.pairs):
            continue
        end = min(as_of, row.end) if row.end is not None else as_of
        covered |= (days >= row.start.toordinal()) & (days <= end.toordinal())
    if delays is None or not covered.any():
        return covered.astype(float)
    return np.where(covered, delays.known_on(indicator.name, days, as_of), 0.0)


def exposures(
    study: Study, indicator: Indicator, pair: Pair, as_of: date, delays: Delays | None = None
) -> list[float]:
    """Return the exposure of each period up to the as-of date: the mean over its days.

    Without delays it is the share of the period in which silence means zero.
    """
    calendar = study.calendar
    count = calendar.index(as_of) + 1
    days = days_between(calendar.start(0), calendar.end(count - 1))
    known = known_by_day(study, indicator, pair, as_of, days, delays)
    edges = [calendar.start(period).toordinal() - days[0] for period in range(count)]
    lengths = np.diff([*edges, len(days)])
    return [float(share) for share in np.add.reduceat(known, edges) / lengths]


def days_between(first: date, last: date) -> np.ndarray:
    """Return the ordinal numbers of all days from the first to the last, both included."""
    return np.arange(first.toordinal(), last.toordinal() + 1)


def count_cells(
    study: Study,
    indicator: Indicator,
    acts: list[Act],
    as_of: date,
    unused: list[tuple[str, str]],
    delays: Delays | None = None,
) -> list[dict[str, object]]:
    """Return one row per covered cell of an event count.

    Exposures are those of :func:`exposures`. Where the study says ``coverage = false``, the cells
    are those with an act or a stated zero, each exposed as far as its periods are over.

    An act dated only to an interval merges the cells of its interval into one cell with the sum of
    their exposures. A stated zero covers its periods. An act outside coverage is not used: where
    silence says nothing, a lone positive would teach "always at least one".
    """
    rows: list[dict[str, object]] = []
    by_pair: dict[Pair, list[Act]] = {
        pair: [] for pair in sorted({canonical_pair(indicator, pair) for pair in study.pairs})
    }
    for act in acts:
        by_pair[act.pair].append(act)
    for pair, own in by_pair.items():
        rows.extend(pair_cells(study, indicator, pair, own, as_of, unused, delays))
    return rows


def pair_cells(
    study: Study,
    indicator: Indicator,
    pair: Pair,
    own: list[Act],
    as_of: date,
    unused: list[tuple[str, str]],
    delays: Delays | None = None,
) -> list[dict[str, object]]:
    """Return the rows of :func:`count_cells` of one pair, given its own acts."""
    rows: list[dict[str, object]] = []
    shares = exposures(study, indicator, pair, as_of, delays)
    if not study.switches.coverage:
        shares = [0.0] * len(shares)
    for act in own:
        # What is stated as nothing is known: neither coverage nor a delay stands in its way.
        if act.value == 0 or not study.switches.coverage:
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
