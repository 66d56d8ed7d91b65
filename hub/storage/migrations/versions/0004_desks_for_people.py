"""What the desks need: saved views, merged cards, how people like to work, what came of a call"""

import sqlalchemy as sa
from alembic import op

from hub.storage.database import Json, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "place", "name", name=op.f("uq_saved_views_user_id_place_name")),
    )
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone", Json, nullable=False),
        sa.Column("moved", Json, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["contacts.id"], name=op.f("fk_merges_kept_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_merges_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_kept_id"), "merges", ["kept_id"])
    op.add_column("calls", sa.Column("disposition", sa.String(length=50), nullable=True))
    op.add_column("contacts", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("users", sa.Column("preferences", Json, server_default="{}", nullable=False))


def downgrade() -> None:
    for table, column in (("users", "preferences"), ("contacts", "version"), ("calls", "disposition")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    op.drop_table("merges")
    op.drop_table("saved_views")
