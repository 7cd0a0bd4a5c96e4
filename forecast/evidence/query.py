"""Finds records by what they say, and by what became of them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from forecast.errors import EvidenceError
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import Record
from forecast.evidence.vintage import read_as_of, record_of, standing
from forecast.study.models import Pair, Study

Status = Literal["accepted", "pending", "disputed", "retracted"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which records are wanted; what is ``None`` or empty leaves all.

    Attributes
    ----------
    first, last
        Days between which the event may have happened.
    source
        A part of the source's name, in any case.
    grade
        An Admiralty grade such as ``B2``, or its letter or digit alone.
    """

    pair: Pair | None = None
    indicator: str = ""
    first: date | None = None
    last: date | None = None
    source: str = ""
    grade: str = ""
    theatre: str = ""
    cluster: str = ""

    def takes(self, record: Record) -> bool:
        """Say whether a record is wanted; a mutual record has the pairs of both directions."""
        pairs = {record.pair} | ({record.pair.reverse} if record.mutual == "1" else set())
        return (
            (self.pair is None or self.pair in pairs)
            and self.indicator in ("", record.indicator)
            and (self.first is None or record.last >= self.first)
            and (self.last is None or record.first <= self.last)
            and self.source.casefold() in record.source_name.casefold()
            and self.grade in ("", record.grade, record.source_reliability, record.credibility)
            and self.theatre.casefold() in ("", record.theatre.casefold())
            and self.cluster in ("", record.cluster)
        )


def find(
    ledger: Ledger, study: Study, wanted: Filter, *, as_of: date, status: Status = "accepted"
) -> list[Record]:
    """Return the records of a study's pairs, or of the pair wanted, sorted by id.

    ``accepted`` are those that a fit sees; ``retracted`` as they last stood; ``pending`` and
    ``disputed`` the proposals that no second person has accepted.

    Raises
    ------
    EvidenceError
        If the pair or the indicator is neither the study's nor on record.
    """
    # A ledger may serve other studies, too; records of a pair that left this one are found by it.
    pairs = set(study.pairs)
    if wanted.pair is not None:
        pairs |= {wanted.pair, wanted.pair.reverse}
    vintage = read_as_of(ledger, as_of, pairs=pairs)
    held = [*vintage.records, *vintage.withdrawn]
    if status == "accepted":
        records: Iterable[Record] = vintage.records
    elif status == "retracted":
        records = vintage.withdrawn
    else:
        records = _proposed(ledger, as_of, status, {one.label for one in pairs})
        held.extend(records)
    if wanted.pair is not None:
        known = {one.label for one in study.pairs} | {one.pair.label for one in held}
        _insist("pair", wanted.pair.label, known)
    if wanted.indicator:
        _insist("indicator", wanted.indicator, {*study.indicators, *(o.indicator for o in held)})
    return [record for record in records if wanted.takes(record)]


def _proposed(
    ledger: Ledger, as_of: date, status: Status, labels: Collection[str] | None
) -> list[Record]:
    state = standing(ledger.scan(known_by=as_of, pairs=labels))
    found = state.open_proposals()
    return [
        record_of(found[name])
        for name in sorted(found)
        if (labels is None or found[name].pair in labels)
        and bool(state.verdicts.get(found[name].seq)) is (status == "disputed")
    ]


def _insist(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise EvidenceError(
            f"neither the study nor the ledger has the {what} {name!r}",
            expected=_nearest(name, known),
            remedy=f"correct the {what}",
        )


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.3)
    return " or ".join(close or sorted(known)[:3]) or "a study with records"


@dataclass(frozen=True)
class Change:
    """What became known of one record between two dates.

    ``kind`` is ``new``, ``changed`` or ``withdrawn``; ``before`` and ``after`` the record at either
    date, ``None`` where it did not stand.
    """

    id: str
    kind: Literal["new", "changed", "withdrawn"]
    before: Record | None
    after: Record | None

    @property
    def fields(self) -> dict[str, tuple[str, str]]:
        """The columns that differ, each as it was and as it is."""
        if self.before is None or self.after is None:
            return {}
        old, new = self.before.columns, self.after.columns
        return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def became_known(
    ledger: Ledger, first: date, last: date, *, pairs: Collection[Pair] | None = None
) -> list[Change]:
    """Return what the ledger knew at the end of one day and not yet at the end of another.

    ``pairs`` are those of interest; all where none are named.

    Raises
    ------
    EvidenceError
        If the days are the wrong way round.
    """
    if last < first:
        raise EvidenceError(
            f"{last} is before {first}",
            expected="two days, the earlier first",
            remedy="exchange --from and --to",
        )
    before = {one.id: one for one in read_as_of(ledger, first, pairs=pairs).records}
    after = {one.id: one for one in read_as_of(ledger, last, pairs=pairs).records}
    changes: list[Change] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            kind: Literal["new", "changed", "withdrawn"] = (
                "new" if old is None else "withdrawn" if new is None else "changed"
            )
            changes.append(Change(name, kind, old, new))
    return changes
