"""How far a click is, in words for whoever clicked; and taking it back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clicks import checks, placing
from hub.domain import clock
from hub.domain.access import Viewer
from hub.domain.calls import CallState
from hub.domain.errors import Conflict, NotFound
from hub.telephony import dials
from hub.telephony.models import CallRow, DialRow
from hub.unit_of_work import Hub

WAITING = {"stored": "asked", "placing": "asked", "queued": "calling_you"}


def dialled(hub: Hub, viewer: Viewer, dial_id: str) -> Mapping[str, Any]:
    """How far the viewer's own click is; NotFound when it is somebody else's, or none."""
    with hub.reading() as session:
        return dialled_in(session, viewer, dial_id)


def dialled_in(session: Session, viewer: Viewer, dial_id: str) -> Mapping[str, Any]:
    """The same, for whoever is reading already."""
    return dial_view(session, _own(session, viewer, dial_id))


def going_on(hub: Hub, viewer: Viewer, contact_id: int, since: datetime) -> Mapping[str, Mapping[str, Any]]:
    """The viewer's newest click on each number of a card, of those asked for after `since`; by number."""
    mine = (DialRow.who == who(viewer)) & (DialRow.contact_id == contact_id) & (DialRow.created_at > since)
    with hub.reading() as session:
        rows = session.scalars(select(DialRow).where(mine).order_by(DialRow.created_at)).all()
        newest = {row.number: row for row in rows}
        return {number: dial_view(session, row) for number, row in newest.items()}


def cancel(hub: Hub, viewer: Viewer, dial_id: str) -> Mapping[str, Any]:
    """Take the viewer's own click back: not placed if it was not, else hung up.

    Conflict: the call is over. Rejected: the system cannot hang up, and so nothing was taken back.
    """
    with hub.unit_of_work() as session:
        row = _own(session, viewer, dial_id)
        if dial_view(session, row)["state"] == CallState.ENDED:
            raise Conflict("the call is over")
        dials.take_back(session, dial_id, "stored", "placing")  # whoever is placing it hangs up
        rings, ref = row.state == "queued", row.ref
        connection, order = placing.order_of(hub, session, row)
    if rings:
        connection.connector.cancel(connection.settings, order, ref)
        with hub.unit_of_work() as session:
            dials.take_back(session, dial_id, "queued")
    return dialled(hub, viewer, dial_id)


def dial_view(session: Session, row: DialRow) -> dict[str, Any]:
    """A dial for people: the words of its state, the call it became, and how that ended."""
    call = session.scalar(select(CallRow).where(CallRow.request_id == row.id))
    return {
        "id": row.id,
        "state": _state(row, call),
        "detail": row.detail,
        "number": row.number,
        "extension": row.extension,
        "contact_id": row.contact_id,
        "call_id": str(call.id) if call else None,
        "outcome": call.outcome if call else None,
        "talk_seconds": call.talk_seconds if call else 0.0,
        "warnings": checks.warnings(row.number, row.created_at),
        "created_at": clock.iso(row.created_at),
    }


def who(viewer: Viewer) -> str:
    """Whose click it is."""
    return f"user:{viewer.user_id}" if viewer.user_id else f"token:{viewer.name}"


def _own(session: Session, viewer: Viewer, dial_id: str) -> DialRow:
    row = session.get(DialRow, dial_id)
    if row is None or row.who != who(viewer):
        raise NotFound("no such call was asked for")
    return row


def _state(row: DialRow, call: CallRow | None) -> str:
    """asked → calling_you → calling_client → talking → ended; or refused, or cancelled."""
    talked = call is not None and (call.state == CallState.TALKING or bool(call.talk_seconds))
    if row.state == "cancelled" and not talked:
        return "cancelled"
    if call is None:
        return WAITING.get(row.state, row.state)
    if call.state == CallState.RINGING:
        return "calling_client" if call.client_rang else "calling_you"
    return call.state
