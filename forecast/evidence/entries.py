"""Entries of the ledger and what may follow what: no database here.

A record enters as ``record``, or, where somebody else should look at it first, as ``propose``, on
which an ``accept`` or a ``dispute`` by another name follows. ``supersede`` corrects a record and
``retract`` withdraws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from forecast.errors import EvidenceError
from forecast.evidence.record import Record, canonical_json, sha256, storable

#: The hash before the first entry.
GENESIS = sha256("ledger/1")

Kind = Literal["record", "supersede", "retract", "propose", "accept", "dispute"]
Verdict = Literal["accept", "dispute"]
#: Why a record is withdrawn: the report was not true, was coded wrongly, or is another's twin.
Reason = Literal["false", "slip", "duplicate"]
#: What is said of a record once a verdict is given.
PAST: dict[Verdict, str] = {"accept": "accepted", "dispute": "disputed"}
#: Entries whose content is a record's columns.
HOLDS_RECORD = frozenset({"record", "supersede", "propose"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry as it stands in the ledger, all text but for the numbers.

    ``content`` is canonical JSON: a record's columns and its number (and who proposed it), or the
    reason of a retraction, or who reviewed and why. ``target_seq`` is the entry that a correction,
    retraction or review speaks of. ``pair`` and ``indicator`` repeat the record's.
    """

    seq: int = 0
    kind: Kind
    record_id: str
    target_seq: int | None = None
    known_at: str
    recorded_at: str = ""
    content: str
    content_hash: str
    chain_hash: str = ""
    pair: str = ""
    indicator: str = ""

    def link(self, previous: str) -> str:
        """Return the hash that chains this entry to its predecessor's."""
        return _link(previous, self, self.seq, self.recorded_at)


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash; number 0 for an empty ledger."""

    seq: int
    chain_hash: str


@dataclass(frozen=True)
class Tally:
    """What appending some records did, or would do.

    Attributes
    ----------
    added
        How many were new.
    known
        Ids of those that are held already, as the version that stands or waits for review.
    outdated
        Ids of those that are held already, as a version that was corrected, withdrawn or disputed
        since: they change nothing.
    repeated
        How many came twice in the append itself.
    corrected
        Ids of those that were held with other content.
    """

    added: int = 0
    known: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    repeated: int = 0
    corrected: tuple[str, ...] = ()

    @property
    def already_known(self) -> int:
        """How many needed no writing."""
        return len(self.known) + len(self.outdated) + self.repeated


class ConflictError(EvidenceError):
    """Records are held with other content. Nothing was written; ``ids`` names them all."""

    def __init__(self, ids: tuple[str, ...], where: str) -> None:
        shown = ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "")
        super().__init__(
            f"{len(ids)} records are held with other content: {shown}",
            where=where,
            expected="new ids, or the same content",
            remedy="supersede them if they are corrections",
        )
        self.ids = ids


@dataclass
class Held:
    """What is held under one record id.

    Attributes
    ----------
    hashes
        Of every version, proposed ones too.
    standing
        The hash of the version that stands, or, where none does, of the one that waits for review.
    seq, known_at, kind
        The newest entry that counts: what a correction or retraction would speak of. A proposal
        counts once it is accepted, or where nothing else is held.
    proposal, proposed_by, verdict
        The newest proposal, who made it, and what was said of it so far.
    """

    hashes: set[str] = field(default_factory=set)
    standing: str = ""
    seq: int = 0
    known_at: str = ""
    kind: Kind = "record"
    proposal: int = 0
    proposed: str = ""
    proposed_known_at: str = ""
    proposed_by: str = ""
    verdict: Verdict | None = None

    @property
    def effective(self) -> bool:
        """Whether any version of the record ever counted."""
        return self.kind != "propose"

    @property
    def newest(self) -> int:
        """The number of the newest entry that holds a version."""
        return max(self.seq, self.proposal)

    @property
    def waits(self) -> bool:
        """Whether the newest proposal was neither reviewed nor overtaken."""
        overtaken = self.effective and self.seq > self.proposal
        return bool(self.proposal) and self.verdict is None and not overtaken

    def follow(self, entry: Entry, *, proposer: str = "") -> None:
        """Take in the next entry of this record."""
        match entry.kind:
            case "propose":
                self.hashes.add(entry.content_hash)
                self.proposal, self.proposed_known_at = entry.seq, entry.known_at
                self.proposed_by, self.verdict = proposer, None
                self.proposed = entry.content_hash
                if self.seq and self.effective:
                    return
                self.standing = entry.content_hash
            case "accept":
                self.verdict = "accept"
                self.standing = self.proposed
            case "dispute":
                self.verdict = "dispute"
                if not self.effective:
                    self.standing = ""
                return
            case "record" | "supersede":
                self.hashes.add(entry.content_hash)
                self.standing = entry.content_hash
            case "retract":
                self.standing = ""
        self.seq, self.known_at, self.kind = entry.seq, entry.known_at, entry.kind


def draft(record: Record, *, proposer: str = "") -> Entry:
    """Return the entry of a new record, still without number, time and chain.

    Parameters
    ----------
    proposer
        Who proposes it for review; nobody where it counts at once.
    """
    _insist_storable(record.id, proposer)
    by = {"proposed_by": proposer} if proposer else {}
    return Entry(
        kind="propose" if proposer else "record",
        record_id=record.id,
        known_at=record.known.isoformat(),
        content=canonical_json({**record.columns, "number": record.number, **by}),
        content_hash=record.content_hash,
        pair=record.pair.label,
        indicator=record.indicator,
    )


def following(entry: Entry, held: Held) -> Entry:
    """Return a draft as the correction, or proposed correction, of the record that is held."""
    target = target_of(entry.record_id, entry.known_at, held)
    if entry.kind != "propose":
        _insist_reviewed(entry.record_id, held)
    kind: Kind = "propose" if entry.kind == "propose" else "supersede"
    return replace(entry, kind=kind, target_seq=target.seq)


def target_of(record_id: str, known_at: str, held: Held | None) -> Held:
    """Return what a correction or retraction speaks of.

    No version may be known before an earlier one, so that the order of writing is the order in
    which versions became known.

    Raises
    ------
    EvidenceError
        If there is no such record, or the change would be known before what it changes.
    """
    if held is None:
        raise EvidenceError(
            f"no record {record_id!r} is held",
            expected="the id of a record in the ledger",
            remedy="see 'forecast evidence list'",
        )
    if known_at < held.known_at:
        raise EvidenceError(
            f"{record_id!r} would change on {known_at}, before its newest version was known",
            expected=f"{held.known_at} or later",
            remedy="give the day on which the change became known",
        )
    return held


def _insist_reviewed(record_id: str, held: Held) -> None:
    """Refuse to pass over a second person who has not spoken yet."""
    if held.waits:
        raise EvidenceError(
            f"{record_id!r} waits for review",
            expected="a record whose proposal was accepted or disputed",
            remedy="see 'forecast evidence review', or propose the change, too",
        )


def correction(record: Record, known_at: date, held: Held | None) -> Entry:
    """Return the entry that corrects the record with the same id from a day on."""
    if record.known > known_at:
        raise EvidenceError(
            f"{record.id!r} would be corrected on {known_at} to something known on {record.known}",
            expected="a known_at up to the day of the correction",
            remedy="set known_at of the record, too, or give a later day to the correction",
        )
    made = replace(draft(record), known_at=known_at.isoformat(), kind="supersede")
    target = target_of(record.id, made.known_at, held)
    _insist_reviewed(record.id, target)
    return replace(made, target_seq=target.seq)


def retraction(
    record_id: str, known_at: date, why: str, held: Held | None, *, reason: Reason = "false"
) -> Entry:
    """Return the entry that withdraws a record.

    Raises
    ------
    EvidenceError
        If no such record stands, or no reason is given.
    """
    _insist_storable(record_id, why)
    if not why.strip():
        raise EvidenceError(
            "a retraction needs a reason", where=record_id, expected="a text", remedy="say why"
        )
    target = target_of(record_id, known_at.isoformat(), held)
    if target.kind == "retract":
        raise EvidenceError(
            f"{record_id!r} is retracted already",
            expected="a record that stands",
            remedy="see 'forecast evidence show'",
        )
    if not target.effective:
        raise EvidenceError(
            f"{record_id!r} was never accepted",
            expected="a record that stands",
            remedy="dispute it with 'forecast evidence review'",
        )
    said = {"why": why, "reason": reason}
    return _remark("retract", record_id, known_at.isoformat(), target.seq, said)


def review(record_id: str, verdict: Verdict, by: str, why: str, held: Held | None) -> Entry:
    """Return the entry that says what another person thinks of a proposed record.

    It is known when the proposal is: a review is about our own work, not about the world.

    Raises
    ------
    EvidenceError
        If nothing is proposed under this id, the proposal is settled, its own author reviews it,
        a name is missing, or a dispute gives no reason.
    """
    _insist_storable(record_id, by, why)
    if held is None or not held.proposal:
        raise EvidenceError(
            f"nothing is proposed under {record_id!r}",
            expected="the id of a record that waits for review",
            remedy="see 'forecast evidence list --status pending'",
        )
    if held.verdict == "accept" or (held.verdict == "dispute" and verdict == "dispute"):
        raise EvidenceError(
            f"{record_id!r} is {PAST[held.verdict]} already",
            expected="a record that waits for review",
            remedy="supersede or retract it, or propose it anew",
        )
    if held.effective and held.seq > held.proposal:
        raise EvidenceError(
            f"{record_id!r} was changed after it was proposed",
            expected="a proposal that speaks of what stands",
            remedy="propose it anew, if it still holds",
        )
    if not by.strip() or by.strip().casefold() == held.proposed_by.strip().casefold():
        raise EvidenceError(
            f"{record_id!r} was proposed by {held.proposed_by!r}"
            if by.strip()
            else "a review needs a name",
            expected="the name of another person",
            remedy="let somebody else review it, with --by NAME",
        )
    if verdict == "dispute" and not why.strip():
        raise EvidenceError(
            "a dispute needs a reason", where=record_id, expected="a text", remedy="say why"
        )
    if verdict == "accept":
        target_of(record_id, held.proposed_known_at, held)
    said = {"by": by, "why": why}
    return _remark(verdict, record_id, held.proposed_known_at, held.proposal, said)


def _insist_storable(record_id: str, *texts: str) -> None:
    for text in texts:
        if not storable(text):
            raise EvidenceError(
                f"{text!r} cannot be kept",
                where=record_id,
                expected="text that UTF-8 can hold",
                remedy="write it in characters of Unicode",
            )


def _remark(
    kind: Kind, record_id: str, known_at: str, target: int, said: Mapping[str, str]
) -> Entry:
    content = canonical_json(said)
    return Entry(
        kind=kind,
        record_id=record_id,
        target_seq=target,
        known_at=known_at,
        content=content,
        content_hash=sha256(content),
    )


def chained(drafts: Iterable[Entry], head: Head, recorded_at: str) -> Iterator[Entry]:
    """Yield entries numbered, dated and chained behind a head."""
    previous = head.chain_hash
    for seq, one in enumerate(drafts, start=head.seq + 1):
        previous = _link(previous, one, seq, recorded_at)
        yield replace(one, seq=seq, recorded_at=recorded_at, chain_hash=previous)


def _link(previous: str, entry: Entry, seq: int, recorded_at: str) -> str:
    parts = (
        *(previous, seq, entry.kind, entry.record_id, entry.target_seq, entry.known_at),
        *(recorded_at, entry.content, entry.content_hash),
    )
    return sha256(canonical_json(parts))
