"""Tables of the recordings stage."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class RecordingRow(Base):
    """A recording the phone system announced. `state`: pending until we hold our own copy."""

    __tablename__ = "recordings"
    __table_args__ = (UniqueConstraint("call_id", "reference"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    reference: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    seconds: Mapped[float | None]
    channels: Mapped[int | None]
    created_at: Mapped[datetime]
