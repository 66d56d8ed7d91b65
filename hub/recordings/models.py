"""Tables of the recordings stage: what was recorded, and the whole story of each recording."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class RecordingRow(Base):
    """One recording of one connection, by the name the phone system gave it; never lost with its call's projection.

    `state`: pending (not here yet, and why not), stored (our own copy), failed (why; `next_at`: the next try, None when
    given up), expired (gone at its source), erased (by a rule or a person). `call_id` is None for an orphan.
    """

    __tablename__ = "recordings"
    __table_args__ = (
        UniqueConstraint("call_id", "reference"),
        UniqueConstraint("connection_id", "reference"),
        Index("ix_recordings_due", "state", "next_at"),
        Index("ix_recordings_key", "connection_id", "call_key"),
        Index("ix_recordings_sha256", "sha256"),
        Index("ix_recordings_rendition_sha256", "rendition_sha256"),
        Index("ix_recordings_peaks_sha256", "peaks_sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id", ondelete="SET NULL"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    reference: Mapped[str] = mapped_column(String(2000))
    """The phone system's own name for it; ``upload:<sha256>`` for one that was uploaded."""
    call_key: Mapped[str | None] = mapped_column(String(200))
    """The phone system's id of the call it says it belongs to, also before that call is known."""
    source: Mapped[str] = mapped_column(String(10), default="announced", server_default="announced")
    """Where it came from: announced (not fetched yet), twilio, folder, http, ari, upload."""
    state: Mapped[str] = mapped_column(String(10), default="pending")
    reason: Mapped[str | None] = mapped_column(String(300))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    renderings: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often somebody tried to make a rendition of it."""
    next_at: Mapped[datetime | None]
    """When it is to be fetched, or its rendition made; while somebody is at it, when they are given up for dead."""
    started_at: Mapped[datetime | None]
    """The moment the audio begins, where the phone system says so."""
    seconds: Mapped[float | None]
    channels: Mapped[int | None]
    tracks: Mapped[list[Any] | None]
    """Who is heard on each channel: ``["client", "ours"]``."""
    media_type: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    """The original, as it was fetched: hexadecimal; also what it is stored under."""
    rendition_sha256: Mapped[str | None] = mapped_column(String(64))
    rendition_size: Mapped[int | None] = mapped_column(BigInteger)
    peaks_sha256: Mapped[str | None] = mapped_column(String(64))
    sound: Mapped[dict[str, Any] | None]
    """What was measured: loudness, silence, talk, flags (recordings/sound)."""
    hold_reason: Mapped[str | None] = mapped_column(String(300))
    """Why it must stay whatever a rule or a person says (a legal hold); None: it need not."""
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]


class RecordingEventRow(Base):
    """Something that happened to a recording: announced, tried and why it failed, stored, attached, found wrong."""

    __tablename__ = "recording_events"
    __table_args__ = (Index("ix_recording_events_story", "recording_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(500), default="")
