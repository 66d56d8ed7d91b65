"""Calls and clicks that follow a card that was merged with another, and go back when the two are parted again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.telephony.models import CallRow, DialRow

T = TypeVar("T")
STEP = 500
QUIET = {"synchronize_session": False}


def connections(session: Session, contact_ids: Iterable[int]) -> list[int]:
    """The connections that calls of these cards came by, in the order in which they are to be held."""
    found = select(CallRow.connection_id).where(CallRow.contact_id.in_(list(contact_ids))).distinct()
    return sorted(session.scalars(found))


def taken(session: Session, contact_id: int) -> dict[str, Any]:
    """What follows a card: its calls and its clicks, by their ids."""
    calls = select(CallRow.id).where(CallRow.contact_id == contact_id).order_by(CallRow.id)
    dials = select(DialRow.id).where(DialRow.contact_id == contact_id).order_by(DialRow.id)
    return {"calls": [str(one) for one in session.scalars(calls)], "dials": list(session.scalars(dials))}


def of_leads(session: Session, leads: Iterable[int]) -> dict[int, list[str]]:
    """The calls of each of these leads."""
    found = select(CallRow.lead_id, CallRow.id).where(CallRow.lead_id.in_(list(leads))).order_by(CallRow.id)
    calls: defaultdict[int, list[str]] = defaultdict(list)
    for lead_id, call_id in session.execute(found):
        if lead_id is not None:
            calls[lead_id].append(str(call_id))
    return calls


def give(session: Session, things: Mapping[str, Any], contact_id: int, *, of: int | None) -> None:
    """These calls and clicks are this card's now, but for those that another than `of` has by now (None: no card)."""
    calls = [UUID(one) for one in things["calls"]]
    for some in _steps(calls):
        still = (CallRow.id.in_(some), CallRow.contact_id.is_not_distinct_from(of))
        session.execute(update(CallRow).where(*still).values(contact_id=contact_id).execution_options(**QUIET))
    for clicks in _steps(things["dials"]):
        theirs = (DialRow.id.in_(clicks), DialRow.contact_id.is_not_distinct_from(of))
        session.execute(update(DialRow).where(*theirs).values(contact_id=contact_id).execution_options(**QUIET))


def join(session: Session, calls: Sequence[str], lead_id: int, *, of: int | None) -> None:
    """These calls belong to this lead now, but for those that belong by now to another than `of` (None: to none)."""
    for some in _steps([UUID(one) for one in calls]):
        still = (CallRow.id.in_(some), CallRow.lead_id.is_not_distinct_from(of))
        session.execute(update(CallRow).where(*still).values(lead_id=lead_id).execution_options(**QUIET))


def rows(session: Session, calls: Iterable[str]) -> list[CallRow]:
    """These calls as they stand now."""
    session.expire_all()
    found: list[CallRow] = []
    for some in _steps([UUID(one) for one in calls]):
        found += session.scalars(select(CallRow).where(CallRow.id.in_(some)).order_by(CallRow.started_at))
    return found


def _steps(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), STEP):
        yield values[start : start + STEP]
