"""How far a viewer sees: the one place where a reach becomes part of a query.

"Own" is what one took part in, and what stands on a card or a lead one owns (access matrix).
`users` below is whose things are seen, None for everybody's: `Viewer.users_in_reach`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, or_, select, true, union
from sqlalchemy.orm import Session

from hub.domain.errors import Forbidden, NotFound
from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow, ParticipantRow

Row = TypeVar("Row")
Users = frozenset[int] | None


def calls(users: Users) -> ColumnElement[bool]:
    """Calls of these users."""
    if users is None:
        return true()
    return CallRow.id.in_(select(ParticipantRow.call_id).where(ParticipantRow.user_id.in_(users)))


def recordings(users: Users) -> ColumnElement[bool]:
    """Recordings of calls of these users; one that belongs to no call is seen by those who see everybody's."""
    if users is None:
        return true()
    return RecordingRow.call_id.in_(select(ParticipantRow.call_id).where(ParticipantRow.user_id.in_(users)))


def contacts(users: Users) -> ColumnElement[bool]:
    """Cards these users own, or with a lead or a call of theirs."""
    if users is None:
        return true()
    lead = select(LeadRow.contact_id).where(LeadRow.contact_id == ContactRow.id, LeadRow.owner_id.in_(users))
    talked = (
        select(CallRow.contact_id)
        .join(ParticipantRow, ParticipantRow.call_id == CallRow.id)
        .where(CallRow.contact_id == ContactRow.id, ParticipantRow.user_id.in_(users))
    )
    return or_(
        ContactRow.owner_id.in_(users), lead.correlate(ContactRow).exists(), talked.correlate(ContactRow).exists()
    )


def leads(users: Users) -> ColumnElement[bool]:
    """Leads these users own, and those on cards they own."""
    if users is None:
        return true()
    card = select(ContactRow.id).where(ContactRow.id == LeadRow.contact_id, ContactRow.owner_id.in_(users))
    return or_(LeadRow.owner_id.in_(users), card.correlate(LeadRow).exists())


def tasks(users: Users) -> ColumnElement[bool]:
    """Tasks of these users, and those on cards they own."""
    if users is None:
        return true()
    card = select(ContactRow.id).where(ContactRow.id == TaskRow.contact_id, ContactRow.owner_id.in_(users))
    return or_(TaskRow.owner_id.in_(users), card.correlate(TaskRow).exists())


def watchers(session: Session, kind: str, ids: Collection[Any]) -> Mapping[Any, frozenset[int]]:
    """Whose own each of these calls, contacts, leads or tasks is: the conditions above, asked from the other side."""
    found: dict[Any, set[int]] = {}
    for one, user in session.execute(union(*_owners(kind, ids))) if ids else ():
        if user is not None:
            found.setdefault(one, set()).add(user)
    return {one: frozenset(users) for one, users in found.items()}


def _owners(kind: str, ids: Collection[Any]) -> Sequence[Select[Any, Any]]:
    took_part, card = ParticipantRow.user_id, ContactRow.owner_id
    if kind == "call":
        return [select(ParticipantRow.call_id, took_part).where(ParticipantRow.call_id.in_(ids))]
    if kind == "contact":
        talked = select(CallRow.contact_id, took_part).join(ParticipantRow, ParticipantRow.call_id == CallRow.id)
        return [
            select(ContactRow.id, card).where(ContactRow.id.in_(ids)),
            select(LeadRow.contact_id, LeadRow.owner_id).where(LeadRow.contact_id.in_(ids)),
            talked.where(CallRow.contact_id.in_(ids)),
        ]
    row: type[LeadRow | TaskRow] = LeadRow if kind == "lead" else TaskRow
    on_card = select(row.id, card).join(ContactRow, ContactRow.id == row.contact_id)
    return [select(row.id, row.owner_id).where(row.id.in_(ids)), on_card.where(row.id.in_(ids))]


def allowed(seen: Row | None, reached: Row | None, what: str) -> Row:
    """`seen` when it is `reached` too; NotFound when it is out of sight, Forbidden when it may only be seen."""
    if seen is None:
        raise NotFound(f"no such {what}")
    if reached is None:
        raise Forbidden(f"this {what} may be seen, but not changed, by you")
    return seen
