"""Finds records that may tell of one event, and proposes a common cluster for them.

Nothing is merged here: the panel counts two records as one act only where a person gave them one
cluster.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from forecast.evidence.record import Record
from forecast.study.models import Indicator

#: Days between two reports of what may be one event.
WINDOW = 7
# Longer intervals (a quarter, a year) say too little to tell two events apart.
_LONGEST = 31


@dataclass(frozen=True, slots=True)
class Told:
    """What of a record tells whether it is another's twin; ``line`` is 0 for one that is held."""

    id: str
    line: int
    key: tuple[str, ...]
    day: int
    source: str
    cluster: str


@dataclass(frozen=True)
class Proposal:
    """Records of one indicator and pair, from several sources, whose days lie close together.

    ``name`` is the cluster that all could carry: that of the first which has one, or a new name.
    """

    records: tuple[Told, ...]
    name: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the records."""
        return tuple(one.id for one in self.records)


def told(record: Record, indicator: Indicator | None, line: int = 0) -> Told | None:
    """Return what may make a record a twin; ``None`` where its date is too vague to tell."""
    first, last = record.first, record.last
    if indicator is None:
        return None
    pair = record.pair
    who = pair.dyad if indicator.mutual else pair.label
    if indicator.kind == "continuous":
        # A period has one value, whoever tells it: each record counts as a source of its own.
        key = (record.indicator, who, record.event_date)
        return Told(record.id, line, key, first.toordinal(), record.id, record.cluster)
    if (last - first).days > _LONGEST:
        return None
    # A charge is never the same event as its denial; counts and amounts may be told differently.
    claim = record.value if indicator.kind in ("binary", "ordinal") else ""
    key = (record.indicator, who, claim)
    return Told(record.id, line, key, first.toordinal(), record.source_name, record.cluster)


def proposals(records: Iterable[Told], *, among: Collection[str] = ()) -> Iterator[Proposal]:
    """Yield groups of records that may tell of one event and share no cluster yet.

    A group spans at most ``WINDOW`` days from its first record.

    Parameters
    ----------
    among
        Only groups that hold one of these ids; all where empty.
    """
    wanted = frozenset(among)
    group: list[Told] = []
    for one in sorted(records, key=lambda one: (one.key, one.day, one.line, one.id)):
        if group and (one.key != group[0].key or one.day - group[0].day > WINDOW):
            yield from _proposal(group, wanted)
            group = []
        group.append(one)
    yield from _proposal(group, wanted)


def _proposal(group: list[Told], wanted: frozenset[str]) -> Iterator[Proposal]:
    if len(group) < 2 or len({one.source for one in group}) < 2:
        return
    clusters = {one.cluster for one in group}
    if (len(clusters) == 1 and "" not in clusters) or len({one.id for one in group}) < 2:
        return
    if wanted and not any(one.id in wanted for one in group):
        return
    named = next((one.cluster for one in group if one.cluster), "")
    yield Proposal(tuple(group), named or f"{group[0].id}-event")
