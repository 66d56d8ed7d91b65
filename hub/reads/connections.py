"""Connections and how they are: their state, what waits, and the deliveries that wait for a person."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.errors import NotFound
from hub.inbox.connections import Connections, is_name
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.reads.paging import Page, Place, bounded, cut, older
from hub.reads.shapes import Id, Moment
from hub.telephony.models import ComparisonRow

Stuck = Literal["parked", "failed"]
STUCK = get_args(Stuck)
WAITING = ("pending", "parked", "failed")
SHOWN = 2000
"""How much of a delivery's body a person is shown."""


class HealthShape(TypedDict):
    """`state`: what the listener said last (`detail` in words); deliveries by state, and how many were refused."""

    state: Literal["new", "connecting", "connected", "down"]
    detail: str | None
    state_at: Moment | None
    last_delivery_at: Moment | None
    pending: int
    parked: int
    failed: int
    refused: int


class ConnectionShape(TypedDict):
    """A configured system. Secrets are never shown: `secrets` names those that are set."""

    id: Id
    name: str
    kind: str
    title: str
    enabled: bool
    settings: dict[str, Any]
    secrets: list[str]
    health: HealthShape
    created_at: Moment


class ComparisonShape(TypedDict):
    """One comparison with the system's own list of calls that began from `since` until just before `until`.

    Of the calls `listed`, `received` were here, `waiting` are still to be worked off or were not over, and `missing`
    were fetched. `problem`: why the list could not be read (further).
    """

    id: Id
    since: Moment
    until: Moment
    compared_at: Moment
    listed: int
    received: int
    waiting: int
    missing: int
    problem: str | None


class DeliveryShape(TypedDict):
    """A delivery Hub could not use, with the reason and the beginning of its body."""

    id: Id
    connection: str
    state: Stuck
    reason: str | None
    attempts: int
    content_type: str
    size: int
    beginning: str
    received_at: Moment


def page_of_all(session: Session, known: Connections) -> list[ConnectionShape]:
    """Every connection, oldest first."""
    return _shapes(session, known, session.scalars(select(ConnectionRow).order_by(ConnectionRow.id)).all())


def one(session: Session, known: Connections, name: str) -> ConnectionShape:
    """The connection of that name; NotFound when there is none."""
    return _shapes(session, known, [known.row(session, name)])[0]


def id_of(session: Session, name: str) -> int:
    """The id of the connection of that name; 0, which none has, when there is none."""
    return session.scalar(select(ConnectionRow.id).where(ConnectionRow.name == name)) or 0 if is_name(name) else 0


def _shapes(session: Session, known: Connections, rows: Sequence[ConnectionRow]) -> list[ConnectionShape]:
    ids = [row.id for row in rows]
    # A maximum of its own for each connection is one step into the index; one grouped over all is a scan.
    mine = DeliveryRow.connection_id == ConnectionRow.id
    newest = select(func.max(DeliveryRow.received_at)).where(mine).correlate(ConnectionRow).scalar_subquery()
    last = dict(session.execute(select(ConnectionRow.id, newest).where(ConnectionRow.id.in_(ids))).all())
    waiting = _waiting(session, ids)
    return [_shape(row, known, _health(row, waiting[row.id], clock.iso(last.get(row.id)))) for row in rows]


def _waiting(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    counts: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(WAITING, 0))
    chosen = select(DeliveryRow.connection_id, DeliveryRow.state, func.count())
    chosen = chosen.where(DeliveryRow.connection_id.in_(ids), DeliveryRow.state.in_(WAITING))
    for connection, state, count in session.execute(chosen.group_by(DeliveryRow.connection_id, DeliveryRow.state)):
        counts[connection][state] = count
    return counts


def _health(row: ConnectionRow, waiting: Mapping[str, int], last: str | None) -> HealthShape:
    state: Any = row.state
    return {
        "state": state,
        "detail": row.detail,
        "state_at": clock.iso(row.state_at),
        "last_delivery_at": last,
        "pending": waiting["pending"],
        "parked": waiting["parked"],
        "failed": waiting["failed"],
        "refused": row.refused,
    }


def _shape(row: ConnectionRow, known: Connections, health: HealthShape) -> ConnectionShape:
    connector = known.connectors.get(row.kind)
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "title": connector.title if connector else row.kind,
        "enabled": row.enabled,
        "settings": dict(sorted(row.settings.items())),
        "secrets": sorted(known.secrets_set(row)),
        "health": health,
        "created_at": clock.iso(row.created_at),
    }


