"""The cards of somebody who has few of them among many: looked up from the person, not by walking past all the others.

What may be seen is said by `scope` alone. Here the query is only told where to look, when that is a short list; whoever
has more finds some of them soon in any order of cards.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from hub.leads.models import ContactRow, LeadRow
from hub.reads import scope
from hub.reads.scope import Users
from hub.telephony.models import CallRow, ParticipantRow

FEW = 2000
"""Cards, leads or calls of one's own up to which they are looked up first: some milliseconds."""


def within(session: Session, users: Users) -> ColumnElement[bool]:
    """Cards in sight of these users, as `scope.contacts` has it."""
    seen = scope.contacts(users)
    few = None if users is None else _few(session, users)
    return seen if few is None else and_(ContactRow.id.in_(few), seen)


def _few(session: Session, users: frozenset[int]) -> set[int] | None:
    """Every card that may be in sight; None: too many for a list."""
    found: set[int] = set()
    for way in _ways(users):
        rows = session.scalars(way.limit(FEW + 1)).all()
        if len(rows) > FEW:
            return None
        found.update(rows)
    return found


def _ways(users: frozenset[int]) -> Iterator[Select[Any]]:
    yield select(ContactRow.id).where(ContactRow.owner_id.in_(users))
    yield select(LeadRow.contact_id).where(LeadRow.owner_id.in_(users))
    part = select(CallRow.contact_id).join(ParticipantRow, ParticipantRow.call_id == CallRow.id)
    yield part.where(ParticipantRow.user_id.in_(users), CallRow.contact_id.is_not(None))
