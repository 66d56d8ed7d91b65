"""What people do: click to call, say whose call it was. Each checks first, stores, and only then acts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.domain.identity import PhoneNumber
from hub.inbox.connections import Connection
from hub.inbox.models import ConnectionRow
from hub.leads.models import ContactRow
from hub.reads import routing
from hub.telephony import dials
from hub.telephony.models import CallRow, DialRow, ExtensionRow
from hub.unit_of_work import Hub

STALE = timedelta(seconds=60)
"""A click this old is not dialled any more: nobody waits for it."""
KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A request to call. `key`: the same key is the same click. `extension` None: the person's own phone."""

    number: str
    key: str
    contact_id: int | None = None
    extension: str | None = None


def dial(hub: Hub, viewer: Viewer, click: Click) -> Mapping[str, Any]:
    """Store the wish to call and have it placed; the dial as `dial_view` shows it."""
    number = _dialable(hub, click.number)
    if not KEY.fullmatch(click.key):
        raise Invalid("expected 1 to 100 printable characters without spaces", "idempotency_key")
    with hub.unit_of_work() as session:
        connection_id, extension = _phone(session, viewer, click.extension)
        _may_call(session, click.contact_id)
        order = dials.Order(
            key=click.key,
            who=_who(viewer),
            user_id=viewer.user_id,
            connection_id=connection_id,
            extension=extension,
            number=number,
            contact_id=click.contact_id,
        )
        row, new = dials.place(session, order, clock.now())
        view = dial_view(session, row)
    if new:
        hub.doorbell.dial(str(view["id"]))
    return view


def _dialable(hub: Hub, typed: str) -> str:
    if any(ord(character) < 32 for character in typed):
        raise Invalid("a number has no control characters", "number")
    number = PhoneNumber.parse(typed, hub.rules.region)
    if number.e164 is None:
        raise Invalid(f"got {number.typed!r}: {number.reason}", "number")
    return number.e164


def _phone(session: Session, viewer: Viewer, wanted: str | None) -> tuple[int, str]:
    """The phone to ring first: one's own, or the one a token is bound to."""
    if not viewer.can(Permission.CALLS_ORIGINATE):
        raise Forbidden("you may not place calls")
    for connection_id, extension in _phones(session, viewer, wanted):
        if wanted in (None, extension):
            return connection_id, extension
    if wanted is not None:
        raise Invalid(f"{wanted!r} is not your phone", "extension")
    raise Conflict("you have no phone yet; an administrator gives you an extension")


def _phones(session: Session, viewer: Viewer, wanted: str | None) -> list[tuple[int, str]]:
    """Phones the viewer may ring, first choice first; the CRM names any, unless its token is bound to one."""
    usable = select(ConnectionRow.id).where(ConnectionRow.enabled).order_by(ConnectionRow.id)
    if phone := viewer.extension or (wanted if viewer.client else None):
        return [(connection, phone) for connection in session.scalars(usable)]
    mine = select(ExtensionRow.connection_id, ExtensionRow.number).order_by(ExtensionRow.id)
    mine = mine.where(ExtensionRow.user_id == viewer.user_id, ExtensionRow.connection_id.in_(usable))
    return list(session.execute(mine))


def _may_call(session: Session, contact_id: int | None) -> None:
    if contact_id is None:
        return
    card = session.get(ContactRow, contact_id)
    if card is None:
        raise NotFound("no such card")
    if card.do_not_call:
        raise Conflict("this client asked not to be called")


def dial_view(session: Session, row: DialRow) -> dict[str, Any]:
    """A dial for people: the words of its state, and the call it became."""
    call = session.scalar(select(CallRow).where(CallRow.request_id == row.id))
    return {
        "id": row.id,
        "state": _state(row, call),
        "detail": row.detail,
        "number": row.number,
        "extension": row.extension,
        "contact_id": row.contact_id,
        "call_id": str(call.id) if call else None,
        "created_at": clock.iso(row.created_at),
    }


