"""Tables of the leads stage: client cards, leads, tasks, the timeline and the rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.storage.database import Base


class ContactRow(Base):
    """A client card.

    `origin` is set on cards Hub made itself (``tel:+380…``, ``mail:…``): one card per origin. Such a card is a
    `stand_in` until a person edits it: it gives way to a card a person made, and goes when nothing is left on it.
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    company: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    origin: Mapped[str | None] = mapped_column(String(320), unique=True)
    stand_in: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(100))
    do_not_call: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[Any]]
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts what people changed on it: who edits an older one is told, and overwrites nothing."""
    created_at: Mapped[datetime]
    last_contact_at: Mapped[datetime | None]


class ContactNumberRow(Base):
    """A number of a card, as typed and in E.164; the one number table for every kind of card."""

    __tablename__ = "contact_numbers"
    __table_args__ = (
        UniqueConstraint("contact_id", "e164"),
        # With the card in the index, a lookup stays bounded even for a number on thousands of cards.
        Index("ix_contact_numbers_e164", "e164", "contact_id"),
        Index("ix_contact_numbers_tail", "tail", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    e164: Mapped[str | None] = mapped_column(String(20))
    tail: Mapped[str | None] = mapped_column(String(9))
    typed: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(String(100))


class ContactMailRow(Base):
    __tablename__ = "contact_mails"
    __table_args__ = (
        UniqueConstraint("contact_id", "address"),
        Index("ix_contact_mails_address", "address", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254))


class MergeRow(Base):
    """Two cards that became one. `gone` is the card that went and `moved` what went over, so that it can be undone."""

    __tablename__ = "merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    gone: Mapped[dict[str, Any]]
    moved: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ChoiceRow(Base):
    """A person's word on whose number this is: remembered, and stronger than any rule."""

    __tablename__ = "number_choices"

    e164: Mapped[str] = mapped_column(String(20), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    chosen_at: Mapped[datetime]


class LeadRow(Base):
    """An open inquiry of one person. `current`: touches within the window join it, at most one per card."""

    __tablename__ = "leads"
    __table_args__ = (
        Index(
            "uq_leads_current",
            "contact_id",
            unique=True,
            postgresql_where=text("current"),
            sqlite_where=text("current"),
        ),
        Index("ix_leads_status", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    status: Mapped[str] = mapped_column(String(16), default="new")
    """new, in_work, qualified, converted, rejected"""
    current: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(16))
    """The channel of the first touch: call, form, mail, person."""
    line: Mapped[str | None] = mapped_column(String(64))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    owner_why: Mapped[str] = mapped_column(String(200), default="")
    owner_subject: Mapped[str | None] = mapped_column(String(64))
    """The contact whose rule named the owner."""
    assigned: Mapped[bool] = mapped_column(default=False)
    """A person named the owner (or took it away): the rules do it no more."""
    reject_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    last_touch_at: Mapped[datetime]


class TouchRow(Base):
    """One contact (call, form, mail) that belongs to a lead; each subject once. `opened`: it opened the lead."""

    __tablename__ = "touches"
    __table_args__ = (UniqueConstraint("channel", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    opened: Mapped[bool] = mapped_column(default=False)


class TaskRow(Base):
    """Work for somebody: a missed call to return, a promise. One open missed call per person (`key`).

    Closed by `proof` (a call in which somebody talked), or by a person, with `close_reason`.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "uq_tasks_open",
            "kind",
            "key",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index("ix_tasks_due", "state", "due_at"),
        Index("ix_tasks_key", "key", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """missed_call, promise"""
    key: Mapped[str] = mapped_column(String(64))
    """``tel:+380…`` for a missed call, a unique word for anything else."""
    title: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(8), default="open")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(20), index=True)
    line: Mapped[str | None] = mapped_column(String(64))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    owner_why: Mapped[str] = mapped_column(String(200), default="")
    assigned: Mapped[bool] = mapped_column(default=False)
    """Handed over or escalated: the rules name its owner no more."""
    head_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who gets it when it is late."""
    tries: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    close_reason: Mapped[str | None] = mapped_column(String(300))
    proof: Mapped[str | None] = mapped_column(String(64))
    """The id of the call that closed it."""
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class TryRow(Base):
    """A missed call that belongs to a task; each call once.

    Owner, head and times are what its own rule and line say: a task has those of its first try.
    `task_id` is None only until the try is placed, within the same transaction.
    """

    __tablename__ = "task_tries"
    __table_args__ = (Index("ix_task_tries_key", "key", "at"),)

    call: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    remind_at: Mapped[datetime]
    due_at: Mapped[datetime]
    line: Mapped[str | None] = mapped_column(String(64))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    owner_why: Mapped[str] = mapped_column(String(200), default="")
    head_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ContactedRow(Base):
    """What this stage was last told of a contact, and how it judged: what a later telling is compared with.

    `digest` is of the telling itself: the same again about the same card has nothing to add.
    `key` is the person as far as it is known (``tel:+380…``, ``mail:…``). `known`: whether a card had it when a
    rule first spoke, which later tellings must not judge anew. `talked_until` is the proof of having talked.
    """

    __tablename__ = "contacted"
    __table_args__ = (
        Index("ix_contacted_key", "key", "contact_id"),
        Index(
            "ix_contacted_talks",
            "key",
            "talked_until",
            postgresql_where=text("talked_until IS NOT NULL"),
            sqlite_where=text("talked_until IS NOT NULL"),
        ),
    )

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    key: Mapped[str | None] = mapped_column(String(320))
    at: Mapped[datetime]
    kind: Mapped[str | None] = mapped_column(String(24))
    known: Mapped[bool | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    pinned: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(300), default="")
    talked_until: Mapped[datetime | None]
    talked_with: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class RelinkRow(Base):
    """A person whose earlier contacts must be matched again: the work itself, done when the row is gone."""

    __tablename__ = "relinks"

    key: Mapped[str] = mapped_column(String(320), primary_key=True)
    asked_at: Mapped[datetime]


class ActivityRow(Base):
    """An entry of a card's timeline, once for each subject and card."""

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "subject"),
        Index("ix_activities_contact", "contact_id", "at", "id"),
        Index("ix_activities_subject", "kind", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    """call, form, mail, lead, task, note"""
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(300), default="")


class NoteRow(Base):
    """What somebody wrote on a card. `key` comes with the form: sent twice, it is written once."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class RuleRow(Base):
    """What a kind of contact causes; a row with a line is stronger than the row without (empty)."""

    __tablename__ = "rules"
    __table_args__ = (UniqueConstraint("call_kind", "known", "line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_kind: Mapped[str] = mapped_column(String(24))
    """A kind of call, or the channel of a contact that is none: form, mail."""
    known: Mapped[bool]
    line: Mapped[str] = mapped_column(String(64), default="")
    create_contact: Mapped[bool]
    open_lead: Mapped[bool]
    open_task: Mapped[bool]
    owners: Mapped[list[Any]]
    """The ladder, first that answers wins: answered_by, card_owner, line_owner, default."""
    deadline_minutes: Mapped[int]
