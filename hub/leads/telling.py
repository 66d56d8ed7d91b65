"""One telling of one contact: what is said now, what was said before, and what changes by it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b

from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.orm import Session

from hub.domain.activity import Channel, Contacted, LineFacts, Match
from hub.leads.changes import Changes
from hub.leads.models import ContactedRow, TouchRow
from hub.leads.persons import Person
from hub.storage.database import Base, insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The former telling, as far as later ones need it."""

    digest: str
    key: str | None
    known: bool | None
    contact_id: int | None
    pinned: bool
    why: str
    talked_until: datetime | None
    lead_id: int | None


@dataclass(slots=True, kw_only=True)
class Telling:
    """`before` is None the first time; `moved`: it was on another card before."""

    session: Session
    contacted: Contacted
    now: datetime
    window_days: int
    person: Person
    before: Before | None
    moved: bool = False
    changes: Changes = field(default_factory=Changes)

    @property
    def channel(self) -> Channel:
        return self.contacted.channel

    @property
    def subject(self) -> str:
        return self.contacted.subject

    @property
    def former_card(self) -> int | None:
        """Where it was when it was told last."""
        return self.before.contact_id if self.before else None

    @property
    def keys(self) -> set[str]:
        """The persons of this telling and the one before."""
        former = {self.before.key} if self.before and self.before.key else set()
        return {*self.person.keys, *former}

    @property
    def repeats(self) -> bool:
        """The same was told before."""
        return self.before is not None and self.before.digest == _digest(self.contacted)

    def adds_nothing(self, match: Match) -> bool:
        """What is told again is still the same card's."""
        return self.before is not None and (self.before.contact_id, self.before.why) == (match.contact_id, match.why)


def begin(
    session: Session, contacts: Iterable[Contacted], now: datetime, window_days: int, *, new: Collection[str]
) -> list[Telling]:
    """`new`: the subjects of which nothing can have been told before."""
    former = _recall(session, [contact for contact in contacts if contact.subject not in new])
    return [
        Telling(
            session=session,
            contacted=contact,
            now=now,
            window_days=window_days,
            person=Person.of(contact),
            before=former.get((contact.channel, contact.subject)),
        )
        for contact in contacts
    ]


def remember(telling: Telling, match: Match, *, kind: str | None, known: bool | None) -> None:
    """Keep this telling for the next."""
    contacted = telling.contacted
    values = {
        "channel": telling.channel,
        "subject": telling.subject,
        "digest": _digest(contacted),
        "key": telling.person.key,
        "at": contacted.at,
        "kind": kind,
        "known": known,
        "contact_id": match.contact_id,
        "pinned": contacted.pinned is not None,
        "why": match.why,
        "talked_until": contacted.talked_until,
        "talked_with": contacted.answered_by if contacted.talked_until else None,
    }
    telling.session.connection().execute(_latest(telling.session.get_bind().dialect.name), values)


@cache
def _latest(dialect: str) -> Insert:
    """Built once: every call that changes writes it."""
    table = Base.metadata.tables[ContactedRow.__tablename__]
    row = insert_into(dialect, table)
    new = {column.name: row.excluded[column.name] for column in table.columns if not column.primary_key}
    return row.on_conflict_do_update(index_elements=["channel", "subject"], set_=new)


def _digest(contacted: Contacted) -> str:
    """Of everything the teller says of the contact itself; how our line is set up may change without it."""
    talked_until = contacted.talked_until.astimezone(UTC) if contacted.talked_until else None
    line = LineFacts(number=contacted.line.number)
    said = replace(contacted, at=contacted.at.astimezone(UTC), talked_until=talked_until, line=line)
    return blake2b(repr(said).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _recall(session: Session, contacts: Iterable[Contacted]) -> Mapping[tuple[str, str], Before]:
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for contact in contacts:
        asked[contact.channel].append(contact.subject)
    return {
        (channel, row.subject): Before(**{name: value for name, value in row._asdict().items() if name != "subject"})
        for channel, subjects in asked.items()
        for row in session.execute(_FORMER, {"channel": channel, "subjects": subjects})
    }


_FORMER = (
    select(
        ContactedRow.subject,
        ContactedRow.digest,
        ContactedRow.key,
        ContactedRow.known,
        ContactedRow.contact_id,
        ContactedRow.pinned,
        ContactedRow.why,
        ContactedRow.talked_until,
        TouchRow.lead_id,
    )
    .outerjoin(TouchRow, and_(TouchRow.channel == ContactedRow.channel, TouchRow.subject == ContactedRow.subject))
    .where(
        ContactedRow.channel == bindparam("channel"), ContactedRow.subject.in_(bindparam("subjects", expanding=True))
    )
)
