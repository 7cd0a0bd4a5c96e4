"""The as-of reader: the ledger as it was known on a date. Nothing else may feed the panel."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from forecast.errors import IntegrityError
from forecast.evidence.entries import HOLDS_RECORD, Entry
from forecast.evidence.ledger import Ledger
from forecast.evidence.memory import without_collecting
from forecast.evidence.record import Record, canonical_json, sha256
from forecast.study.models import Pair


@dataclass(frozen=True)
class Review:
    """What second persons first said of proposed records, and how many wait for one.

    A dispute that an acceptance settled later stays a dispute here: the two coders differed.
    """

    accepted: int = 0
    disputed: int = 0
    pending: int = 0

    @property
    def agreement(self) -> float | None:
        """The share of reviewed records with which the second person agreed, 0 to 1."""
        reviewed = self.accepted + self.disputed
        return self.accepted / reviewed if reviewed else None


@dataclass(frozen=True)
class Vintage:
    """The records known by the end of a day, each in its newest version then, sorted by id.

    Attributes
    ----------
    hash
        Tells two sets of records apart; neither the order in which they were written nor the day
        on which they are read matters to it.
    withdrawn
        The records that were retracted by then, as they last stood.
    found_false
        Ids of those that were withdrawn because the report was not true.
    replaced
        The earlier versions of records that were corrected, or put back, by then.
    elsewhere
        How many records were left unread because they are about other pairs.
    review
        What became of the records that were proposed for review; those not accepted are not here.
    head
        The hash of the ledger's last entry when it was read; no part of the vintage itself.
    """

    as_of: date
    records: tuple[Record, ...]
    hash: str
    withdrawn: tuple[Record, ...] = ()
    found_false: frozenset[str] = frozenset()
    replaced: tuple[Record, ...] = ()
    elsewhere: int = 0
    review: Review = Review()
    head: str = field(default="", compare=False)


@dataclass
class Standing:
    """What the entries read so far make of each record.

    Attributes
    ----------
    newest
        By id, the version that stands.
    retracted
        By id, the version that stood when it was withdrawn.
    replaced
        Versions that others took the place of, in the order of writing.
    proposals, verdicts
        By the number of a proposal's entry, the proposal and what was said of it, first to last.
    reasons
        By id, why it was withdrawn.
    """

    newest: dict[str, Entry] = field(default_factory=dict)
    retracted: dict[str, Entry] = field(default_factory=dict)
    replaced: list[Entry] = field(default_factory=list)
    proposals: dict[int, Entry] = field(default_factory=dict)
    verdicts: dict[int, list[str]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Take in the next entry."""
        match entry.kind:
            case "record" | "supersede":
                self._stand(entry)
            case "retract":
                if entry.record_id in self.newest:
                    self.retracted[entry.record_id] = self.newest.pop(entry.record_id)
                    # Retractions of the first format gave no reason but the words.
                    reason = json.loads(entry.content).get("reason", "false")
                    self.reasons[entry.record_id] = str(reason)
            case "propose":
                self.proposals[entry.seq] = entry
            case "accept" | "dispute":
                target = entry.target_seq or 0
                self.verdicts.setdefault(target, []).append(entry.kind)
                if entry.kind == "accept" and target in self.proposals:
                    self._stand(self.proposals[target])

    def _stand(self, entry: Entry) -> None:
        name = entry.record_id
        before = self.newest.get(name) or self.retracted.pop(name, None)
        if before is not None:
            self.replaced.append(before)
        self.newest[name] = entry

    def last(self, record_id: str) -> Entry | None:
        """Return the version of a record that stands, or stood last."""
        return self.newest.get(record_id) or self.retracted.get(record_id)

    def open_proposals(self) -> dict[str, Entry]:
        """Return by id the newest proposals on which nothing followed that overtook them."""
        newest = {entry.record_id: entry for entry in self.proposals.values()}
        return {
            name: entry
            for name, entry in newest.items()
            if name not in self.newest or self.newest[name].seq < entry.seq
        }


def standing(entries: Iterable[Entry]) -> Standing:
    """Return what entries, in the order of writing, make of each record."""
    # The ledger lets no version of a record be known before an earlier one: writing order decides.
    state = Standing()
    for entry in entries:
        state.take(entry)
    return state


@without_collecting()
def read_as_of(
    ledger: Ledger,
    as_of: date,
    *,
    pairs: Collection[Pair] | None = None,
    until: int | None = None,
) -> Vintage:
    """Return the vintage of a ledger as of a date.

    A correction or a retraction that became known later does not exist yet; the version that it
    speaks of is then still the one that stands. A proposed record exists once another person
    accepted it, whenever that was: a review is about our own work, not about the world.

    Parameters
    ----------
    pairs
        Read the records of these pairs alone, the others being counted in ``elsewhere``: a ledger
        may serve several studies.
    until
        Read entries up to this number alone: what had been written when a run was made. Records
        that were entered later, though known before, are then not there.
    """
    labels = None if pairs is None else {pair.label for pair in pairs}
    with ledger.snapshot():
        state = standing(ledger.scan(known_by=as_of, pairs=labels, until=until))
        head = ledger.head.chain_hash
        elsewhere = 0 if labels is None else ledger.count_elsewhere(labels, known_by=as_of)

    def ours(entry: Entry) -> bool:
        # A record is where its last version is, for what it was before, too.
        return labels is None or (state.last(entry.record_id) or entry).pair in labels

    def read(entries: Iterable[Entry]) -> tuple[Record, ...]:
        chosen = sorted(filter(ours, entries), key=lambda one: (one.record_id, one.seq))
        return tuple(map(record_of, chosen))

    records, withdrawn = read(state.newest.values()), read(state.retracted.values())
    replaced = read(state.replaced)
    false = frozenset(one.id for one in withdrawn if state.reasons[one.id] == "false")
    hashed: list[object] = [(one.id, one.content_hash, one.number) for one in records]
    if withdrawn or replaced:
        # What was believed before decides delays and what grades are worth.
        hashed.append([(one.id, one.content_hash, one.id in false) for one in withdrawn])
        hashed.append([(one.id, one.content_hash) for one in replaced])
    return Vintage(
        as_of,
        records,
        sha256(canonical_json(hashed)),
        withdrawn=withdrawn,
        found_false=false,
        replaced=replaced,
        elsewhere=elsewhere,
        review=_review(state, [one for one in state.proposals.values() if ours(one)]),
        head=head,
    )


def _review(state: Standing, proposals: list[Entry]) -> Review:
    """Count the first verdicts, and the proposals that may still get one."""
    first = [state.verdicts[one.seq][0] for one in proposals if one.seq in state.verdicts]
    waiting = {one.seq for one in state.open_proposals().values()}
    pending = sum(one.seq in waiting and one.seq not in state.verdicts for one in proposals)
    return Review(first.count("accept"), first.count("dispute"), pending)


def record_of(entry: Entry) -> Record:
    """Return the record that an entry holds.

    Raises
    ------
    IntegrityError
        If the content is not the one that was written.
    """
    try:
        content = json.loads(entry.content) if entry.kind in HOLDS_RECORD else {}
        record = Record.from_columns(content, content["number"])
        whole = record.content_hash == entry.content_hash
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise IntegrityError(
            f"record {entry.record_id!r} at entry {entry.seq} has changed since it was written",
            expected="content that matches its hash",
            remedy="run 'forecast evidence verify', and restore a backup",
        )
    return record
