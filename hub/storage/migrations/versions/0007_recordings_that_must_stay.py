"""Recordings that must stay, and which recordings have the same content"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recordings", sa.Column("hold_reason", sa.String(length=300), nullable=True))
    op.create_index("ix_recordings_rendition_sha256", "recordings", ["rendition_sha256"])
    op.create_index("ix_recordings_peaks_sha256", "recordings", ["peaks_sha256"])


def downgrade() -> None:
    op.drop_index("ix_recordings_peaks_sha256", "recordings")
    op.drop_index("ix_recordings_rendition_sha256", "recordings")
    op.drop_column("recordings", "hold_reason")
