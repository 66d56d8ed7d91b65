"""The wish to call, stored before anything is dialled: a double click, or the same key again, is one wish."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.clicks import checks, choosing
from hub.clicks.following import dial_view, who
from hub.domain import clock
from hub.domain.access import Viewer
from hub.domain.errors import Conflict, Invalid
from hub.telephony import dials
from hub.unit_of_work import Hub

KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A request to call. `key`: the same key is the same click. `extension`, `connection_id`: else the phone one has
    chosen. `browser_ready`: whether the phone in the asking browser is connected, None when nobody says so."""

    number: str
    key: str
    contact_id: int | None = None
    extension: str | None = None
    connection_id: int | None = None
    browser_ready: bool | None = None


def dial(hub: Hub, viewer: Viewer, click: Click) -> Mapping[str, Any]:
    """Store the wish to call and have it placed; the dial as `dial_view` shows it."""
    if not KEY.fullmatch(click.key):
        raise Invalid("expected 1 to 100 printable characters without spaces", "idempotency_key")
    ring = _ring(hub, viewer, click)
    with hub.unit_of_work() as session:
        number = checks.dialable(session, click.number, hub.rules.region)
        connection_id, extension = ring or checks.phone_of(session, viewer, click.extension, click.connection_id)
        checks.may_be_called(session, viewer, number, click.contact_id)
        order = dials.Order(
            key=click.key,
            who=who(viewer),
            user_id=viewer.user_id,
            connection_id=connection_id,
            extension=extension,
            number=number,
            contact_id=click.contact_id,
        )
        row, new = dials.place(session, order, clock.now())
        if (row.number, row.contact_id) != (number, click.contact_id) or click.extension not in (None, row.extension):
            raise Conflict("this key stands for another call already; choose a new one for each new call")
        view = dial_view(session, row)
    if new:
        hub.doorbell.dial(str(view["id"]))
    return view


def _ring(hub: Hub, viewer: Viewer, click: Click) -> tuple[int, str] | None:
    """The phone the viewer's choice comes to, asked of its system outside of any transaction; None: another rule says.

    A click that is stored already keeps the phone it was stored with.
    """
    if click.extension is not None or click.connection_id is not None:
        return None
    with hub.reading() as session:
        if kept := dials.known(session, who(viewer), click.key):
            return kept.connection_id, kept.extension
        checks.may_be_called(
            session, viewer, checks.dialable(session, click.number, hub.rules.region), click.contact_id
        )
        ladder = choosing.own(hub, session, viewer)
    return choosing.first_there(ladder, click.browser_ready).place