def stuck(
    session: Session,
    states: Sequence[Stuck] = ("parked", "failed"),
    connection_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DeliveryShape]:
    """Deliveries that wait for a person, newest first."""
    chosen = select(DeliveryRow, ConnectionRow.name).join(ConnectionRow, ConnectionRow.id == DeliveryRow.connection_id)
    chosen = chosen.where(DeliveryRow.state.in_(states))
    if connection_id is not None:
        chosen = chosen.where(DeliveryRow.connection_id == connection_id)
    if cursor is not None:
        chosen = chosen.where(older(DeliveryRow.received_at, DeliveryRow.id, Place.parse(cursor, int)))
    ordered = chosen.order_by(DeliveryRow.received_at.desc(), DeliveryRow.id.desc())
    rows = session.execute(ordered.limit(bounded(limit) + 1)).all()
    found = cut(rows, limit, lambda row: Place(row[0].received_at, row[0].id))
    return Page(list(_deliveries(found.items)), found.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """A delivery of one connection. `beginning` of its body is there when it waits for a person."""

    id: int
    state: str
    reason: str | None
    attempts: int
    size: int
    received_at: datetime
    beginning: str | None


def recent(
    session: Session, connection_id: int, states: Sequence[str] = (), cursor: str | None = None, limit: int = 25
) -> Page[Recent]:
    """Deliveries of a connection in these states (none: in any), newest first."""
    plain = (DeliveryRow.id, DeliveryRow.state, DeliveryRow.reason, DeliveryRow.attempts, DeliveryRow.received_at)
    chosen = select(*plain, func.length(DeliveryRow.body).label("size")).where(
        DeliveryRow.connection_id == connection_id
    )
    if states:
        chosen = chosen.where(DeliveryRow.state.in_(states))
    if cursor is not None:
        chosen = chosen.where(older(DeliveryRow.received_at, DeliveryRow.id, Place.parse(cursor, int)))
    ordered = chosen.order_by(DeliveryRow.received_at.desc(), DeliveryRow.id.desc())
    rows = session.execute(ordered.limit(bounded(limit) + 1)).all()
    found = cut(rows, limit, lambda row: Place(row.received_at, row.id))
    beginnings = _beginnings(session, [row.id for row in found.items if row.state in STUCK])
    return found.map(lambda some: [_recent(row, beginnings.get(row.id)) for row in some])


def _recent(row: Any, beginning: str | None) -> Recent:
    return Recent(
        id=row.id,
        state=row.state,
        reason=row.reason,
        attempts=row.attempts,
        size=row.size,
        received_at=row.received_at,
        beginning=beginning,
    )


def _beginnings(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    beginning = func.substr(DeliveryRow.body, 1, SHOWN)
    rows = session.execute(select(DeliveryRow.id, beginning).where(DeliveryRow.id.in_(ids))).all()
    return {delivery_id: bytes(body).decode("utf-8", "replace") for delivery_id, body in rows}


def _deliveries(rows: Sequence[tuple[DeliveryRow, str]]) -> Iterator[DeliveryShape]:
    for row, connection in rows:
        state: Any = row.state
        yield {
            "id": row.id,
            "connection": connection,
            "state": state,
            "reason": row.reason,
            "attempts": row.attempts,
            "content_type": row.content_type,
            "size": len(row.body),
            "beginning": row.body[:SHOWN].decode("utf-8", "replace"),
            "received_at": clock.iso(row.received_at),
        }


def compared(session: Session, name: str, cursor: str | None = None, limit: int = 50) -> Page[ComparisonShape]:
    """Comparisons of the connection of that name, newest first; NotFound when there is none."""
    connection_id = id_of(session, name)
    if not connection_id:
        raise NotFound("no such connection")
    chosen = select(ComparisonRow).where(ComparisonRow.connection_id == connection_id)
    if cursor is not None:
        chosen = chosen.where(older(ComparisonRow.compared_at, ComparisonRow.id, Place.parse(cursor, int)))
    ordered = chosen.order_by(ComparisonRow.compared_at.desc(), ComparisonRow.id.desc())
    rows = session.scalars(ordered.limit(bounded(limit) + 1)).all()
    return cut(rows, limit, lambda row: Place(row.compared_at, row.id)).map(
        lambda found: [comparison(row) for row in found]
    )


def comparison(row: ComparisonRow) -> ComparisonShape:
    return {
        "id": row.id,
        "since": clock.iso(row.since),
        "until": clock.iso(row.until),
        "compared_at": clock.iso(row.compared_at),
        "listed": row.listed,
        "received": row.received,
        "waiting": row.waiting,
        "missing": row.missing,
        "problem": row.problem,
    }


def name_of_delivery(session: Session, delivery_id: int) -> str:
    """The name of the connection a delivery came by; NotFound when there is no such delivery."""
    mine = select(ConnectionRow.name).join(DeliveryRow, DeliveryRow.connection_id == ConnectionRow.id)
    found = session.scalar(mine.where(DeliveryRow.id == delivery_id))
    if found is None:
        raise NotFound("no such delivery")
    return found
