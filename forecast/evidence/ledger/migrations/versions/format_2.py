"""The second format: pair and indicator beside the content, to find records by them."""

import json

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_BATCH = 5_000


def upgrade() -> None:
    """Add the columns, fill them from what the entries say, and index what is searched."""
    for name in ("pair", "indicator"):
        op.add_column("entries", sa.Column(name, _TEXT, nullable=False, server_default=""))
    _fill(op.get_bind())
    op.create_index("ix_entries_pair", "entries", ["pair", "kind", "known_at"])
    op.create_index("ix_entries_kind", "entries", ["kind"])


def _fill(connection: sa.Connection) -> None:
    entries = sa.table("entries", *map(sa.column, ("seq", "kind", "content", "pair", "indicator")))
    after = 0
    while True:
        query = (
            sa.select(entries.c.seq, entries.c.kind, entries.c.content)
            .where(entries.c.seq > after)
            .order_by(entries.c.seq)
            .limit(_BATCH)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        after = rows[-1].seq
        filled = [{"at": row.seq, **_named(row.content)} for row in rows if row.kind != "retract"]
        if filled:
            connection.execute(
                sa.update(entries)
                .where(entries.c.seq == sa.bindparam("at"))
                .values(pair=sa.bindparam("new_pair"), indicator=sa.bindparam("new_indicator")),
                filled,
            )


def _named(content: str) -> dict[str, str]:
    """Return what an entry says; one that cannot be read is left for the check of the chain."""
    try:
        said = json.loads(content)
        pair = f"{said['supporter']}->{said['recipient']}"
        return {"new_pair": pair, "new_indicator": str(said["indicator"])}
    except (json.JSONDecodeError, KeyError, TypeError):
        return {"new_pair": "", "new_indicator": ""}
