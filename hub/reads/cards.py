"""Client cards: found by name, number or address, and each card's line of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.identity import PhoneNumber
from hub.leads.models import ActivityRow, ContactMailRow, ContactNumberRow, ContactRow, LeadRow, TaskRow
from hub.reads import own_cards, scope
from hub.reads.call_query import WORDS, on_card
from hub.reads.calls import visible
from hub.reads.notes import NoteShape, notes
from hub.reads.paging import Page, Place, bounded, cut, older
from hub.reads.shapes import (
    CallShape,
    ContactShape,
    Id,
    LeadShape,
    Moment,
    TaskShape,
    contact_shapes,
    lead_shapes,
    task_shapes,
)

READ = Permission.LEADS_READ
LATEST: ColumnElement[datetime] = func.coalesce(ContactRow.last_contact_at, ContactRow.created_at)
MANY_ADDRESSES = 200
"""A beginning that more addresses share finds these alone: it is no address yet."""
MANY_NUMBERS = 1000
"""A beginning that more numbers share is looked for card by card, latest contact first."""
Kind = Literal["call", "form", "mail", "lead", "task", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFilter:
    """What cards are looked for by; None means "any"."""

    text: str | None = None
    number: PhoneNumber | None = None
    owner_id: int | None = None

    def owned_by(self, owner_id: int | None) -> "CardFilter":
        """The same, but only cards of this user; None: of anybody."""
        return replace(self, owner_id=owner_id)


@dataclass(frozen=True, slots=True)
class Versioned:
    """A card, and which of its versions this is: what an edit of it must name."""

    card: ContactShape
    version: int


class EntryShape(TypedDict):
    """An entry of a card's line of time; of `call`, `lead`, `task` and `note` the one its kind names is there."""

    id: Id
    kind: Kind
    subject: str
    at: Moment
    why: str
    call: CallShape | None
    lead: LeadShape | None
    task: TaskShape | None
    note: NoteShape | None


def asked(text: str, region: str) -> CardFilter:
    """What somebody typed into a search field: a number in any spelling, else words."""
    digits = sum(character.isdigit() for character in text)
    if digits >= 3 and not any(character.isalpha() or character == "@" for character in text):
        return CardFilter(number=PhoneNumber.parse(text, region))
    return CardFilter(text=text)


def page(
    session: Session, viewer: Viewer, wanted: CardFilter, cursor: str | None = None, limit: int = 50
) -> Page[ContactShape]:
    """Cards within the viewer's sight, latest contact first."""
    mine = own_cards.within(session, viewer.users_in_reach(READ))
    chosen = select(ContactRow, LATEST).where(mine, *_conditions(session, wanted))
    if cursor is not None:
        chosen = chosen.where(older(LATEST, ContactRow.id, Place.parse(cursor, int)))
    rows = session.execute(chosen.order_by(LATEST.desc(), ContactRow.id.desc()).limit(bounded(limit) + 1)).all()
    found = cut(rows, limit, lambda row: Place(row[1], row[0].id))
    return Page(contact_shapes(session, [row[0] for row in found.items]), found.next)


def search(session: Session, viewer: Viewer, text: str, *, region: str = "ZZ", limit: int = 20) -> list[ContactShape]:
    """The cards somebody means by what was typed, latest contact first."""
    return page(session, viewer, asked(text, region), limit=limit).items


def some(session: Session, viewer: Viewer, ids: Sequence[int]) -> list[ContactShape]:
    """Those of these cards that the viewer may see, in the order given."""
    mine = scope.contacts(viewer.users_in_reach(READ))
    rows = session.scalars(select(ContactRow).where(ContactRow.id.in_(ids), mine)).all()
    return contact_shapes(session, sorted(rows, key=lambda row: ids.index(row.id)))


def with_numbers(session: Session, viewer: Viewer, numbers: Sequence[str]) -> list[ContactShape]:
    """The cards people made that have one of these numbers (E.164), of those the viewer sees; 20 at most."""
    having = select(ContactNumberRow.contact_id).where(ContactNumberRow.e164.in_(numbers))
    mine = scope.contacts(viewer.users_in_reach(READ))
    chosen = select(ContactRow).where(ContactRow.id.in_(having), ~ContactRow.stand_in, mine)
    return contact_shapes(session, session.scalars(chosen.order_by(ContactRow.id).limit(20)).all()) if numbers else []


def one(session: Session, viewer: Viewer, contact_id: int) -> ContactShape:
    """The card; NotFound when there is none or the viewer may not see it."""
    return versioned(session, viewer, contact_id).card


def versioned(session: Session, viewer: Viewer, contact_id: int) -> Versioned:
    """The card with its version; NotFound as with `one`."""
    return version_of(session, require(session, viewer, contact_id, READ))


def version_of(session: Session, row: ContactRow) -> Versioned:
    return Versioned(contact_shapes(session, [row])[0], row.version)


