"""What everything runs on, and one transaction across every stage."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hub.connectors import Connector
from hub.crm import outbox
from hub.inbox.connections import Connections
from hub.storage.blobs import Blobs
from hub.storage.database import reading
from hub.storage.sealing import Seal
from hub.storage.wakeup import WakeUp


class Doorbell(Protocol):
    def ring(self, connection_id: int) -> None:
        """Something waits in this connection's inbox. Never raises, never waits."""

    def dial(self, dial_id: str) -> None:
        """Somebody waits for this call to be placed. Never raises, never waits."""

    def relink(self) -> None:
        """Contacts wait to be matched again. Never raises, never waits."""


class NoBell:
    """For commands that work off the inbox themselves; the rest is found by the sweep."""

    def ring(self, connection_id: int) -> None:
        pass

    def dial(self, dial_id: str) -> None:
        pass

    def relink(self) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the company decided that is no row of a table.

    `results`: what can come of a call, kinds by word. `keep_recordings_days`: 0: for ever.
    """

    region: str
    timezone: str
    lead_window_days: int
    ringing_limit_minutes: int
    talking_limit_hours: int
    keep_recordings_days: int
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Built once by bootstrap, handed to whoever needs it."""

    engine: Engine
    connectors: Mapping[str, Connector]
    connections: Connections
    seal: Seal
    blobs: Blobs
    wakeup: WakeUp
    doorbell: Doorbell
    rules: Rules

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Leaving the block commits, and wakes the live desks when there is news for them; an exception undoes."""
        with Session(self.engine) as session, session.begin():
            yield session
        if outbox.has_news(session):
            self.wakeup.announce()

    def reading(self) -> AbstractContextManager[Session]:
        """A session for questions; it never waits for a writer."""
        return reading(self.engine)
