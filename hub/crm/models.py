"""Tables of the CRM stage."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class OutboxRow(Base):
    """What changed, as a full snapshot, written in the transaction of the change.

    `id` is the version: it grows per subject, so that a reader who sees an older one may drop it.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
