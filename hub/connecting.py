"""Connecting a phone system, however it is asked for: its settings, and the lines they name as lines of the company."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from hub.domain import clock
from hub.inbox.connections import Connection
from hub.telephony import lines
from hub.unit_of_work import Hub


def connect(hub: Hub, session: Session, kind: str, name: str, values: Mapping[str, Any]) -> Connection:
    """A new connection. Invalid names each wrong setting; Conflict: there is one of that name."""
    made = hub.connections.add(session, kind, name, values, clock.now())
    _keep_lines(session, made, hub.rules.region)
    return made


def change(hub: Hub, session: Session, name: str, values: Mapping[str, Any]) -> Connection:
    """New values for some settings; what is not named stays as it was. A line that is named no more stays too."""
    changed = hub.connections.change(session, name, values)
    _keep_lines(session, changed, hub.rules.region)
    return changed


def _keep_lines(session: Session, connection: Connection, region: str) -> None:
    """To be given names, hours and owners."""
    settings = connection.settings
    for number in getattr(settings, "lines", ()):
        lines.ensure(session, number, getattr(settings, "region", "") or region, connection_id=connection.id)
