"""Connections, how they are, and the deliveries that wait for a person; the feed of changes."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StringConstraints
from typing_extensions import TypedDict

from hub import connecting
from hub.domain import clock
from hub.domain.access import Permission
from hub.domain.errors import Conflict, NotFound
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.people import journal
from hub.reads import connections as reads
from hub.reads import live
from hub.reads.connections import ComparisonShape, ConnectionShape, DeliveryShape, Stuck
from hub.reads.live import ChangeShape
from hub.web.acts import Desk
from hub.web.api import inputs
from hub.web.api.inputs import Body, Limit, Listed, Patch, Query, QueryText
from hub.web.api.operations import CONNECTION, DELIVERY, api

TAG, CHANGES = "Connections", "Changes"
Text = Annotated[inputs.Prose, StringConstraints(max_length=2000)]
Number = Annotated[int, Field(ge=-inputs.BIGGEST_ID, le=inputs.BIGGEST_ID), BeforeValidator(inputs.integral)]
Setting = Text | Number | StrictBool | Annotated[list[Text], Field(max_length=100)] | None
SETTING_NAME = "^[a-z_]{1,40}$"


def _known_words(settings: dict[str, Setting]) -> dict[str, Setting]:
    if not all(re.fullmatch(SETTING_NAME, name) for name in settings):
        raise ValueError("a setting's name has lower-case letters and _ alone")
    return settings


Settings = Annotated[
    dict[str, Setting],
    Field(max_length=50, json_schema_extra={"propertyNames": {"pattern": SETTING_NAME}}),
    AfterValidator(_known_words),
]
After = Annotated[str, StringConstraints(pattern="^[0-9]{1,18}$")]


class ConnectionList(TypedDict):
    """Every connection, oldest first."""

    items: list[ConnectionShape]


class NewConnection(Body):
    """A system to connect; `hub connection add KIND --help` explains the settings of each kind."""

    kind: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,32}$"), Field(examples=["asterisk"])]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"), Field(examples=["pbx"])]
    settings: Settings


class ConnectionPatch(Patch):
    """Settings to change, secrets too; `enabled` false: Hub stops listening, the history stays."""

    settings: Settings = Field(default_factory=dict)
    enabled: bool = True


class Tried(TypedDict):
    """How an attempt to reach the system went, in words."""

    reached: bool
    words: str


class DeliveryQuery(Listed):
    state: tuple[Stuck, ...] = Field((), max_length=2)
    connection: QueryText | None = Field(None, description="The name of a connection.")


class DeliveryPage(TypedDict):
    """Deliveries that wait for a person, newest first."""

    items: list[DeliveryShape]
    next: str | None


class ComparisonPage(TypedDict):
    """Comparisons with the system's own list of calls, newest first."""

    items: list[ComparisonShape]
    next: str | None


class ChangeQuery(Query):
    after: Annotated[str, StringConstraints(pattern="^[0-9]{1,18}$")] = Field(
        "0", description="`next` of the page before."
    )
    limit: Limit = 50


class ChangePage(TypedDict):
    """Changes in order, each once; `next` is where to go on, also when there is nothing new."""

    items: list[ChangeShape]
    next: str


@api.operation("GET", "/connections", Permission.CONNECTIONS_READ, TAG)
def list_connections(desk: Desk) -> ConnectionList:
    """Every connection with its health."""
    with desk.hub.reading() as session:
        return {"items": reads.page_of_all(session, desk.hub.connections)}


@api.operation("GET", CONNECTION, Permission.CONNECTIONS_READ, TAG)
def get_connection(desk: Desk, name: str) -> ConnectionShape:
    """One connection with its health."""
    with desk.hub.reading() as session:
        return reads.one(session, desk.hub.connections, name)


@api.operation("POST", "/connections", Permission.CONNECTIONS_WRITE, TAG, status=201, problems=(409,))
def create_connection(desk: Desk, body: NewConnection) -> ConnectionShape:
    """Connect a system. Secrets are written here and never read again."""
    with desk.hub.unit_of_work() as session:
        made = connecting.connect(desk.hub, session, body.kind, body.name, body.settings)
        journal.append(session, desk.viewer, "connection.created", f"connection:{made.id}", clock.now())
        return reads.one(session, desk.hub.connections, body.name)


