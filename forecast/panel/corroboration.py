"""Count which reports came out true: by grade, those confirmed and those withdrawn.

Most reports are never tested. The counts speak of those that were: a report is confirmed if later
a distinct source of good grade says the same in its cluster, and withdrawn if the ledger took it
back. Where what is true is confirmed more readily than what is false is withdrawn, learning from
them makes a grade look better than it is; a ledger that never withdraws anything can only raise
it (docs/model.md, section 4.1).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from forecast.evidence.record import Record
from forecast.panel.acts import canonical_pair
from forecast.study.models import Study


class Tally(NamedTuple):
    """How many reports of one grade were confirmed, and how many withdrawn."""

    confirmed: int
    withdrawn: int


def is_good(grade: str) -> bool:
    """Say whether a source is good enough to confirm another's report: B2 or better."""
    return grade[0] in "AB" and grade[1] in "12"


def tally_reports(
    study: Study, records: Iterable[Record], withdrawn: Iterable[Iterable[str]] = ()
) -> dict[str, Tally]:
    """Count by grade the reports that were confirmed and those that were withdrawn.

    Only reports of signals count: those on the ladder have tables of their own.

    Parameters
    ----------
    records
        Known on the as-of date.
    withdrawn
        The grades of the sources of each report that was retracted, or superseded to its
        contrary, by the as-of date.
    """
    claims: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in records:
        indicator = study.indicators[record.indicator]
        if not record.cluster or indicator.measures != "alignment":
            continue
        value = record.number if indicator.kind in ("binary", "ordinal") else record.number > 0
        pair = canonical_pair(indicator, record.pair)
        claims[record.indicator, pair, record.cluster, value].append(record)
    confirmed = Counter(
        one.grade
        for group in claims.values()
        for one in group
        if any(
            other.known > one.known
            and other.source_name != one.source_name
            and is_good(other.grade)
            for other in group
        )
    )
    taken_back = Counter(grade for grades in withdrawn for grade in grades)
    return {
        grade: Tally(confirmed[grade], taken_back[grade])
        for grade in sorted(confirmed | taken_back)
    }
