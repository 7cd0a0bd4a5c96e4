"""Entries of the ledger and what may follow what: no database here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from forecast.errors import EvidenceError
from forecast.evidence.record import Record, canonical_json, sha256

#: The hash before the first entry.
GENESIS = sha256("ledger/1")

Kind = Literal["record", "supersede", "retract"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as it stands in the ledger, all text but for the numbers.

    ``content`` is canonical JSON: a record's columns and its number, or the reason of a
    retraction. ``target_seq`` is the entry that a correction or retraction speaks of.
    """

    seq: int = 0
    kind: Kind
    record_id: str
    target_seq: int | None
    known_at: str
    recorded_at: str = ""
    content: str
    content_hash: str
    chain_hash: str = ""

    def link(self, previous: str) -> str:
        """Return the hash that chains this entry to its predecessor's."""
        parts = (
            *(previous, self.seq, self.kind, self.record_id, self.target_seq, self.known_at),
            *(self.recorded_at, self.content, self.content_hash),
        )
        return sha256(canonical_json(parts))


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash; number 0 for an empty ledger."""

    seq: int
    chain_hash: str


@dataclass(frozen=True)
class Plan:
    """What appending some records would do.

    ``corrections`` are records whose id is held with other content.
    """

    additions: tuple[Record, ...] = ()
    already_known: int = 0
    corrections: tuple[Record, ...] = ()


@dataclass
class Held:
    """What is held under one record id: the hash of every version, and the newest entry."""

    hashes: set[str] = field(default_factory=set)
    seq: int = 0
    known_at: str = ""
    kind: Kind = "record"


def plan(records: Sequence[Record], held: Mapping[str, Held]) -> Plan:
    """Sort records into new ones, those held already in some version, and corrections.

    Raises
    ------
    EvidenceError
        If two of them share an id but not their content.
    """
    additions: dict[str, Record] = {}
    corrections: dict[str, Record] = {}
    already_known = 0
    for record in records:
        versions = held[record.id].hashes if record.id in held else set()
        earlier = additions.get(record.id) or corrections.get(record.id)
        if record.content_hash in versions or (
            earlier is not None and earlier.content_hash == record.content_hash
        ):
            already_known += 1
        elif earlier is not None:
            raise EvidenceError(
                f"{record.id!r} comes twice with different content",
                expected="each id once",
                remedy="give one of the two an id of its own",
            )
        else:
            (corrections if versions else additions)[record.id] = record
    return Plan(tuple(additions.values()), already_known, tuple(corrections.values()))


def target_of(record_id: str, known_at: date, held: Mapping[str, Held]) -> Held:
    """Return what a correction or retraction speaks of.

    No version may be known before an earlier one, so that the order of writing is the order in
    which versions became known.

    Raises
    ------
    EvidenceError
        If there is no such record, or the change would be known before what it changes.
    """
    if record_id not in held:
        raise EvidenceError(
            f"no record {record_id!r} is held",
            expected="the id of a record in the ledger",
            remedy="see 'forecast evidence list'",
        )
    target = held[record_id]
    if known_at.isoformat() < target.known_at:
        raise EvidenceError(
            f"{record_id!r} would change on {known_at}, before its newest version was known",
            expected=f"{target.known_at} or later",
            remedy="retract it, and append the record under a new id",
        )
    return target


def draft(kind: Kind, record: Record, known_at: date, target_seq: int | None = None) -> Entry:
    """Return the entry of a record, still without number, time and chain."""
    return Entry(
        kind=kind,
        record_id=record.id,
        target_seq=target_seq,
        known_at=known_at.isoformat(),
        content=canonical_json({**record.columns, "number": record.number}),
        content_hash=record.content_hash,
    )


def correction(record: Record, known_at: date, held: Mapping[str, Held]) -> Entry:
    """Return the entry that corrects the record with the same id."""
    return draft("supersede", record, known_at, target_of(record.id, known_at, held).seq)


def retraction(record_id: str, known_at: date, why: str, held: Mapping[str, Held]) -> Entry:
    """Return the entry that withdraws a record.

    Raises
    ------
    EvidenceError
        If no such record stands, or no reason is given.
    """
    if not why.strip():
        raise EvidenceError(
            "a retraction needs a reason", where=record_id, expected="a text", remedy="say why"
        )
    target = target_of(record_id, known_at, held)
    if target.kind == "retract":
        raise EvidenceError(
            f"{record_id!r} is retracted already",
            expected="a record that stands",
            remedy="see 'forecast evidence show'",
        )
    content = canonical_json({"why": why})
    return Entry(
        kind="retract",
        record_id=record_id,
        target_seq=target.seq,
        known_at=known_at.isoformat(),
        content=content,
        content_hash=sha256(content),
    )


def chained(drafts: Sequence[Entry], head: Head, recorded_at: datetime) -> list[Entry]:
    """Return entries numbered, dated and chained behind a head."""
    previous = head.chain_hash
    entries: list[Entry] = []
    for seq, one in enumerate(drafts, start=head.seq + 1):
        entry = replace(one, seq=seq, recorded_at=recorded_at.isoformat())
        previous = entry.link(previous)
        entries.append(replace(entry, chain_hash=previous))
    return entries