def require(session: Session, viewer: Viewer, contact_id: int, permission: Permission) -> ContactRow:
    """The row to do something with: NotFound when it is out of sight, Forbidden when `permission` does not reach it."""
    seen = _in_reach(session, viewer, contact_id, READ)
    return scope.allowed(seen, _in_reach(session, viewer, contact_id, permission), "client")


def _in_reach(session: Session, viewer: Viewer, contact_id: int, permission: Permission) -> ContactRow | None:
    mine = scope.contacts(viewer.users_in_reach(permission))
    return session.scalar(select(ContactRow).where(ContactRow.id == contact_id, mine))


def _conditions(session: Session, wanted: CardFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.owner_id is not None:
        yield ContactRow.owner_id == wanted.owner_id
    if wanted.number is not None:
        yield ContactRow.id.in_(_with_number(session, wanted.number))
    for word in (wanted.text or "").split()[:WORDS]:
        yield or_(on_card(word), ContactRow.id.in_(_with_address(session, word)))


def _with_number(session: Session, number: PhoneNumber) -> Sequence[int] | Select[Any]:
    """Cards with such a number, asked for apart when they are few; of many, the latest are found soon."""
    such = select(ContactNumberRow.contact_id).where(_number(number))
    found = session.scalars(such.limit(MANY_NUMBERS + 1)).all()
    return found if len(found) <= MANY_NUMBERS else such


def _number(number: PhoneNumber) -> ColumnElement[bool]:
    digits = "".join(character for character in number.typed if character in "0123456789").lstrip("0")
    if number.tail:
        return ContactNumberRow.tail == number.tail
    return ContactNumberRow.e164.contains(digits)


def _with_address(session: Session, word: str) -> Sequence[int]:
    """Cards with such an address, asked for apart: an OR across tables would read every card."""
    such = ContactMailRow.address.istartswith(word, autoescape=True)
    return session.scalars(select(ContactMailRow.contact_id).where(such).limit(MANY_ADDRESSES)).all()


def timeline(
    session: Session,
    viewer: Viewer,
    contact_id: int,
    kinds: Sequence[str] = (),
    cursor: str | None = None,
    limit: int = 50,
) -> Page[EntryShape]:
    """A card's line of time, newest first; what is out of the viewer's sight is left out, so a page may be shorter."""
    require(session, viewer, contact_id, READ)
    chosen = select(ActivityRow).where(ActivityRow.contact_id == contact_id)
    if kinds:
        chosen = chosen.where(ActivityRow.kind.in_(kinds))
    if cursor is not None:
        chosen = chosen.where(older(ActivityRow.at, ActivityRow.id, Place.parse(cursor, int)))
    rows = session.scalars(chosen.order_by(ActivityRow.at.desc(), ActivityRow.id.desc()).limit(bounded(limit) + 1))
    found = cut(rows.all(), limit, lambda row: Place(row.at, row.id))
    return Page(_entries(session, viewer, found.items), found.next)


def _entries(session: Session, viewer: Viewer, rows: Sequence[ActivityRow]) -> list[EntryShape]:
    subjects = {kind: [row.subject for row in rows if row.kind == kind] for kind in ("call", "lead", "task", "note")}
    leads = _rows(session, LeadRow, subjects["lead"], scope.leads(viewer.users_in_reach(READ)))
    tasks = _rows(session, TaskRow, subjects["task"], scope.tasks(viewer.users_in_reach(Permission.TASKS_READ)))
    told = _Told(
        calls={shape["id"]: shape for shape in visible(session, viewer, [UUID(one) for one in subjects["call"]])},
        leads={str(shape["id"]): shape for shape in lead_shapes(session, leads)},
        tasks={str(shape["id"]): shape for shape in task_shapes(session, tasks)},
        notes=notes(session, subjects["note"]),
    )
    scoped: Mapping[str, Mapping[str, object]] = {"call": told.calls, "lead": told.leads, "task": told.tasks}
    return [_entry(row, told) for row in rows if row.kind not in scoped or row.subject in scoped[row.kind]]


def _rows(session: Session, table: Any, ids: Sequence[str], seen: ColumnElement[bool]) -> Sequence[Any]:
    return session.scalars(select(table).where(table.id.in_([int(one) for one in ids]), seen)).all() if ids else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the entries of a page are about, by subject."""

    calls: Mapping[str, CallShape]
    leads: Mapping[str, LeadShape]
    tasks: Mapping[str, TaskShape]
    notes: Mapping[str, NoteShape]


def _entry(row: ActivityRow, told: _Told) -> EntryShape:
    kind: Any = row.kind
    return {
        "id": row.id,
        "kind": kind,
        "subject": row.subject,
        "at": clock.iso(row.at),
        "why": row.why,
        "call": told.calls.get(row.subject) if kind == "call" else None,
        "lead": told.leads.get(row.subject) if kind == "lead" else None,
        "task": told.tasks.get(row.subject) if kind == "task" else None,
        "note": told.notes.get(row.subject) if kind == "note" else None,
    }
