"""Tables of the telephony stage: lines, extensions, conversations and their calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class LineRow(Base):
    """One of our numbers. `hours`: ``{"mon": [["09:00", "18:00"]], …}`` in `timezone`; None: always open."""

    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    region: Mapped[str] = mapped_column(String(2))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    hours: Mapped[dict[str, Any] | None]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    owner_first: Mapped[bool] = mapped_column(default=True, server_default=true())
    """A caller with a card rings its owner before anybody else."""
    ring_user_ids: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Whom a call on this line rings; empty: its owner, else its team, else everybody with a phone."""
    ring_seconds: Mapped[int] = mapped_column(default=25, server_default="25")
    voicemail: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether a caller nobody answers may leave a message, where Hub leads the call."""
    record_inbound: Mapped[str] = mapped_column(String(9), default="never", server_default="never")
    record_outbound: Mapped[str] = mapped_column(String(9), default="never", server_default="never")
    keep_inbound_days: Mapped[int | None]
    """How long recordings of these calls are kept; 0: for ever; None: as long as the company's."""
    keep_outbound_days: Mapped[int | None]


class ExtensionRow(Base):
    """A phone of a phone system, by its short number or name there, and whose it is."""

    __tablename__ = "extensions"
    __table_args__ = (UniqueConstraint("connection_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    number: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class GroupRow(Base):
    """One conversation of one connection: everything that is joined by a channel or group id."""

    __tablename__ = "call_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))


class NodeRow(Base):
    """A channel or group id and the conversation it belongs to now."""

    __tablename__ = "call_nodes"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    node: Mapped[str] = mapped_column(String(200), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("call_groups.id"), index=True)


class FactRow(Base):
    """What one delivery said about one conversation: a JSON list of facts and call events."""

    __tablename__ = "call_facts"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("call_groups.id"), index=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    body: Mapped[str] = mapped_column(Text)


class CallRow(Base):
    """A call as everybody outside sees it; times aware UTC, lengths in seconds."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("connection_id", "provider_call_id"),
        Index("ix_calls_started", "started_at", "id"),
        Index("ix_calls_contact", "contact_id", "started_at"),
        Index("ix_calls_number", "external_number", "started_at"),
        Index("ix_calls_outcome", "outcome", "started_at"),
        Index("ix_calls_direction", "direction", "started_at"),
        Index("ix_calls_line", "line", "started_at"),
        Index("ix_calls_line_outcome", "line", "outcome", "started_at"),
        Index("ix_calls_queue", "queue", "started_at"),
        Index("ix_calls_owner", "owner_id", "started_at"),
        Index("ix_calls_state", "state", "last_event_at"),
        Index("ix_calls_tail", "external_tail", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("call_groups.id"), index=True)
    provider_call_id: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    direction: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(200))
    external_number: Mapped[str | None] = mapped_column(String(20))
    external_tail: Mapped[str | None] = mapped_column(String(9))
    external_name: Mapped[str | None] = mapped_column(String(200))
    typed_number: Mapped[str | None] = mapped_column(String(64))
    number_problem: Mapped[str | None] = mapped_column(String(100))
    line: Mapped[str | None] = mapped_column(String(64))
    queue: Mapped[str | None] = mapped_column(String(100))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime]
    ring_seconds: Mapped[float] = mapped_column(default=0.0)
    talk_seconds: Mapped[float] = mapped_column(default=0.0)
    hold_seconds: Mapped[float] = mapped_column(default=0.0)
    duration_seconds: Mapped[float] = mapped_column(default=0.0)
    holds: Mapped[list[Any]]
    """``[["2026-11-22T10:00:30.000Z", "2026-11-22T10:00:45.000Z"], …]``"""
    hung_up_by: Mapped[str | None] = mapped_column(String(8))
    initiated_by: Mapped[dict[str, Any] | None]
    """``{"extension": "101", "user_id": 7}``"""
    answered_by: Mapped[dict[str, Any] | None]
    legs: Mapped[list[Any]]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The card's owner."""
    certainty: Mapped[str] = mapped_column(String(16), default="not_applicable")
    why: Mapped[str] = mapped_column(String(300), default="")
    candidates: Mapped[list[Any]]
    corrected: Mapped[bool] = mapped_column(default=False)
    """A person said whose call this is: no rule changes it any more."""
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"), index=True)
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    client_rang: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Outbound: whether the client's phone has begun to ring; what a click's live state is told by."""
    history: Mapped[bool] = mapped_column(default=False)
    """Imported past: on the card, but no lead and no task comes of it."""
    tags: Mapped[list[Any]]
    note: Mapped[str | None] = mapped_column(Text)
    disposition: Mapped[str | None] = mapped_column(String(50))
    """What came of it, as a person says: one of the words the company chose."""


class ParticipantRow(Base):
    """Whose call this is, which is what "own calls" means: a user has a row for each reason.

    `because`: took_part, card (owns the client's card), lead (owns the lead). See telephony/belonging.py.
    """

    __tablename__ = "call_participants"
    __table_args__ = (Index("ix_call_participants_user", "user_id", "because", "started_at", "call_id"),)

    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    because: Mapped[str] = mapped_column(String(9), primary_key=True)
    started_at: Mapped[datetime]


class TagRow(Base):
    """A word people put on a call; the call's own list of them has the order, this has the way to its calls."""

    __tablename__ = "call_tags"
    __table_args__ = (Index("ix_call_tags_newest", "tag", "started_at", "call_id"),)

    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(50), primary_key=True)
    started_at: Mapped[datetime]


class DialRow(Base):
    """A click to call: stored before anything is dialled. `state`: stored, placing, queued, refused, cancelled."""

    __tablename__ = "dials"
    __table_args__ = (UniqueConstraint("who", "idempotency_key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    who: Mapped[str] = mapped_column(String(220))
    idempotency_key: Mapped[str] = mapped_column(String(100))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    extension: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(20))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(9), default="stored")
    ref: Mapped[str | None] = mapped_column(String(100))
    """The phone system's own name for the call, where it said one when it took the order."""
    detail: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


class ComparisonRow(Base):
    """One comparison of what Hub has with the phone system's own list of calls that began in a stretch of time.

    `listed` is what the system named; of those, `received` were here, `waiting` have deliveries still to be worked off,
    and `missing` were fetched. `problem`: why the list could not be read; the stretch is then compared again.
    """

    __tablename__ = "comparisons"
    __table_args__ = (Index("ix_comparisons_newest", "connection_id", "compared_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    compared_at: Mapped[datetime]
    listed: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(300))
