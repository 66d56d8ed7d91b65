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
from hub.domain.dialing import DialOrder
from hub.domain.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from hub.domain.identity import PhoneNumber
from hub.inbox.models import ConnectionRow
from hub.leads.models import ContactRow
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


def _state(row: DialRow, call: CallRow | None) -> str:
    """asked → calling_you → calling_client → talking → ended; or refused."""
    if call is None:
        return {"stored": "asked", "placing": "asked", "queued": "calling_you"}.get(row.state, "refused")
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
        order = DialOrder(request=row.id, extension=row.extension, number=row.number)
        connection = hub.connections.get(session, row.connection_id)
        late = row.created_at < clock.now() - STALE
    state, detail = ("refused", "it was too late to call") if late else _attempt(connection, order)
    with hub.unit_of_work() as session:
        dials.answered(session, dial_id, state, detail)


def _attempt(connection: Any, order: DialOrder) -> tuple[str, str]:
    try:
        return "queued", connection.connector.place(connection.settings, order)
    except HubError as error:
        return "refused", str(error)[:300]


def forgotten(hub: Hub) -> list[str]:
    """Dials nobody has placed yet: what a lost broker forgot; one whose process died over it is not tried again."""
    with hub.unit_of_work() as session:
        dials.interrupted(session, clock.now() - 2 * STALE)
        return list(session.scalars(select(DialRow.id).where(DialRow.state == "stored")))
