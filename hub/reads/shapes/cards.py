"""Client cards, leads and tasks as everybody outside sees them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.leads.models import ContactMailRow, ContactNumberRow, ContactRow, LeadRow, TaskRow, TouchRow
from hub.reads.shapes.common import E164, Id, Moment, Named, named, names_of

LeadStatus = Literal["new", "in_work", "qualified", "converted", "rejected"]
TaskKind = Literal["missed_call", "promise"]
TaskState = Literal["open", "closed"]
Source = Literal["call", "form", "mail", "person"]
Fact = TypeVar("Fact", ContactNumberRow, ContactMailRow)


class NumberShape(TypedDict):
    """A number of a card as typed; `e164` null: it is none, and `problem` says why."""

    typed: str
    e164: E164 | None
    problem: str | None


class ContactShape(TypedDict):
    """A client card. `lead_id`: the open lead, if there is one."""

    id: Id
    name: str
    company: str | None
    owner_id: Id | None
    numbers: list[NumberShape]
    mails: list[Annotated[str, Field(examples=["anna@example.org"])]]
    tags: list[str]
    note: str | None
    source: str | None
    do_not_call: bool
    lead_id: Id | None
    created_at: Moment
    last_contact_at: Moment | None


class TouchShape(TypedDict):
    """One contact that belongs to a lead; `subject` is the id of the call, form or letter."""

    channel: Source
    subject: str
    at: Moment


class LeadShape(TypedDict):
    """An inquiry of one person, over all channels."""

    id: Id
    contact_id: Id
    contact: Named | None
    status: LeadStatus
    source: Source
    line: E164 | None
    owner_id: Id | None
    owner_why: str
    reject_reason: str | None
    touches: list[TouchShape]
    created_at: Moment
    last_touch_at: Moment
    closed_at: Moment | None


class TaskShape(TypedDict):
    """Work for somebody. `proof`: the id of the call that closed it."""

    id: Id
    kind: TaskKind
    title: str
    state: TaskState
    contact_id: Id | None
    contact: Named | None
    number: E164 | None
    line: E164 | None
    owner_id: Id | None
    owner_why: str
    tries: int
    first_at: Moment
    last_at: Moment
    due_at: Moment
    escalated_at: Moment | None
    closed_at: Moment | None
    closed_by: Id | None
    close_reason: str | None
    proof: str | None


def contact_shapes(session: Session, rows: Sequence[ContactRow]) -> list[ContactShape]:
    """Cards in the order given, with numbers, addresses and the open lead."""
    ids = [row.id for row in rows]
    of_number, of_mail = ContactNumberRow, ContactMailRow
    numbers = _by_card(session.scalars(select(of_number).where(of_number.contact_id.in_(ids)).order_by(of_number.id)))
    mails = _by_card(session.scalars(select(of_mail).where(of_mail.contact_id.in_(ids)).order_by(of_mail.id)))
    current = select(LeadRow.contact_id, LeadRow.id).where(LeadRow.contact_id.in_(ids), LeadRow.current)
    leads = dict(session.execute(current).all())
    return [_contact(row, numbers[row.id], mails[row.id], leads.get(row.id)) for row in rows]


def _by_card(rows: Iterable[Fact]) -> Mapping[int, list[Fact]]:
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _contact(
    row: ContactRow, numbers: Iterable[ContactNumberRow], mails: Iterable[ContactMailRow], lead_id: int | None
) -> ContactShape:
    return {
        "id": row.id,
        "name": row.name,
        "company": row.company,
        "owner_id": row.owner_id,
        "numbers": [{"typed": each.typed, "e164": each.e164, "problem": each.problem} for each in numbers],
        "mails": [each.address for each in mails],
        "tags": row.tags,
        "note": row.note,
        "source": row.source,
        "do_not_call": row.do_not_call,
        "lead_id": lead_id,
        "created_at": clock.iso(row.created_at),
        "last_contact_at": clock.iso(row.last_contact_at),
    }


def lead_shapes(session: Session, rows: Sequence[LeadRow]) -> list[LeadShape]:
    """Leads in the order given, with their touches and the names of their cards."""
    cards = names_of(session, ContactRow, (row.contact_id for row in rows))
    touches: defaultdict[int, list[TouchShape]] = defaultdict(list)
    mine = select(TouchRow).where(TouchRow.lead_id.in_([row.id for row in rows])).order_by(TouchRow.at, TouchRow.id)
    for touch in session.scalars(mine):
        channel: Any = touch.channel
        touches[touch.lead_id].append({"channel": channel, "subject": touch.subject, "at": clock.iso(touch.at)})
    return [_lead(row, named(row.contact_id, cards), touches[row.id]) for row in rows]


def _lead(row: LeadRow, contact: Named | None, touches: list[TouchShape]) -> LeadShape:
    status: Any = row.status
    source: Any = row.source
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "contact": contact,
        "status": status,
        "source": source,
        "line": row.line,
        "owner_id": row.owner_id,
        "owner_why": row.owner_why,
        "reject_reason": row.reject_reason,
        "touches": touches,
        "created_at": clock.iso(row.created_at),
        "last_touch_at": clock.iso(row.last_touch_at),
        "closed_at": clock.iso(row.closed_at),
    }


def task_shapes(session: Session, rows: Sequence[TaskRow]) -> list[TaskShape]:
    """Tasks in the order given, with the names of their cards."""
    cards = names_of(session, ContactRow, (row.contact_id for row in rows))
    return [_task(row, named(row.contact_id, cards)) for row in rows]


def _task(row: TaskRow, contact: Named | None) -> TaskShape:
    kind: Any = row.kind
    state: Any = row.state
    return {
        "id": row.id,
        "kind": kind,
        "title": row.title,
        "state": state,
        "contact_id": row.contact_id,
        "contact": contact,
        "number": row.number,
        "line": row.line,
        "owner_id": row.owner_id,
        "owner_why": row.owner_why,
        "tries": row.tries,
        "first_at": clock.iso(row.first_at),
        "last_at": clock.iso(row.last_at),
        "due_at": clock.iso(row.due_at),
        "escalated_at": clock.iso(row.escalated_at),
        "closed_at": clock.iso(row.closed_at),
        "closed_by": row.closed_by,
        "close_reason": row.close_reason,
        "proof": row.proof,
    }
