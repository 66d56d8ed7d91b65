"""Phones by name, lines that route, dials that can be taken back, comparisons with the system's own list"""

import sqlalchemy as sa
from alembic import op

from hub.storage.database import Json, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("compared_at", Moment(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_comparisons_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
    )
    with op.batch_alter_table("comparisons") as table:
        table.create_index("ix_comparisons_newest", ["connection_id", "compared_at"])
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("query", sa.String(length=2000), server_default="", nullable=False))
    with op.batch_alter_table("dials") as table:
        table.add_column(sa.Column("ref", sa.String(length=100), nullable=True))
        table.alter_column("extension", existing_type=sa.String(length=32), type_=sa.String(length=100))
        table.alter_column("state", existing_type=sa.String(length=8), type_=sa.String(length=9))
    with op.batch_alter_table("extensions") as table:
        table.alter_column("number", existing_type=sa.String(length=32), type_=sa.String(length=100))
    with op.batch_alter_table("lines") as table:
        table.add_column(sa.Column("owner_first", sa.Boolean(), server_default=sa.true(), nullable=False))
        table.add_column(sa.Column("ring_user_ids", Json, server_default="[]", nullable=False))
        table.add_column(sa.Column("ring_seconds", sa.Integer(), server_default="25", nullable=False))
        table.add_column(sa.Column("voicemail", sa.Boolean(), server_default=sa.true(), nullable=False))
        table.add_column(sa.Column("record_inbound", sa.String(length=9), server_default="never", nullable=False))
        table.add_column(sa.Column("record_outbound", sa.String(length=9), server_default="never", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("lines") as table:
        for name in ("record_outbound", "record_inbound", "voicemail", "ring_seconds", "ring_user_ids", "owner_first"):
            table.drop_column(name)
    with op.batch_alter_table("extensions") as table:
        table.alter_column("number", existing_type=sa.String(length=100), type_=sa.String(length=32))
    with op.batch_alter_table("dials") as table:
        table.alter_column("state", existing_type=sa.String(length=9), type_=sa.String(length=8))
        table.alter_column("extension", existing_type=sa.String(length=100), type_=sa.String(length=32))
        table.drop_column("ref")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("query")
    op.drop_table("comparisons")
