"""Recordings that must stay, which have the same content, and how long each line's are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recordings", sa.Column("hold_reason", sa.String(length=300), nullable=True))
    op.add_column("lines", sa.Column("keep_inbound_days", sa.Integer(), nullable=True))
    op.add_column("lines", sa.Column("keep_outbound_days", sa.Integer(), nullable=True))
    op.create_index("ix_recordings_rendition_sha256", "recordings", ["rendition_sha256"])
    op.create_index("ix_recordings_peaks_sha256", "recordings", ["peaks_sha256"])


def downgrade() -> None:
    op.drop_index("ix_recordings_peaks_sha256", "recordings")
    op.drop_index("ix_recordings_rendition_sha256", "recordings")
    op.drop_column("lines", "keep_outbound_days")
    op.drop_column("lines", "keep_inbound_days")
    op.drop_column("recordings", "hold_reason")
