"""What a ledger remembers, as of a date, beside the records that stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from forecast.evidence.record import Record
from forecast.evidence.vintage import Vintage
from forecast.study.models import Study


@dataclass(frozen=True, kw_only=True)
class History:
    """What a ledger remembers, as of the vintage's date, beside the records that stand.

    Attributes
    ----------
    withdrawn
        Grades of the sources of each report that was retracted, or superseded by its contrary, by
        the as-of date. Each has its own entry, with the grades it had when it was withdrawn.
    first_known
        By id of a standing record that is a correction, the day on which its first version became
        known. Its own ``known_at`` is that of the correction, which is no reporting delay.
    """

    withdrawn: tuple[tuple[str, ...], ...] = ()
    first_known: Mapping[str, date] = MappingProxyType({})


def history_of(study: Study, vintage: Vintage) -> History:
    """Return what a vintage remembers of reports that were withdrawn or corrected by its date.

    Only signals of the study speak of what grades are worth: reports on the ladder have tables of
    their own. Each record counts once, with the grade that it had first.
    """
    standing = {record.id: record for record in vintage.records}
    first: dict[str, Record] = {}
    for earlier in vintage.replaced:
        first.setdefault(earlier.id, earlier)
    taken_back = {one.id: one for one in vintage.withdrawn if one.id in vintage.found_false}
    taken_back |= {
        name: earlier
        for name, earlier in first.items()
        if name in standing and _contrary(study, earlier, standing[name])
    }
    grades = [
        (first.get(name, record).grade,)
        for name, record in taken_back.items()
        if _is_signal(study, record)
    ]
    known = {name: earlier.known for name, earlier in first.items() if name in standing}
    return History(withdrawn=tuple(sorted(grades)), first_known=MappingProxyType(known))


def _is_signal(study: Study, record: Record) -> bool:
    indicator = study.indicators.get(record.indicator)
    return (
        indicator is not None
        and indicator.measures == "alignment"
        and record.last >= study.calendar.start(0)
    )


def _contrary(study: Study, earlier: Record, now: Record) -> bool:
    """Say whether a correction takes back what the first version claimed: all of it, not a part."""
    indicator = study.indicators.get(now.indicator)
    if indicator is None or earlier.indicator != now.indicator or indicator.kind == "continuous":
        return False
    if indicator.kind == "ordinal":
        return abs(earlier.number - now.number) == len(indicator.levels) - 1
    return (earlier.number > 0) != (now.number > 0)
