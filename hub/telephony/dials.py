"""Click-to-call as rows: what was asked for is stored before anything is dialled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.domain.calls import Direction
from hub.storage.database import upsert
from hub.telephony.calls import Call
from hub.telephony.models import CallRow, DialRow

PATIENCE = timedelta(minutes=2)
"""How long after a click its call begins at the latest: our own phone rings first."""
CLOCKS_APART = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One click: who calls whom from which phone, and the card it was clicked on.

    `who` owns the key: ``user:7`` or ``token:script``.
    """

    key: str
    who: str
    user_id: int | None
    connection_id: int
    extension: str
    number: str
    contact_id: int | None


def place(session: Session, order: Order, now: datetime) -> tuple[DialRow, bool]:
    """The row of this order and whether it is new: the same key again is the same call."""
    row = upsert(session, DialRow).values(
        id=str(uuid4()),
        who=order.who,
        idempotency_key=order.key,
        connection_id=order.connection_id,
        user_id=order.user_id,
        extension=order.extension,
        number=order.number,
        contact_id=order.contact_id,
        created_at=now,
    )
    once = row.on_conflict_do_nothing(index_elements=["who", "idempotency_key"])
    new = session.scalar(once.returning(DialRow.id)) is not None
    same = (DialRow.who == order.who) & (DialRow.idempotency_key == order.key)
    return session.scalars(select(DialRow).where(same)).one(), new


def known(session: Session, who: str, key: str) -> DialRow | None:
    """What this key of theirs stands for already."""
    return session.scalar(select(DialRow).where(DialRow.who == who, DialRow.idempotency_key == key))


def answered(session: Session, request: str, state: str, detail: str, ref: str | None = None) -> None:
    """What the phone system said to the order: queued, or refused and why; nothing changes a dial taken back."""
    mine = (DialRow.id == request) & (DialRow.state == "placing")
    session.execute(update(DialRow).where(mine).values(state=state, detail=detail[:300], ref=ref))
    session.execute(update(DialRow).where(DialRow.id == request, DialRow.state == "cancelled").values(ref=ref))


def take_back(session: Session, request: str, *states: str) -> bool:
    """Mark a dial that is in one of these states as taken back; whether it was."""
    there = (DialRow.id == request) & DialRow.state.in_(states)
    marked = update(DialRow).where(there).values(state="cancelled", detail="taken back").returning(DialRow.id)
    return session.scalar(marked) is not None


def interrupted(session: Session, before: datetime) -> None:
    """Dials asked for before that moment which somebody began to place and never finished."""
    dead = (DialRow.state == "placing") & (DialRow.created_at < before)
    detail = "Hub was interrupted while it dialled; the phone may have rung"
    session.execute(update(DialRow).where(dead).values(state="refused", detail=detail))


def card_of(session: Session, request: str | None) -> int | None:
    """The card a call was clicked on, even if its number stands on two."""
    if request is None:
        return None
    return session.scalar(select(DialRow.contact_id).where(DialRow.id == request))


def begun(session: Session, connection_id: int, call: Call, number: str | None) -> str | None:
    """The click an outbound call came of, where its system does not say: the newest by that phone to that number.

    Just before the call, and no other call's already.
    """
    taken = select(CallRow.id).where(CallRow.request_id == DialRow.id, CallRow.provider_call_id != call.id)
    mine = (DialRow.connection_id == connection_id) & (DialRow.number == number)
    fitting = mine & (DialRow.extension == call.initiated_by) & (DialRow.state != "refused") & ~taken.exists()
    before = DialRow.created_at.between(call.started_at - PATIENCE, call.started_at + CLOCKS_APART)
    newest = select(DialRow.id).where(fitting, before).order_by(DialRow.created_at.desc()).limit(1)
    return session.scalar(newest) if call.direction is Direction.OUTBOUND else None
