"""Whose calls these are: who took part, who owns the client's card, who owns the lead.

One row for each call, user and reason makes "own" and "my team's" a single condition that a database can
begin from either side: from the few calls a filter leaves, or from the few calls somebody has.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, literal, select, update
from sqlalchemy.orm import Session

from hub.storage.database import upsert
from hub.telephony.models import CallRow, ParticipantRow

TOOK_PART, CARD, LEAD = "took_part", "card", "lead"
_KNOWN = "whose calls are"


def new(session: Session, row: CallRow) -> None:
    """A call made in this session belongs to nobody yet: nobody has to be looked for."""
    _known(session).update(((row.id, because), {}) for because in (TOOK_PART, CARD, LEAD))


def look_up(session: Session, ids: Collection[UUID]) -> None:
    """Whose these calls are, for what is to follow in this session, in one question."""
    if not ids:
        return
    known = _known(session)
    known.update(((call_id, because), {}) for call_id in ids for because in (TOOK_PART, CARD, LEAD))
    for row in session.execute(_WHOSE.where(ParticipantRow.call_id.in_(ids))):
        known[row.call_id, row.because][row.user_id] = row.started_at


def _known(session: Session) -> dict[tuple[UUID, str], dict[int, datetime]]:
    known: dict[tuple[UUID, str], dict[int, datetime]] = session.info.setdefault(_KNOWN, {})
    return known


_WHOSE = select(ParticipantRow.call_id, ParticipantRow.because, ParticipantRow.user_id, ParticipantRow.started_at)


def took_part(session: Session, row: CallRow) -> None:
    """Everybody whose phone was in the call, as it stands now."""
    people = [row.initiated_by, row.answered_by, *row.legs]
    _be(session, row, TOOK_PART, {person["user_id"] for person in people if person and person["user_id"]})


def owned(session: Session, row: CallRow, lead_owner: int | None) -> None:
    """The owner of the call's card (`row.owner_id`) and of its lead."""
    _be(session, row, CARD, {row.owner_id} - {None})
    _be(session, row, LEAD, {lead_owner} - {None})


def _be(session: Session, row: CallRow, because: str, users: Iterable[Any]) -> None:
    """Have exactly these users for that reason, since the call began; the same again writes nothing."""
    there, wanted = _there(session, row, because), set(users)
    kept = {user for user, since in there.items() if user in wanted and since == row.started_at}
    if gone := there.keys() - kept:
        mine = (ParticipantRow.call_id == row.id, ParticipantRow.because == because)
        session.execute(delete(ParticipantRow).where(*mine, ParticipantRow.user_id.in_(gone)))
    new_ones = ({"call_id": row.id, "user_id": user, "because": because} for user in wanted - kept)
    session.add_all(ParticipantRow(started_at=row.started_at, **one) for one in new_ones)


def _there(session: Session, row: CallRow, because: str) -> dict[int, datetime]:
    if (row.id, because) not in _known(session):
        look_up(session, [row.id])
    return _known(session).pop((row.id, because))


def cards_given(session: Session, owners: Mapping[int, int | None]) -> None:
    """These cards are these users' now (None: nobody's), and so are their calls."""
    whose = select(CallRow.contact_id, CallRow.owner_id).where(CallRow.contact_id.in_(owners)).distinct()
    for contact_id, owner_id in _other(session, whose, owners):
        calls = CallRow.contact_id == contact_id
        other = CallRow.owner_id.is_distinct_from(owner_id)
        session.execute(update(CallRow).where(calls, other).values(owner_id=owner_id))
        _give(session, calls, CARD, owner_id)


def leads_given(session: Session, owners: Mapping[int, int | None]) -> None:
    """These leads are these users' now (None: nobody's), and so are their calls."""
    because = (ParticipantRow.call_id == CallRow.id) & (ParticipantRow.because == LEAD)
    whose = select(CallRow.lead_id, ParticipantRow.user_id).outerjoin(ParticipantRow, because)
    for lead_id, owner_id in _other(session, whose.where(CallRow.lead_id.in_(owners)).distinct(), owners):
        _give(session, CallRow.lead_id == lead_id, LEAD, owner_id)


def _other(session: Session, whose: Select[Any, Any], owners: Mapping[int, int | None]) -> list[tuple[int, int | None]]:
    """Those that are somebody else's as yet."""
    other = {one for one, user_id in session.execute(whose) if user_id != owners[one]}
    return [(one, owners[one]) for one in sorted(other)]


def _give(session: Session, calls: ColumnElement[bool], because: str, owner_id: int | None) -> None:
    _known(session).clear()
    ids = select(CallRow.id).where(calls)
    stale = (ParticipantRow.because == because, ParticipantRow.user_id.is_distinct_from(owner_id))
    session.execute(delete(ParticipantRow).where(ParticipantRow.call_id.in_(ids), *stale))
    if owner_id is not None:
        rows = select(CallRow.id, literal(owner_id), literal(because), CallRow.started_at).where(calls)
        new = upsert(session, ParticipantRow).from_select(["call_id", "user_id", "because", "started_at"], rows)
        session.execute(new.on_conflict_do_nothing())
