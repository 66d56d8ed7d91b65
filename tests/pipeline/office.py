"""A Hub in the test's own process: told by deliveries of invented phone systems, asked by rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hub import bootstrap, pipeline
from hub.connectors import Connector, discover
from hub.crm.models import OutboxRow
from hub.domain.delivery import Delivery
from hub.inbox.connections import Connections
from hub.inbox.models import DeliveryRow
from hub.leads.models import ActivityRow, ContactNumberRow, ContactRow, LeadRow, TaskRow, TouchRow, TryRow
from hub.leads.rules import seed_rules
from hub.reads import dump
from hub.reads.call_query import CallFilter
from hub.recordings.models import RecordingRow
from hub.settings import Settings
from hub.telephony.models import CallRow, FactRow, NodeRow, ParticipantRow
from hub.unit_of_work import Hub

PROVIDERS = ("hub.telephony.providers", "tests.pipeline.providers")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PROJECTIONS: tuple[type[Any], ...] = (
    *(CallRow, ParticipantRow, FactRow, NodeRow, OutboxRow),
    *(ContactRow, ContactNumberRow, LeadRow, TouchRow, TaskRow, TryRow, ActivityRow, RecordingRow),
)
"""Everything that follows from deliveries."""
MEANS_NOTHING = {(FactRow, "id"), (RecordingRow, "id")}


def after(seconds: float) -> str:
    """So many seconds after Monday ten o'clock, as phone systems write it."""
    return (MONDAY + timedelta(seconds=seconds)).isoformat()


@dataclass
class Bell:
    """A doorbell that writes down who rang."""

    rung: list[int] = field(default_factory=list)
    dials: list[str] = field(default_factory=list)
    relinked: int = 0

    def ring(self, connection_id: int) -> None:
        self.rung.append(connection_id)

    def dial(self, dial_id: str) -> None:
        self.dials.append(dial_id)

    def relink(self) -> None:
        self.relinked += 1


@dataclass
class Office:
    """A company with one connection of each invented system: `acme` and `exchange`."""

    hub: Hub
    bell: Bell
    ids: dict[str, int] = field(default_factory=dict)
    keys: Iterable[int] = field(default_factory=count)

    @classmethod
    def opened(cls, url: str, folder: Path) -> "Office":
        settings = Settings(database_url=url, data_dir=folder)
        bell = Bell()
        hub = bootstrap.build(settings, bell)
        connectors = discover(PROVIDERS)
        office = cls(replace(hub, connectors=connectors, connections=Connections(connectors, hub.seal)), bell)
        with office.hub.unit_of_work() as session:
            seed_rules(session)
        office.connect("acme", secret="acme secret")
        office.connect("exchange")
        return office

    def connect(self, kind: str, name: str | None = None, **settings: Any) -> int:
        with self.hub.unit_of_work() as session:
            made = self.hub.connections.add(session, kind, name or kind, settings, MONDAY)
        self.ids[made.name] = made.id
        return made.id

    def teach(self, connector: Connector) -> None:
        """From now on this connector reads what its kind delivers: a new release of it."""
        connectors = dict(self.hub.connectors) | {connector.kind: connector}
        self.hub = replace(self.hub, connectors=connectors, connections=Connections(connectors, self.hub.seal))

    # Telling.

    def accept(self, body: bytes, *, to: str = "acme", key: str | None = None, **headers: str) -> bool:
        """One delivery, stored; True when it was new. Every delivery has a key of its own unless told otherwise."""
        delivery = Delivery(
            connection_id=self.ids[to],
            body=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            received_at=MONDAY,
        )
        return pipeline.accept(self.hub, delivery, key or f"key {next(iter(self.keys))}")

    def hear(self, *events: Mapping[str, Any], to: str = "acme", **headers: str) -> None:
        """Each in a delivery of its own, then all worked off in one go."""
        for event in events:
            self.accept(json.dumps(event).encode(), to=to, **headers)
        self.drain(to)

    def drain(self, name: str = "acme") -> int:
        return pipeline.drain(self.hub, self.ids[name])

    # Asking.

    def calls(self) -> list[dict[str, Any]]:
        """As the operator's `hub calls --json` shows them."""
        with self.hub.reading() as session:
            return [dict(shape) for shape in dump.calls(session, CallFilter())]

    def call(self) -> dict[str, Any]:
        (call,) = self.calls()
        return call

    def rows(self, table: type[Any]) -> list[Any]:
        """Every row, oldest first, detached."""
        with self.hub.reading() as session:
            rows = list(session.scalars(select(table).order_by(*table.__mapper__.primary_key)))
            session.expunge_all()
        return rows

    def told(self) -> list[OutboxRow]:
        """What the outside was told of calls, oldest first."""
        return [row for row in self.rows(OutboxRow) if row.subject.startswith("call:")]

    def states(self) -> list[str]:
        """The state of every delivery, oldest first."""
        return [row.state for row in self.rows(DeliveryRow)]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every column of everything that follows from deliveries, but for row numbers nobody sees."""
        with self.hub.reading() as session:
            return {
                table.__tablename__: sorted(map(_plain, session.execute(select(*_columns(table))).all()), key=repr)
                for table in PROJECTIONS
            }


def _columns(table: type[Any]) -> list[Any]:
    return [column for column in table.__table__.columns if (table, column.name) not in MEANS_NOTHING]


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(row)


# ---- what acme says of a call ----


def started(call: str = "c1", at: float = 0, number: str | None = "0671234567", **more: Any) -> dict[str, Any]:
    """An inbound call to our main line; `to=None` and `from_="101"` make it an outbound one."""
    said = {"event": "started", "call": call, "at": after(at), "number": number, "to": "+380445551200"} | more
    if "from_" in said:
        said |= {"from": said.pop("from_"), "to": None}
    return said


def rang(call: str = "c1", at: float = 1, phone: str = "101") -> dict[str, Any]:
    return {"event": "rang", "call": call, "at": after(at), "phone": phone}


def answered(call: str = "c1", at: float = 5, phone: str = "101") -> dict[str, Any]:
    return {"event": "answered", "call": call, "at": after(at), "phone": phone}


def hungup(call: str = "c1", at: float = 65, by: str = "customer", **more: Any) -> dict[str, Any]:
    return {"event": "hungup", "call": call, "at": after(at), "by": by} | more


def recorded(call: str = "c1", at: float = 65, file: str = "c1.wav", *, message: bool = False) -> dict[str, Any]:
    return {"event": "recorded", "call": call, "at": after(at), "file": file, "message": message}


def talk(call: str = "c1", at: float = 0, **more: Any) -> list[dict[str, Any]]:
    """An inbound call that was answered after five seconds and lasted a minute."""
    return [started(call, at, **more), rang(call, at + 1), answered(call, at + 5), hungup(call, at + 65)]


def missed(call: str = "c1", at: float = 0, **more: Any) -> list[dict[str, Any]]:
    return [started(call, at, **more), rang(call, at + 1), hungup(call, at + 20, rang=["101"])]
