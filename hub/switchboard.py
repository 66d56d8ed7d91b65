"""Whom a phone system may ask while a caller waits: an answer at once, or none (see hub.connectors.Switchboard)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import structlog

from hub.domain import clock
from hub.domain.routing import NO_OPINION, Outgoing, Route
from hub.inbox.connections import Connection
from hub.reads import routing
from hub.unit_of_work import Hub

log = structlog.get_logger()

PATIENCE_SECONDS = 0.3
"""A caller hears nothing while we think; after this the system does what it would have done without Hub."""


@dataclass(frozen=True, slots=True)
class Switchboard:
    hub: Hub
    connection: Connection

    def route(self, caller: str | None, line: str | None) -> Route:
        """Within `PATIENCE_SECONDS`, whatever the database does."""
        asked = _thinkers().submit(self._route, caller, line)
        try:
            return asked.result(PATIENCE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the caller must be rung whatever is wrong with us
            log.warning("no route in time", connection=self.connection.name, problem=repr(error))
            return NO_OPINION

    def outgoing(self, extension: str, number: str) -> Outgoing:
        with self.hub.reading() as session:
            return routing.outgoing(session, self._place, extension, number)

    def _route(self, caller: str | None, line: str | None) -> Route:
        with self.hub.reading() as session:
            return routing.route(session, self._place, caller, line, clock.now())

    @property
    def _place(self) -> routing.Place:
        region = getattr(self.connection.settings, "region", None) or self.hub.rules.region
        return routing.Place(self.connection.id, region)


@cache
def _thinkers() -> ThreadPoolExecutor:
    """Few, for one that hangs must not take all others with it; made after the web server has forked."""
    return ThreadPoolExecutor(8, thread_name_prefix="switchboard")
