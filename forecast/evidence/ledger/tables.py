"""The table of entries, as the newest format has it.

``pair`` and ``indicator`` repeat what ``content`` says, to find a record by them; both are empty
for entries that hold no record. Everything is text that compares byte by byte on every database.
"""

from __future__ import annotations

import sqlalchemy as sa

#: The newest format; each has a module in ``migrations/versions`` that leads up to it.
FORMAT = 2

METADATA = sa.MetaData()


def text() -> sa.types.TypeEngine[str]:
    """Return the type of a column of text, which sorts by bytes on a server too."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", text(), nullable=False, index=True),
    sa.Column("record_id", text(), nullable=False, index=True),
    sa.Column("target_seq", sa.Integer),
    sa.Column("known_at", text(), nullable=False, index=True),
    sa.Column("recorded_at", text(), nullable=False),
    sa.Column("content", text(), nullable=False),
    sa.Column("content_hash", text(), nullable=False),
    sa.Column("chain_hash", text(), nullable=False),
    sa.Column("pair", text(), nullable=False, server_default=""),
    sa.Column("indicator", text(), nullable=False, server_default=""),
    # Counting the records of other pairs reads the index alone.
    sa.Index("ix_entries_pair", "pair", "kind", "known_at"),
)
