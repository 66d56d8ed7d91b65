"""Tables of listening. The log and its spans only grow; nothing in them goes when a recording does."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class ListeningRow(Base):
    """One time somebody played or downloaded a recording; written before the first byte left. Append only.

    No foreign key to the recording: what is known of who heard it outlives it.
    """

    __tablename__ = "listenings"
    __table_args__ = (
        UniqueConstraint("recording_id", "key"),
        Index("ix_listenings_call", "call_id"),
        Index("ix_listenings_user", "user_id", "recording_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID]
    call_id: Mapped[UUID | None]
    key: Mapped[str] = mapped_column(String(100))
    """The play session: whoever asks for another range of it makes no other listening."""
    kind: Mapped[str] = mapped_column(String(10))
    """``play``, ``download`` or ``link``"""
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    who: Mapped[str] = mapped_column(String(200))
    """A name as it was then: of the user, of the token, of whoever made the link."""
    address: Mapped[str] = mapped_column(String(45))
    """The network address it was asked from."""
    reason: Mapped[str | None] = mapped_column(String(300))
    """Why the glass was broken for it."""


class SpanRow(Base):
    """Seconds of a listening: ``played`` as the player says, ``sent`` as bytes left. Append only."""

    __tablename__ = "listening_spans"
    __table_args__ = (Index("ix_listening_spans_listening", "listening_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listening_id: Mapped[int] = mapped_column(ForeignKey("listenings.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(6))
    begin: Mapped[float]
    until: Mapped[float]
    at: Mapped[datetime]


class RemarkRow(Base):
    """What somebody says of a second of a recording: words, a tag, or both."""

    __tablename__ = "recording_remarks"
    __table_args__ = (Index("ix_recording_remarks_recording", "recording_id", "second"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second: Mapped[float]
    text: Mapped[str] = mapped_column(String(1000), default="")
    tag: Mapped[str | None] = mapped_column(String(50))
    created_at: Mapped[datetime]


class QuestionRow(Base):
    """A question of the score card. One that was taken off stays, for the gradings that answered it."""

    __tablename__ = "score_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    weight: Mapped[int] = mapped_column(default=1)
    """How much it counts beside the others, 1 to 10."""
    active: Mapped[bool] = mapped_column(default=True)


class GradingRow(Base):
    """How one reviewer grades one recording; graded again, it is changed."""

    __tablename__ = "gradings"
    __table_args__ = (UniqueConstraint("recording_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    graded_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    """Whose talk is graded; they may read it."""
    score: Mapped[int]
    """0 to 100: the points of the answers by their weights."""
    answers: Mapped[list[Any]]
    """``{"question_id", "text", "weight", "points"}``, as the questions were then; points None: does not apply."""
    note: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
