"""Connecting a phone system, however it is asked for: its settings, the lines they name, and whether it answers."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from pydantic import BaseModel
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.errors import HubError
from hub.inbox.connections import Connection
from hub.telephony import lines
from hub.unit_of_work import Hub

TRY_SECONDS = 12.0
"""Whoever tries a connection waits for it; a system that has not answered by then is said not to."""

log = structlog.get_logger()


def connect(hub: Hub, session: Session, kind: str, name: str, values: Mapping[str, Any]) -> Connection:
    """A new connection. Invalid names each wrong setting; Conflict: there is one of that name."""
    made = hub.connections.add(session, kind, name, values, clock.now())
    _keep_lines(hub, session, made)
    return made


def change(hub: Hub, session: Session, name: str, values: Mapping[str, Any]) -> Connection:
    """New values for some settings; what is not named stays as it was. A line that is named no more stays too."""
    changed = hub.connections.change(session, name, values)
    _keep_lines(hub, session, changed)
    return changed


def _keep_lines(hub: Hub, session: Session, connection: Connection) -> None:
    """To be given names, hours and owners; where they are is where the phone system is, else where the company is."""
    settings = connection.settings
    region = getattr(settings, "region", "") or hub.rules.region
    for number in getattr(settings, "lines", ()):
        lines.ensure(session, number, region, connection.id, _zone(settings) or hub.rules.timezone)


def _zone(settings: BaseModel) -> str | None:
    """The zone somebody chose for it; a clock that runs in UTC says nothing of where a line rings."""
    zone = getattr(settings, "timezone", None)
    return zone if zone not in ("", "UTC") else None


@dataclass(frozen=True, slots=True)
class Tried:
    """How an attempt to reach a system went."""

    reached: bool
    words: str


def try_out(connection: Connection) -> Tried:
    """Reach the system, within `TRY_SECONDS`; never raises."""
    asked = _triers().submit(connection.connector.probe, connection.settings)
    try:
        return Tried(reached=True, words=asked.result(TRY_SECONDS))
    except HubError as error:
        return Tried(reached=False, words=str(error))
    except TimeoutError:
        asked.cancel()
        return Tried(reached=False, words=f"{connection.name} did not answer within {TRY_SECONDS:.0f} seconds")
    except Exception as error:
        log.exception("trying a connection failed", connection=connection.id)
        return Tried(reached=False, words=f"trying it failed ({type(error).__name__}); the log says more")


@cache
def _triers() -> ThreadPoolExecutor:
    """Few: people try one connection at a time. Made after the web server has forked."""
    return ThreadPoolExecutor(4, thread_name_prefix="try")
