"""What the leads stage needs to know of any contact with a person, whatever channel it came by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub.domain.identity import PhoneNumber


class Channel(StrEnum):
    CALL = "call"
    FORM = "form"
    MAIL = "mail"
    PERSON = "person"


class CallKind(StrEnum):
    """The rows of the rule table; a call that still rings has none yet."""

    INBOUND_ANSWERED = "inbound_answered"
    INBOUND_MISSED = "inbound_missed"
    OUTBOUND_ANSWERED = "outbound_answered"
    OUTBOUND_UNANSWERED = "outbound_unanswered"


class Certainty(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whose contact this is: the chosen card (None: nobody's), how sure, why, and every candidate's id."""

    contact_id: int | None
    certainty: Certainty
    why: str
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """Our number that was called, as rules and clocks need it.

    `hours`: ``{"mon": [["09:00", "18:00"]], …, "holidays": ["2026-12-25"]}`` in `timezone` (see domain/hours.py);
    None means always open.
    """

    number: str | None
    timezone: str = "UTC"
    hours: dict[str, Any] | None = None
    owner_id: int | None = None
    team_head_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacted:
    """One contact with a person: a call as it stands now, a form, a letter.

    It is said again whenever more is known (a call that looked missed was answered after all), always
    with the same `channel` and `subject`; consequences are brought in line with the latest telling.
    `kind` None: a call that still rings, or is internal: no rule speaks yet.
    `talked_until`: when people last talked in it: the proof that closes missed calls before it.
    `pinned`: the card a person (or the click-to-call request) said this belongs to; no matching then.
    `history`: imported past: matched and shown on the card, but opens no lead and no task.
    """

    channel: Channel
    subject: str
    at: datetime
    number: PhoneNumber | None = None
    addresses: tuple[str, ...] = ()
    name: str | None = None
    text: str | None = None
    line: LineFacts = LineFacts(number=None)
    kind: CallKind | None = None
    answered_by: int | None = None
    talked_until: datetime | None = None
    pinned: int | None = None
    history: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What the contact has led to, for the call's own row and the outbox."""

    match: Match
    owner_id: int | None = None
    lead_id: int | None = None
    lead_owner_id: int | None = None
    changed: tuple[str, ...] = ()
    """Subjects whose snapshots changed: ``lead:5``, ``task:9``, ``contact:12``."""
