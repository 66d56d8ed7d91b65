"""What a click would meet, without calling."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clicks import checks, choosing
from hub.domain import clock
from hub.domain.access import Viewer
from hub.domain.errors import Conflict
from hub.domain.identity import zones_of
from hub.inbox.models import ConnectionRow
from hub.unit_of_work import Hub


def check(hub: Hub, viewer: Viewer, typed: str, contact_id: int | None = None) -> Mapping[str, Any]:
    """The number, its local time, warnings, the phones one has, why not."""
    with hub.reading() as session:
        number, now = checks.dialable(session, typed, hub.rules.region), clock.now()
        names = dict(session.execute(select(ConnectionRow.id, ConnectionRow.name)).all())
        mine = [{"connection": names[there], "number": phone} for there, phone in checks.phones(session, viewer)]
        refusal = _refusal(hub, session, viewer, number, contact_id)
    clocks = {f"{now.astimezone(ZoneInfo(zone)):%H:%M}" for zone in zones_of(number)}
    return {
        "number": number,
        "local_time": clocks.pop() if len(clocks) == 1 else None,
        "warnings": checks.warnings(number, now),
        "phones": mine,
        "refusal": refusal,
    }


def _refusal(hub: Hub, session: Session, viewer: Viewer, number: str, contact_id: int | None) -> str | None:
    try:
        checks.may_be_called(session, viewer, number, contact_id)
        choosing.own(hub, session, viewer)
    except Conflict as error:
        return str(error)
    return None
