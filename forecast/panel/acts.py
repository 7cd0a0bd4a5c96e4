"""Merge records into acts: one act for each (cluster, indicator, pair, period)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from forecast.evidence.record import Record
from forecast.study.models import Indicator, Pair, Study


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that was done, as told by one record or by several of the same cluster.

    Attributes
    ----------
    first, last
        First and last period (numbers) in which it may have happened.
    begin, end
        First and last day in which it may have happened.
    known
        Day on which it first became known.
    value
        The number that the likelihood sees: 0/1, a count, a level, an amount.
    sources
        Name and Admiralty grade of each distinct source, its best where it has several records.
    records
        Ids of the records behind the act.
    """

    indicator: str
    pair: Pair
    first: int
    last: int
    begin: date
    end: date
    known: date
    value: float
    sources: tuple[tuple[str, str], ...]
    records: tuple[str, ...]
    attribution: str
    cluster: str

    @property
    def grades(self) -> tuple[str, ...]:
        """Grades of the distinct sources."""
        return tuple(grade for _, grade in self.sources)


def canonical_pair(indicator: Indicator, pair: Pair) -> Pair:
    """Return the direction under which a mutual indicator's dyad is held; others as they are."""
    return min(pair, pair.reverse) if indicator.mutual else pair


def acts_of(study: Study, records: Iterable[Record], last_period: int) -> list[Act]:
    """Merge usable records into acts, in a fixed order.

    Records are merged inside one (indicator, pair, period, cluster) and, for statements that can
    contradict each other (binary and ordinal), one value: never a charge with its denial. An
    interval-dated record joins a dated act of its cluster that lies in its interval. Where the
    study says ``clusters = false`` every record is an act of its own.

    Parameters
    ----------
    last_period
        Number of the period of the as-of date; intervals end there at the latest.
    """
    groups: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda one: one.id):
        groups[_key(study, record, last_period)].append(record)
    acts = [_act(study, group, last_period) for group in groups.values()]
    return sorted(
        _join_intervals(study, acts) if study.switches.clusters else acts,
        key=lambda act: (act.indicator, act.pair, act.first, act.records),
    )


def _key(study: Study, record: Record, last_period: int) -> tuple[object, ...]:
    indicator = study.indicators[record.indicator]
    calendar = study.calendar
    exact = record.number if indicator.kind in ("binary", "ordinal") else None
    return (
        record.indicator,
        canonical_pair(indicator, record.pair),
        max(0, calendar.index(record.first)),
        min(last_period, calendar.index(record.last)),
        (study.switches.clusters and record.cluster) or f"record {record.id}",
        exact,
        record.attribution if indicator.measures == "outcome" else "",
    )


def _act(study: Study, group: list[Record], last_period: int) -> Act:
    indicator = study.indicators[group[0].indicator]
    newest = max(group, key=lambda one: (one.known, one.id))
    calendar = study.calendar
    return Act(
        indicator=newest.indicator,
        pair=canonical_pair(indicator, newest.pair),
        first=max(0, calendar.index(newest.first)),
        last=min(last_period, calendar.index(newest.last)),
        begin=min(one.first for one in group),
        end=max(one.last for one in group),
        known=min(one.known for one in group),
        value=float(newest.number),
        sources=best_grades((one.source_name, one.grade) for one in group),
        records=tuple(sorted(one.id for one in group)),
        attribution=newest.attribution,
        cluster=newest.cluster,
    )


def best_grades(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return each source once, with its best grade (:func:`grade_order`)."""
    best: dict[str, str] = {}
    for source, grade in pairs:
        if source not in best or grade_order(grade) < grade_order(best[source]):
            best[source] = grade
    return tuple(sorted(best.items()))


@cache
def grade_order(grade: str) -> tuple[float, str]:
    """Return where a grade stands among others: the lower, the better.

    The places of its letter among A to E and of its digit among 1 to 5 are added; F and 6, which
    say that nobody can judge, stand in the middle between the third and the fourth. So B1 is
    better than A6. Of grades with one sum the first as text is better.

    Examples
    --------
    >>> sorted(["A6", "B1", "E5", "F6", "A2"], key=grade_order)
    ['A2', 'B1', 'A6', 'F6', 'E5']
    """
    letter = {"F": 2.5}.get(grade[0], float("ABCDEF".index(grade[0])))
    digit = {"6": 2.5}.get(grade[1], float("123456".index(grade[1])))
    return letter + digit, grade


def _join_intervals(study: Study, acts: list[Act]) -> list[Act]:
    """Let interval-dated acts join the earliest dated act of their cluster inside the interval."""
    kept = [act for act in acts if act.first == act.last or not act.cluster]
    for act in acts:
        if act.first == act.last or not act.cluster:
            continue
        hosts = [
            (position, host)
            for position, host in enumerate(kept)
            if host.first == host.last
            and (host.cluster, host.indicator, host.pair) == (act.cluster, act.indicator, act.pair)
            and act.first <= host.first <= act.last
            and host.attribution == act.attribution
            and _same_claim(study, host, act)
        ]
        if not hosts:
            kept.append(act)
            continue
        position, host = min(hosts, key=lambda one: (one[1].first, one[1].records))
        kept[position] = replace(
            host,
            known=min(host.known, act.known),
            sources=best_grades((*host.sources, *act.sources)),
            records=tuple(sorted((*host.records, *act.records))),
        )
    return kept


def _same_claim(study: Study, one: Act, other: Act) -> bool:
    """Say whether two acts claim the same: the same statement, or both that something was done."""
    if study.indicators[one.indicator].kind in ("binary", "ordinal"):
        return one.value == other.value
    return (one.value > 0) == (other.value > 0)
