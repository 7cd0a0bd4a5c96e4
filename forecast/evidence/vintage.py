"""The as-of reader: the ledger as it was known on a date. Nothing else may feed the panel."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from forecast.errors import IntegrityError
from forecast.evidence.entries import HOLDS_RECORD, Entry
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import Record, canonical_json, sha256
from forecast.study.models import Pair


@dataclass(frozen=True)
class Review:
    """How many proposed records were accepted, disputed, or wait for a second person."""

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
    replaced
        The earlier versions of records that were corrected by then.
    elsewhere
        How many records were left unread because they are about other pairs.
    review
        What became of the records that were proposed for review; those not accepted are not here.
    """

    as_of: date
    records: tuple[Record, ...]
    hash: str
    withdrawn: tuple[Record, ...] = ()
    replaced: tuple[Record, ...] = ()
    elsewhere: int = 0
    review: Review = Review()


@dataclass
class _Standing:
    """What the entries read so far make of each record."""

    newest: dict[str, Entry]
    retracted: dict[str, Entry]
    replaced: list[Entry]
    proposals: dict[int, Entry]
    verdicts: dict[int, str]

    def take(self, entry: Entry) -> None:
        match entry.kind:
            case "record" | "supersede":
                self._stand(entry)
            case "retract":
                if entry.record_id in self.newest:
                    self.retracted[entry.record_id] = self.newest.pop(entry.record_id)
            case "propose":
                self.proposals[entry.seq] = entry
            case "accept" | "dispute":
                target = entry.target_seq or 0
                self.verdicts[target] = entry.kind
                if entry.kind == "accept" and target in self.proposals:
                    self._stand(self.proposals[target])

    def _stand(self, entry: Entry) -> None:
        before = self.newest.get(entry.record_id)
        if before is not None:
            self.replaced.append(before)
        self.newest[entry.record_id] = entry
        self.retracted.pop(entry.record_id, None)


def standing(entries: Iterable[Entry]) -> _Standing:
    """Return what entries, in the order of writing, make of each record."""
    # The ledger lets no version of a record be known before an earlier one: writing order decides.
    state = _Standing({}, {}, [], {}, {})
    for entry in entries:
        state.take(entry)
    return state


def read_as_of(ledger: Ledger, as_of: date, *, pairs: Collection[Pair] | None = None) -> Vintage:
    """Return the vintage of a ledger as of a date.

    A correction or a retraction that became known later does not exist yet; the version that it
    speaks of is then still the one that stands. A proposed record exists once another person
    accepted it, whenever that was: a review is about our own work, not about the world.

    Parameters
    ----------
    pairs
        Read the records of these pairs alone, the others being counted in ``elsewhere``: a ledger
        may serve several studies.
    """
    labels = None if pairs is None else {pair.label for pair in pairs}
    state = standing(ledger.scan(known_by=as_of, pairs=labels))

    def read(entries: Iterable[Entry]) -> tuple[Record, ...]:
        chosen = (one for one in entries if labels is None or one.pair in labels)
        return tuple(map(record_of, sorted(chosen, key=lambda one: (one.record_id, one.seq))))

    records, withdrawn = read(state.newest.values()), read(state.retracted.values())
    replaced = read(state.replaced)
    hashed: list[object] = [(one.id, one.content_hash, one.number) for one in records]
    if withdrawn or replaced:
        # What was believed before decides delays and what grades are worth.
        hashed.append(
            [[(one.id, one.content_hash) for one in old] for old in (withdrawn, replaced)]
        )
    said = [state.verdicts.get(seq, "pending") for seq in state.proposals]
    return Vintage(
        as_of,
        records,
        sha256(canonical_json(hashed)),
        withdrawn=withdrawn,
        replaced=replaced,
        elsewhere=0 if labels is None else ledger.count_elsewhere(labels, known_by=as_of),
        review=Review(said.count("accept"), said.count("dispute"), said.count("pending")),
    )


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
