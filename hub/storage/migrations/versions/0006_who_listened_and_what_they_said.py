"""Who listened to a recording, what they say of its seconds, how they grade it, and glass that was broken"""

import sqlalchemy as sa
from alembic import op

from hub.storage.database import Json, Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _listenings()
    _glass()
    _said()


def _listenings() -> None:
    op.create_table(
        "listenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_listenings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listenings")),
        sa.UniqueConstraint("recording_id", "key", name=op.f("uq_listenings_recording_id_key")),
    )
    op.create_index("ix_listenings_call", "listenings", ["call_id"])
    op.create_index("ix_listenings_user", "listenings", ["user_id", "recording_id"])
    op.create_table(
        "listening_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listening_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("begin", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listening_id"], ["listenings.id"], name=op.f("fk_listening_spans_listening_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_spans")),
    )
    op.create_index("ix_listening_spans_listening", "listening_spans", ["listening_id", "id"])


def _glass() -> None:
    op.create_table(
        "broken_glass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_broken_glass_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broken_glass")),
    )
    op.create_index("ix_broken_glass_user", "broken_glass", ["user_id", "until"])


def _said() -> None:
    op.create_table(
        "recording_remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("second", sa.Float(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("tag", sa.String(length=50), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recording_remarks_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recording_remarks_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_remarks")),
    )
    op.create_index("ix_recording_remarks_recording", "recording_remarks", ["recording_id", "second"])
    op.create_table(
        "score_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_questions")),
    )
    op.create_table(
        "gradings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("graded_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["graded_id"], ["users.id"], name=op.f("fk_gradings_graded_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_gradings_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_gradings_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
        sa.UniqueConstraint("recording_id", "reviewer_id", name=op.f("uq_gradings_recording_id_reviewer_id")),
    )
    op.create_index(op.f("ix_gradings_graded_id"), "gradings", ["graded_id"])


def downgrade() -> None:
    for table in ("gradings", "score_questions", "recording_remarks", "broken_glass", "listening_spans", "listenings"):
        op.drop_table(table)
