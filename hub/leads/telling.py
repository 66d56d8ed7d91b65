"""One telling of one contact: what is said now, what was said before, and what changes by it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.activity import Channel, Contacted
from hub.leads import persons
from hub.leads.changes import Changes
from hub.leads.models import ContactedRow
from hub.leads.persons import Person
from hub.storage.database import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The former telling, as far as later ones need it."""

    key: str | None
    at: datetime
    known: bool | None
    contact_id: int | None
    pinned: bool
    why: str
    talked_until: datetime | None


@dataclass(slots=True, kw_only=True)
class Telling:
    """`before` is None the first time. The persons of both tellings are locked."""

    session: Session
    contacted: Contacted
    now: datetime
    window_days: int
    person: Person
    before: Before | None
    changes: Changes = field(default_factory=Changes)

    @property
    def channel(self) -> Channel:
        return self.contacted.channel

    @property
    def subject(self) -> str:
        return self.contacted.subject


def begin(session: Session, contacted: Contacted, now: datetime, window_days: int) -> Telling:
    person = Person.of(contacted)
    before = _recall(session, contacted.channel, contacted.subject)
    former = {before.key} if before and before.key else set()
    persons.lock(session, {*person.keys, *former})
    return Telling(session=session, contacted=contacted, now=now, window_days=window_days, person=person, before=before)


def remember(telling: Telling, *, kind: str | None, known: bool | None, contact_id: int | None, why: str) -> None:
    """Keep this telling for the next; the same again writes nothing."""
    contacted = telling.contacted
    values = {
        "key": telling.person.key,
        "at": contacted.at,
        "kind": kind,
        "known": known,
        "contact_id": contact_id,
        "pinned": contacted.pinned is not None,
        "why": why,
        "talked_until": contacted.talked_until,
        "talked_with": contacted.answered_by if contacted.talked_until else None,
    }
    row = upsert(telling.session, ContactedRow).values(channel=telling.channel, subject=telling.subject, **values)
    told = row.on_conflict_do_update(index_elements=["channel", "subject"], set_=values)
    telling.session.execute(told)


def _recall(session: Session, channel: Channel, subject: str) -> Before | None:
    row = session.execute(
        select(
            ContactedRow.key,
            ContactedRow.at,
            ContactedRow.known,
            ContactedRow.contact_id,
            ContactedRow.pinned,
            ContactedRow.why,
            ContactedRow.talked_until,
        ).where(ContactedRow.channel == channel, ContactedRow.subject == subject)
    ).one_or_none()
    return Before(**row._asdict()) if row else None