def dialled(hub: Hub, viewer: Viewer, dial_id: str) -> Mapping[str, Any]:
    """How far the viewer's own click is; NotFound when it is somebody else's, or none."""
    with hub.reading() as session:
        row = session.get(DialRow, dial_id)
        if row is None or row.who != _who(viewer):
            raise NotFound("no such call was asked for")
        return dial_view(session, row)


WAITING = {"stored": "asked", "placing": "asked", "queued": "calling_you"}


def _state(row: DialRow, call: CallRow | None) -> str:
    """asked → calling_you → calling_client → talking → ended; or refused, or cancelled."""
    if call is None:
        return WAITING.get(row.state, row.state)
    if call.state == "ringing":
        return "calling_client" if call.ring_seconds else "calling_you"
    return call.state


def _who(viewer: Viewer) -> str:
    return f"user:{viewer.user_id}" if viewer.user_id else f"token:{viewer.name}"


def place(hub: Hub, dial_id: str) -> None:
    """Have a stored dial placed, once: whoever turns it from stored to placing does it."""
    with hub.unit_of_work() as session:
        mine = (DialRow.id == dial_id) & (DialRow.state == "stored")
        row = session.scalar(update(DialRow).where(mine).values(state="placing").returning(DialRow))
        if row is None:
            return
        connection, order = _order(hub, session, row)
        late = row.created_at < clock.now() - STALE
    said = Refusal("it was too late to call") if late else _attempt(connection, order)
    with hub.unit_of_work() as session:
        if isinstance(said, Placed):
            dials.answered(session, dial_id, "queued", said.detail, said.ref)
        else:
            dials.answered(session, dial_id, "refused", said)
        taken_back = session.get_one(DialRow, dial_id).state == "cancelled"
    if taken_back and isinstance(said, Placed):
        _hang_up(connection, order, said.ref)


Refusal = str
"""Why nothing was dialled, for people."""


def _order(hub: Hub, session: Session, row: DialRow) -> tuple[Connection, DialOrder]:
    """What the phone system is asked for, and which one it is."""
    connection = hub.connections.get(session, row.connection_id)
    region = getattr(connection.settings, "region", None) or hub.rules.region
    line = routing.line_of(session, routing.Place(connection.id, region), row.user_id)
    order = DialOrder(
        request=row.id,
        extension=row.extension,
        number=row.number,
        hook=f"/hooks/{connection.name}",
        line=line.number if line else None,
    )
    return connection, order


def _attempt(connection: Connection, order: DialOrder) -> Placed | Refusal:
    """Ask whether the phone would ring at all, then have it rung."""
    if _phone_state(connection, order.extension) is PhoneState.AWAY:
        return f"your phone {order.extension} is not reachable: switched off, not signed in, or set to not disturb"
    try:
        return connection.connector.place(connection.settings, order)
    except HubError as error:
        return str(error)


def _phone_state(connection: Connection, extension: str) -> PhoneState:
    try:
        return connection.connector.phone_state(connection.settings, extension)
    except HubError:
        return PhoneState.UNKNOWN  # the dial itself will say what is wrong


def cancel(hub: Hub, viewer: Viewer, dial_id: str) -> Mapping[str, Any]:
    """Take the viewer's own click back; Conflict when the call is over, or the system cannot hang up."""
    dialled(hub, viewer, dial_id)
    with hub.unit_of_work() as session:
        before = dials.take_back(session, dial_id)
        row = session.get_one(DialRow, dial_id)
        connection, order = _order(hub, session, row)
        ref = row.ref
    if before == "queued":
        _hang_up(connection, order, ref)
    return dialled(hub, viewer, dial_id)


def _hang_up(connection: Connection, order: DialOrder, ref: str | None) -> None:
    try:
        connection.connector.cancel(connection.settings, order, ref)
    except HubError as error:
        raise Conflict(str(error)) from error


def forgotten(hub: Hub) -> list[str]:
    """Dials nobody has placed yet: what a lost broker forgot; one whose process died over it is not tried again."""
    with hub.unit_of_work() as session:
        dials.interrupted(session, clock.now() - 2 * STALE)
        return list(session.scalars(select(DialRow.id).where(DialRow.state == "stored")))
