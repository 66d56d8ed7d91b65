"""Recordings in our custody: where each comes from, how fetching it goes, and what we hold of it"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.storage.database import Json, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OF_CALL = "fk_recordings_call_id"


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("call_key", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=10), server_default="announced", nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("renderings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Moment(), nullable=True),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("tracks", Json, nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("rendition_sha256", sa.String(length=64), nullable=True),
        sa.Column("rendition_size", sa.BigInteger(), nullable=True),
        sa.Column("peaks_sha256", sa.String(length=64), nullable=True),
        sa.Column("sound", Json, nullable=True),
        sa.Column("stored_at", Moment(), nullable=True),
    ]


BELONGS = """
UPDATE recordings SET
    connection_id = (SELECT connection_id FROM calls WHERE calls.id = recordings.call_id),
    call_key = (SELECT provider_call_id FROM calls WHERE calls.id = recordings.call_id)
WHERE id IN (
    SELECT id FROM (
        SELECT recordings.id, row_number() OVER (
            PARTITION BY calls.connection_id, recordings.reference ORDER BY recordings.created_at, recordings.id
        ) AS place
        FROM recordings JOIN calls ON calls.id = recordings.call_id
    ) AS ranked WHERE place = 1
)
"""
"""The oldest of those that say the same name: a name stands once for each connection."""


def upgrade() -> None:
    with op.batch_alter_table("recordings") as batch:
        for column in _added():
            batch.add_column(column)
        batch.alter_column("call_id", existing_type=sa.Uuid(), nullable=True)
        batch.alter_column("reference", existing_type=sa.String(length=500), type_=sa.String(length=2000))
        batch.drop_constraint(OF_CALL, type_="foreignkey")
        batch.create_foreign_key(OF_CALL, "calls", ["call_id"], ["id"], ondelete="SET NULL")
        batch.create_foreign_key("fk_recordings_connection_id", "connections", ["connection_id"], ["id"])
    op.execute(BELONGS)
    op.execute("UPDATE recordings SET next_at = created_at WHERE state = 'pending' AND connection_id IS NOT NULL")
    with op.batch_alter_table("recordings") as batch:
        batch.create_unique_constraint("uq_recordings_connection_id_reference", ["connection_id", "reference"])
        batch.create_index("ix_recordings_due", ["state", "next_at"])
        batch.create_index("ix_recordings_key", ["connection_id", "call_key"])
        batch.create_index("ix_recordings_sha256", ["sha256"])
    op.create_table(
        "recording_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recording_events_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_events")),
    )
    op.create_index("ix_recording_events_story", "recording_events", ["recording_id", "id"])


def downgrade() -> None:
    op.drop_table("recording_events")
    # The schema before knows no recording without a call, and no name that long.
    op.execute("DELETE FROM recordings WHERE call_id IS NULL OR length(reference) > 500")
    with op.batch_alter_table("recordings") as batch:
        for name in ("ix_recordings_sha256", "ix_recordings_key", "ix_recordings_due"):
            batch.drop_index(name)
        batch.drop_constraint("uq_recordings_connection_id_reference", type_="unique")
        batch.drop_constraint("fk_recordings_connection_id", type_="foreignkey")
        batch.drop_constraint(OF_CALL, type_="foreignkey")
        batch.create_foreign_key(OF_CALL, "calls", ["call_id"], ["id"], ondelete="CASCADE")
        batch.alter_column("call_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("reference", existing_type=sa.String(length=2000), type_=sa.String(length=500))
        for column in _added():
            batch.drop_column(column.name)
