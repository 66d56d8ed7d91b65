"""Lines to phone systems, held by whichever process has the lease."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select

from hub import pipeline
from hub.connectors import OpenCall
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.errors import Transient
from hub.inbox import connections
from hub.inbox.connections import Connection
from hub.inbox.models import DeliveryRow
from hub.pulse import Alive, unseen
from hub.storage.leases import LISTENING, Lease
from hub.telephony import conversations
from hub.unit_of_work import Hub
from hub.worker import holder

log = structlog.get_logger()

HEARD = "heard:"
"""How the keys of deliveries begin that a listener heard: what is fed by hand says nothing of the line."""
LOOK_SECONDS = 3.0
"""How soon a connection that was added, changed or removed is noticed."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A listener's door to the inbox (see hub.connectors.Intake)."""

    hub: Hub
    connection_id: int

    def store(self, body: bytes, key: str, content_type: str) -> None:
        delivery = Delivery(
            connection_id=self.connection_id, body=body, content_type=content_type, received_at=clock.now()
        )
        pipeline.accept(self.hub, delivery, HEARD + key)

    def open_calls(self) -> Sequence[OpenCall]:
        pipeline.drain(self.hub, self.connection_id)
        if pipeline.waiting(self.hub, self.connection_id):
            raise Transient("the inbox is still being worked off")
        with self.hub.reading() as session:
            return conversations.open_calls(session, self.connection_id)

    def heard_until(self) -> datetime | None:
        """The last delivery, or the last moment a listener said that it was connected."""
        live = (DeliveryRow.connection_id == self.connection_id) & DeliveryRow.key.startswith(HEARD)
        newest = select(func.max(DeliveryRow.received_at)).where(live)
        with self.hub.reading() as session:
            heard = [session.scalar(newest), connections.connected_until(session, self.connection_id)]
        return max(filter(None, heard), default=None)

    def report(self, state: str, detail: str) -> None:
        with self.hub.unit_of_work() as session:
            connections.report(session, self.connection_id, state, detail, clock.now())


@dataclass(frozen=True, slots=True)
class _Held:
    """A running listener, and the settings it runs with."""

    connection: Connection
    stop: threading.Event
    thread: threading.Thread


def run(hub: Hub, stop: threading.Event, alive: Alive = unseen) -> None:
    """Listen to every connection that wants it, following changes of their settings, until `stop`."""
    held: dict[int, _Held] = {}
    while not stop.is_set():
        try:
            _follow(hub, held)
            alive()
        except Exception:
            log.exception("connections could not be read")
        stop.wait(LOOK_SECONDS)
    for one in held.values():
        one.stop.set()
    for one in held.values():
        one.thread.join(timeout=10)


def _follow(hub: Hub, held: dict[int, _Held]) -> None:
    with hub.reading() as session:
        wanted = {one.id: one for one in hub.connections.all(session) if one.enabled}
    for connection_id, one in list(held.items()):
        if wanted.get(connection_id) != one.connection:
            one.stop.set()
            del held[connection_id]
    for connection_id, connection in wanted.items():
        if connection_id not in held and (started := _start(hub, connection)):
            held[connection_id] = started


def _start(hub: Hub, connection: Connection) -> _Held | None:
    listening = connection.connector.listener(connection.settings)
    if listening is None:
        return None
    stop = threading.Event()
    lease = Lease(hub.engine, f"{LISTENING}{connection.id}", f"{holder()}:{id(stop)}")
    listener = listening(lease, Intake(hub, connection.id))
    thread = threading.Thread(target=listener.run, args=(stop,), name=f"listener {connection.name}", daemon=True)
    thread.start()
    return _Held(connection, stop, thread)


def run_in_thread(hub: Hub, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=run, args=(hub, stop), name="listening", daemon=True)
    thread.start()
    return thread
