"""One value that a public file states about two states, in the file's own words and codes."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.actors import System


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A value of one variable for one pair of states and one date.

    Attributes
    ----------
    row
        Row of the file that it comes from, or the first of several; the header is row 1.
    variable
        Name under which the mapping knows it.
    supporter, recipient
        The two states as written in the file; their order is free for a mutual variable.
    system
        What the two texts are: names, or codes of one system.
    event_date, date_precision
        As in ``evidence.csv``.
    value
        A number, or the text of an ordinal's level; a number that is no number is a blank.
    key
        What makes the source row unique in every release of the file: ids are built from it.
    known_at, known_at_basis
        Only where the file itself tells when a row became known; else the mapping's date holds.
    """

    row: int
    variable: str
    supporter: str
    recipient: str
    system: System = "name"
    event_date: str
    date_precision: str = "year"
    value: float | str
    key: str
    cluster: str = ""
    note: str = ""
    known_at: str = ""
    known_at_basis: str = ""
