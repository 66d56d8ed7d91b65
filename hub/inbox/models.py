"""Tables of the inbox: who delivers, and every delivery byte for byte."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class ConnectionRow(Base):
    """A configured connector: this PBX, that mailbox. `secrets` is sealed (see storage.sealing)."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    settings: Mapped[dict[str, Any]]
    secrets: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="new")
    """What its listener last said: new, connecting, connected, down."""
    detail: Mapped[str | None] = mapped_column(Text)
    state_at: Mapped[datetime | None]
    refused: Mapped[int] = mapped_column(default=0)
    """Deliveries whose sender could not prove itself: counted, never kept."""


class DeliveryRow(Base):
    """One delivery. `state`: pending, done, parked (`reason`), failed (`attempts`, `next_attempt_at`)."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("connection_id", "key"),
        Index(
            "ix_deliveries_open",
            "connection_id",
            "id",
            postgresql_where=text("state IN ('pending', 'failed')"),
            sqlite_where=text("state IN ('pending', 'failed')"),
        ),
        Index("ix_deliveries_received", "connection_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    key: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str] = mapped_column(String(100))
    headers: Mapped[dict[str, Any]]
    path: Mapped[str] = mapped_column(String(200), default="")
    query: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(36))
    """Whose claim it is: whoever was given up for dead and wakes late finds another value here."""
    done_at: Mapped[datetime | None]
