"""What is looked at before anything is stored: may this number be called, from which phone, and what to mind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.dialing import BrowserPhone
from hub.domain.errors import Conflict, Forbidden, Invalid
from hub.domain.identity import PhoneNumber, zones_of
from hub.inbox.models import ConnectionRow
from hub.leads.models import ContactNumberRow, ContactRow
from hub.reads import cards
from hub.telephony.models import ExtensionRow, LineRow
from hub.unit_of_work import Hub

DECENT = range(8, 21)
"""Hours of the day at which people expect to be called."""


def dialable(session: Session, typed: str, region: str) -> str:
    """The number as E.164; Invalid when nobody outside can be reached by it."""
    if any(ord(character) < 32 for character in typed):
        raise Invalid("a number has no control characters", "number")
    number = PhoneNumber.parse(typed, region)
    if number.e164 is None:
        raise Invalid(f"got {number.typed!r}: {number.reason}", "number")
    if session.scalar(select(LineRow.id).where(LineRow.number == number.e164)) is not None:
        raise Invalid(f"{number.e164} is one of our own lines", "number")
    return number.e164


def may_be_called(session: Session, viewer: Viewer, number: str, contact_id: int | None) -> None:
    """Conflict when the card, or any with this number, asks not to be called; NotFound when it is out of sight."""
    if contact_id is not None:
        cards.require(session, viewer, contact_id, Permission.LEADS_READ)
    on_cards = select(ContactNumberRow.contact_id).where(ContactNumberRow.e164 == number)
    asked = (ContactRow.id == contact_id) | ContactRow.id.in_(on_cards)
    if session.scalar(select(ContactRow.id).where(asked, ContactRow.do_not_call).limit(1)) is not None:
        raise Conflict("this client asked not to be called")


def phone_of(session: Session, viewer: Viewer, extension: str | None, connection_id: int | None) -> tuple[int, str]:
    """The connection and phone to ring first: the one named, else one's own first one, else the token's."""
    if not viewer.can(Permission.CALLS_ORIGINATE):
        raise Forbidden("you may not place calls")
    mine = phones(session, viewer, extension)
    for there, phone in mine:
        if extension in (None, phone) and connection_id in (None, there):
            return there, phone
    if extension is not None:
        raise Invalid(f"{extension!r} is not your phone", "extension")
    raise Conflict("you have no phone yet; an administrator gives you an extension")


def phones(session: Session, viewer: Viewer, wanted: str | None = None) -> Sequence[tuple[int, str]]:
    """Phones the viewer may ring, first choice first; the CRM names any, unless its token is bound to one."""
    usable = select(ConnectionRow.id).where(ConnectionRow.enabled).order_by(ConnectionRow.id)
    if phone := viewer.extension or (wanted if viewer.client else None):
        return [(connection, phone) for connection in session.scalars(usable)]
    mine = select(ExtensionRow.connection_id, ExtensionRow.number).order_by(ExtensionRow.id)
    mine = mine.where(ExtensionRow.user_id == viewer.user_id, ExtensionRow.connection_id.in_(usable))
    return [(row.connection_id, row.number) for row in session.execute(mine)]


def softphone(hub: Hub, viewer: Viewer) -> Mapping[str, Any]:
    """The first of one's phones that a browser can be; Conflict says why there is none."""
    with hub.reading() as session:
        mine = browser_phone(hub, session, viewer)
    if mine is None:
        raise Conflict("none of your phones can be used in the browser; use your desk phone")
    name, found = mine
    return {
        "connection": name,
        "kind": found.kind,
        "identity": found.identity,
        "token": found.token,
        "address": found.address,
        "expires_at": clock.iso(found.expires_at),
    }


def browser_phone(hub: Hub, session: Session, viewer: Viewer) -> tuple[str, BrowserPhone] | None:
    """The first of one's phones that a browser can be, and the name of its connection."""
    for there, phone in phones(session, viewer):
        connection = hub.connections.get(session, there)
        if (found := connection.connector.browser_phone(connection.settings, phone)) is not None:
            return connection.name, found
    return None


def warnings(number: str, now: datetime) -> list[dict[str, str]]:
    """What to mind, and call all the same. ``night``: nowhere this number may be is it a decent hour."""
    local = [now.astimezone(ZoneInfo(zone)) for zone in zones_of(number)]
    if not local or any(moment.hour in DECENT for moment in local):
        return []
    return [{"code": "night", "text": f"it is {local[0]:%H:%M} there"}]
