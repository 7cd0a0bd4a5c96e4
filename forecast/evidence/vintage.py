"""The as-of reader: the ledger as it was known on a date. Nothing else may feed the panel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from forecast.errors import IntegrityError
from forecast.evidence.entries import Entry
from forecast.evidence.ledger import Ledger
from forecast.evidence.record import Record, canonical_json, sha256


@dataclass(frozen=True)
class Vintage:
    """The records known by the end of a day, each in its newest version then, sorted by id.

    ``hash`` tells two sets of records apart; neither the order in which they were written nor the
    day on which they are read matters to it.
    """

    as_of: date
    records: tuple[Record, ...]
    hash: str


def read_as_of(ledger: Ledger, as_of: date) -> Vintage:
    """Return the vintage of a ledger as of a date.

    A correction or a retraction that became known later does not exist yet; the version that it
    speaks of is then still the one that stands.
    """
    newest: dict[str, Entry] = {}
    # The ledger lets no version of a record be known before an earlier one: writing order decides.
    for entry in ledger.entries(known_by=as_of):
        newest[entry.record_id] = entry
    records = tuple(
        record_of(newest[record_id])
        for record_id in sorted(newest)
        if newest[record_id].kind != "retract"
    )
    hashed = [(record.id, record.content_hash, record.number) for record in records]
    return Vintage(as_of, records, sha256(canonical_json(hashed)))


def record_of(entry: Entry) -> Record:
    """Return the record that an entry holds.

    Raises
    ------
    IntegrityError
        If the content is not the one that was written.
    """
    content = json.loads(entry.content)
    record = Record.from_columns(content, content["number"])
    if record.content_hash != entry.content_hash:
        raise IntegrityError(
            f"record {entry.record_id!r} at entry {entry.seq} has changed since it was written",
            expected="content that matches its hash",
            remedy="run 'forecast evidence verify', and restore a backup",
        )
    return record
