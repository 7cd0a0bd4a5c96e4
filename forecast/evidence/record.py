"""One piece of evidence: the columns of ``evidence.csv`` as text, and what they mean."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

from forecast.study.dates import parse_dated, parse_known_at
from forecast.study.models import Pair

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
# Made once: every entry of a ledger passes through it several times.
_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def canonical_json(content: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, characters as they are."""
    return _ENCODE(content)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def storable(text: str) -> bool:
    """Say whether every database and a file in UTF-8 can hold a text."""
    return "\0" not in text and (text.isascii() or not _HALF_A_PAIR.search(text))


@dataclass(frozen=True, kw_only=True)
class Record:
    """A piece of evidence as given, never changed once it is in the ledger.

    The columns keep the text of the file; ``number`` is what the value means to a likelihood: 0 or
    1, a count, the index of an ordinal's level from 0, or an amount on its own scale.

    Notes
    -----
    Build one with ``forecast.evidence.check.read_record``, which checks it against the study.
    """

    id: str
    event_date: str
    date_precision: str
    known_at: str
    known_at_basis: str
    supporter: str
    recipient: str
    mutual: str
    indicator: str
    value: str
    attribution: str
    theatre: str
    source_name: str
    source_url_or_doc: str
    source_reliability: str
    credibility: str
    cluster: str
    note: str
    number: float

    @classmethod
    def from_columns(cls, columns: Mapping[str, str], number: float) -> Record:
        """Return the record of a row's cells; keys that are no columns are left aside."""
        return cls(number=number, **{name: columns[name] for name in COLUMNS})

    @property
    def columns(self) -> dict[str, str]:
        """The cells by column, in the order of the file."""
        return {name: getattr(self, name) for name in COLUMNS}

    @cached_property
    def _interval(self) -> tuple[date, date]:
        return parse_dated(self.event_date, self.date_precision)

    @property
    def first(self) -> date:
        """The first day on which the event may have happened."""
        return self._interval[0]

    @property
    def last(self) -> date:
        """The last day on which the event may have happened."""
        return self._interval[1]

    @cached_property
    def known(self) -> date:
        """The day by whose end, in UTC, the record was known."""
        return parse_known_at(self.known_at)

    @property
    def announced(self) -> bool:
        """Whether it was known before the event could have happened."""
        return self.known < self.first

    @cached_property
    def pair(self) -> Pair:
        """Who supports whom, as written; a mutual record may be written in either direction."""
        return Pair(self.supporter, self.recipient)

    @property
    def grade(self) -> str:
        """The Admiralty grade: source from A to F, then information from 1 to 6."""
        return self.source_reliability + self.credibility

    @cached_property
    def content_hash(self) -> str:
        """The SHA-256 of the columns: equal for equal records, wherever they come from."""
        return sha256(canonical_json(self.columns))


#: The columns of ``evidence.csv``, in order.
COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Record) if one.name != "number")
