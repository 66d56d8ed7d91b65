"""How far a viewer sees: the one place where a reach becomes part of a query.

"Own" is what one took part in, and what stands on a card or a lead one owns (access matrix).
`users` below is whose things are seen, None for everybody's: `Viewer.users_in_reach`.
"""

from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select, true

from hub.domain.errors import Forbidden, NotFound
from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.telephony.models import CallRow, ParticipantRow

Row = TypeVar("Row")
Users = frozenset[int] | None


def calls(users: Users) -> ColumnElement[bool]:
    """Calls of these users."""
    if users is None:
        return true()
    return CallRow.id.in_(select(ParticipantRow.call_id).where(ParticipantRow.user_id.in_(users)))


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


def allowed(seen: Row | None, reached: Row | None, what: str) -> Row:
    """`seen` when it is `reached` too; NotFound when it is out of sight, Forbidden when it may only be seen."""
    if seen is None:
        raise NotFound(f"no such {what}")
    if reached is None:
        raise Forbidden(f"this {what} may be seen, but not changed, by you")
    return seen
