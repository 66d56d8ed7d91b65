"""Calls as rows: one for each connection and provider call id, never a row for each callback."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.calls import CallState
from hub.domain.identity import PhoneNumber, clean
from hub.telephony import belonging, tagging
from hub.telephony.calls import Call
from hub.telephony.models import CallRow
from hub.telephony.notes import Leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call belongs and what its strings mean there."""

    connection_id: int
    group_id: int
    number: PhoneNumber
    line: str | None
    users: Mapping[str, int]
    history: bool = False
    request: str | None = None
    """The click it came of."""


def known(session: Session, connection_id: int, groups: Iterable[int], ids: Iterable[str]) -> dict[str, CallRow]:
    """The rows of these conversations and of these provider call ids, by provider call id."""
    where = or_(CallRow.group_id.in_(list(groups)), CallRow.provider_call_id.in_(list(ids)))
    mine = select(CallRow).where(CallRow.connection_id == connection_id, where).order_by(CallRow.id)
    rows = session.scalars(mine.with_for_update())  # what a person writes on a call meanwhile is not lost
    return {row.provider_call_id: row for row in rows}


def held(session: Session, ids: Sequence[UUID]) -> Sequence[CallRow]:
    """These calls, oldest first, held until the transaction ends."""
    rows = select(CallRow).where(CallRow.id.in_(ids)).order_by(CallRow.started_at, CallRow.id)
    return session.scalars(rows.with_for_update()).all()


def save(
    session: Session, row: CallRow | None, call: Call, place: Place, *, anew: bool = False
) -> tuple[CallRow, bool]:
    """Bring a call's row in line with its events; the row, and whether anything changed, `anew` outside the row.

    `belongs` is to follow, after the rows are written: of many calls all at once.
    """
    if row is None:
        row = CallRow(
            id=new_id(call.started_at),
            connection_id=place.connection_id,
            provider_call_id=call.id,
            candidates=[],
            tags=[],
        )
        session.add(row)
        belonging.new(session, row)
    for name, value in _columns(call, place, row).items():
        setattr(row, name, value)
    changed = session.is_modified(row) or anew
    if changed:
        row.version = (row.version or 0) + 1
    return row, changed


def belongs(session: Session, row: CallRow) -> None:
    """Whose a call that changed is, and by which words it is found."""
    belonging.took_part(session, row)
    if row.tags:
        tagging.place(session, row)


def _columns(call: Call, place: Place, row: CallRow) -> dict[str, Any]:
    users = dict(place.users) | _remembered(row)
    return {
        "group_id": place.group_id,
        "history": place.history,
        "direction": call.direction,
        "state": call.state,
        "outcome": call.outcome,
        "reason": clean(call.reason, 200) or None,
        "external_number": place.number.e164,
        "external_tail": place.number.tail,
        "external_name": clean(call.name, 200) or None,
        "typed_number": place.number.typed or None,
        "number_problem": place.number.reason,
        "line": place.line,
        "queue": clean(call.queue, 100) or None,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "last_event_at": call.last_event_at,
        "client_rang": call.client_rang,
        "ring_seconds": call.ring_seconds,
        "talk_seconds": call.talk_seconds,
        "hold_seconds": call.hold_seconds,
        "duration_seconds": call.duration_seconds,
        "holds": [[clock.iso(begin), clock.iso(end)] for begin, end in call.holds],
        "hung_up_by": call.hung_up_by,
        "request_id": clean(place.request, 64) or None,
        "initiated_by": _person(call.initiated_by, users),
        "answered_by": _person(call.answered_by, users),
        "legs": [_leg(leg, users) for leg in call.legs],
    }


def _remembered(row: CallRow) -> dict[str, int]:
    """Whose phones these were: an extension given to somebody else later does not rewrite history."""
    people = (row.initiated_by, row.answered_by, *(row.legs or ()))
    return {person["extension"]: person["user_id"] for person in people if person and person["user_id"]}


def _person(extension: str | None, users: Mapping[str, int]) -> dict[str, Any] | None:
    return None if extension is None else {"extension": clean(extension, 64), "user_id": users.get(extension)}


def _leg(leg: Leg, users: Mapping[str, int]) -> dict[str, Any]:
    return {
        "extension": clean(leg.extension, 64),
        "user_id": users.get(leg.extension),
        "rang_at": clock.iso(leg.rang_at),
        "answered_at": clock.iso(leg.answered_at),
        "left_at": clock.iso(leg.left_at),
        "outcome": leg.outcome,
        "via": leg.via,
    }


def new_id(moment: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562 §5.7): sorted by time, unguessable in the rest."""
    milliseconds = int(max(moment.timestamp(), 0) * 1000) & (1 << 48) - 1
    value = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def silent(session: Session, now: datetime, ringing: timedelta, talking: timedelta) -> Sequence[CallRow]:
    """Open calls nobody has said anything about for too long."""
    patience = {CallState.RINGING: ringing, CallState.TALKING: talking}
    overdue = or_(
        *((CallRow.state == state) & (CallRow.last_event_at < now - limit) for state, limit in patience.items())
    )
    return session.scalars(select(CallRow).where(overdue).order_by(CallRow.last_event_at).limit(500)).all()
