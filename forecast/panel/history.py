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
    """Return what a vintage remembers of reports that were withdrawn or corrected by its date."""
    standing = {record.id: record for record in vintage.records}
    first: dict[str, date] = {}
    withdrawn = [(record.grade,) for record in vintage.withdrawn]
    for earlier in vintage.replaced:
        first[earlier.id] = min(earlier.known, first.get(earlier.id, earlier.known))
        now = standing.get(earlier.id)
        if now is not None and _contrary(study, earlier, now):
            withdrawn.append((earlier.grade,))
    return History(
        withdrawn=tuple(sorted(withdrawn)),
        first_known=MappingProxyType({name: first[name] for name in first if name in standing}),
    )


def _contrary(study: Study, earlier: Record, now: Record) -> bool:
    """Say whether a correction takes back what the earlier version claimed."""
    indicator = study.indicators.get(now.indicator)
    if indicator is None or earlier.indicator != now.indicator or indicator.kind == "continuous":
        return False
    if indicator.kind in ("binary", "ordinal"):
        return earlier.number != now.number
    return (earlier.number > 0) != (now.number > 0)
