"""Proves that no entry of a ledger has changed since it was written."""

from __future__ import annotations

import json
from contextlib import closing

from forecast.errors import IntegrityError, LedgerError
from forecast.evidence.entries import GENESIS, HOLDS_RECORD, Entry, Head
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import COLUMNS, canonical_json, sha256


def verify(ledger: Ledger) -> Head:
    """Return the head of a ledger, its number being the count, once every link holds.

    Raises
    ------
    IntegrityError
        Naming the first entry whose content or chain does not match its hashes, or that is
        missing.
    """
    previous = GENESIS
    count = 0
    with closing(ledger.scan()) as entries:
        try:
            for entry in entries:
                count += 1
                _check(entry, count, previous)
                previous = entry.chain_hash
        except LedgerError as error:
            if isinstance(error, IntegrityError):
                raise
            raise _broken(count + 1, f"it cannot be read: {error.what}") from error
    return Head(count, previous)


def _check(entry: Entry, number: int, previous: str) -> None:
    if entry.seq != number:
        raise _broken(number, f"it is missing; the next one held is {entry.seq}")
    if _content_hash(entry) != entry.content_hash:
        raise _broken(number, f"record {entry.record_id!r} does not match its hash")
    if not _names_agree(entry):
        raise _broken(number, f"record {entry.record_id!r} is filed under another name")
    if entry.link(previous) != entry.chain_hash:
        raise _broken(number, f"record {entry.record_id!r} does not match the chain")


def _content_hash(entry: Entry) -> str:
    """Return the hash that an entry's content should have; empty where it cannot be read."""
    if entry.kind not in HOLDS_RECORD:
        return sha256(entry.content)
    try:
        content = json.loads(entry.content)
        return sha256(canonical_json({name: content[name] for name in COLUMNS}))
    except (json.JSONDecodeError, KeyError, TypeError):
        return ""


def _names_agree(entry: Entry) -> bool:
    """Say whether pair and indicator, by which records are found, are what the content says."""
    if entry.kind not in HOLDS_RECORD:
        return not entry.pair and not entry.indicator
    content = json.loads(entry.content)
    pair = f"{content['supporter']}->{content['recipient']}"
    return (entry.pair, entry.indicator) == (pair, content["indicator"])


def _broken(number: int, what: str) -> IntegrityError:
    return IntegrityError(
        f"the ledger is broken at entry {number}: {what}",
        expected="an unbroken chain of hashes",
        remedy="restore a backup; the entries before it are sound",
    )