@api.operation("PATCH", CONNECTION, Permission.CONNECTIONS_WRITE, TAG, problems=(409,))
def edit_connection(desk: Desk, name: str, body: ConnectionPatch) -> ConnectionShape:
    """Change what is named; other settings stay."""
    with desk.hub.unit_of_work() as session:
        row = desk.hub.connections.row(session, name)
        row.enabled = body.given().get("enabled", row.enabled)
        if body.settings:
            connecting.change(desk.hub, session, name, body.settings)
        fields = sorted({*body.settings, *(body.model_fields_set - {"settings"})})
        journal.append(session, desk.viewer, "connection.edited", f"connection:{row.id}", clock.now(), fields=fields)
        return reads.one(session, desk.hub.connections, name)


@api.operation("POST", f"{CONNECTION}/test", Permission.CONNECTIONS_WRITE, TAG)
def test_connection(desk: Desk, name: str) -> Tried:
    """Try to reach the system and say in words what is wrong, if anything."""
    with desk.hub.reading() as session:
        found = desk.hub.connections.named(session, name)
    tried = connecting.try_out(found)
    return {"reached": tried.reached, "words": tried.words}


@api.operation("GET", f"{CONNECTION}/comparisons", Permission.CONNECTIONS_READ, TAG)
def list_comparisons(desk: Desk, name: str, query: Listed) -> ComparisonPage:
    """What the system's own list of calls named, and how much of it was here; what was missing was fetched."""
    with desk.hub.reading() as session:
        page = reads.compared(session, name, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("GET", "/deliveries", Permission.CONNECTIONS_READ, TAG)
def list_deliveries(desk: Desk, query: DeliveryQuery) -> DeliveryPage:
    """Deliveries Hub did not understand (parked) or could not work off (failed), newest first."""
    with desk.hub.reading() as session:
        connection = None if query.connection is None else reads.id_of(session, query.connection)
        page = reads.stuck(session, query.state or ("parked", "failed"), connection, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("POST", f"{DELIVERY}/replay", Permission.INBOX_RELEASE, TAG, status=202, problems=(409,))
def replay_delivery(desk: Desk, delivery_id: int) -> None:
    """Try a parked or failed delivery again."""
    with desk.hub.unit_of_work() as session:
        row = session.get(DeliveryRow, delivery_id)
        if row is None:
            raise NotFound("no such delivery")
        if row.state not in ("parked", "failed"):
            raise Conflict(f"this delivery is {row.state}")
        inbox.release(session, [delivery_id])
        journal.append(session, desk.viewer, "delivery.released", f"delivery:{delivery_id}", clock.now())
        connection_id = row.connection_id
    desk.hub.doorbell.ring(connection_id)


def replay_all(desk: Desk, name: str) -> int:
    """Try all deliveries again that wait for a person on this connection; how many there were."""
    with desk.hub.unit_of_work() as session:
        row = desk.hub.connections.row(session, name)
        count, connection_id = inbox.release_all(session, row.id), row.id
        journal.append(session, desk.viewer, "connection.replayed", f"connection:{row.id}", clock.now(), count=count)
    desk.hub.doorbell.ring(connection_id)
    return count


def show_addresses(desk: Desk, name: str, hook: str) -> Mapping[str, str]:
    """What to enter on the other side, with its secrets: somebody asked, and that is written down."""
    with desk.hub.unit_of_work() as session:
        found = desk.hub.connections.named(session, name)
        journal.append(session, desk.viewer, "connection.shown", f"connection:{found.id}", clock.now())
    return found.connector.addresses(found.settings, hook)


@api.operation("GET", "/changes", None, CHANGES)
def list_changes(desk: Desk, query: ChangeQuery) -> ChangePage:
    """What changed since: full snapshots of calls, clients, leads and tasks within sight, oldest first."""
    with desk.hub.reading() as session:
        items, last = live.feed(session, desk.viewer, int(query.after), query.limit, clock.now())
    return {"items": items, "next": str(last)}
