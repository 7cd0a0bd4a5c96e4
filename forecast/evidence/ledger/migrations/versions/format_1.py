"""The first format: a chain of entries."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of entries."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("record_id", _TEXT, nullable=False),
        sa.Column("target_seq", sa.Integer),
        sa.Column("known_at", _TEXT, nullable=False),
        sa.Column("recorded_at", _TEXT, nullable=False),
        sa.Column("content", _TEXT, nullable=False),
        sa.Column("content_hash", _TEXT, nullable=False),
        sa.Column("chain_hash", _TEXT, nullable=False),
    )
    op.create_index("ix_entries_record_id", "entries", ["record_id"])
    op.create_index("ix_entries_known_at", "entries", ["known_at"])
