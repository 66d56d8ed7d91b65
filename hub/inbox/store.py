"""The inbox: store once, claim safely, and say how each delivery ended.

Claims of a connection are made by whoever holds it alone (hub.storage.exclusive), so a delivery that somebody
claimed before and did not finish is free at once: its claimer is dead, or was declared so. Should a claimer
wake after that, the value of `lease` has changed and it can end nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from hub.domain.delivery import Delivery
from hub.domain.errors import HubError
from hub.domain.identity import clean
from hub.inbox.models import DeliveryRow
from hub.storage.database import Base, insert_into

BATCH = 50
BATCH_BYTES = 2 << 20
MAX_ATTEMPTS = 5
"""Failures of the work itself; then the delivery waits for a person."""
MAX_DEATHS = 10
"""Claims whose process died; more than failures, for bystanders die too."""
ALONE_AFTER = 3
"""A delivery claimed this often runs alone, so that whoever stands beside it is not held for guilty."""
BACKOFF = (5, 30, 120, 600)
"""Seconds before each retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery in our hands, as long as its lease is ours."""

    id: int
    lease: str | None
    attempts: int
    delivery: Delivery


def accept(connection: Connection, delivery: Delivery, key: str) -> int | None:
    """Store once; None when this delivery is already here."""
    row = {
        "connection_id": delivery.connection_id,
        "key": key,
        "body": delivery.body,
        "content_type": clean(delivery.content_type, 100),
        "headers": dict(delivery.headers),
        "path": clean(delivery.path, 200),
        "query": clean(delivery.query, 2000),
        "received_at": delivery.received_at,
    }
    return connection.scalar(_once(connection.dialect.name), row)


@cache
def _once(dialect: str) -> ReturningInsert[int]:
    """Built once: whoever delivers waits for this."""
    row = insert_into(dialect, Base.metadata.tables[DeliveryRow.__tablename__])
    return row.on_conflict_do_nothing(index_elements=["connection_id", "key"]).returning(DeliveryRow.id)


def _due(now: datetime) -> ColumnElement[bool]:
    """Deliveries somebody should work on now; spelled so that the index of open ones serves."""
    return and_(
        DeliveryRow.state.in_(("pending", "failed")),
        or_(DeliveryRow.state == "pending", DeliveryRow.next_attempt_at <= now),
    )


def _open(connection_id: int, now: datetime) -> Select[int, str, int, int]:
    """Deliveries that may be claimed now, oldest first."""
    size = func.length(DeliveryRow.body).label("size")
    chosen = select(DeliveryRow.id, DeliveryRow.state, DeliveryRow.attempts, size)
    return chosen.where(DeliveryRow.connection_id == connection_id, _due(now)).order_by(DeliveryRow.id)


def claim(session: Session, connection_id: int, now: datetime, limit: int = BATCH) -> list[Claimed]:
    """Take up to `limit` deliveries, each attempt counted before it starts; the caller is alone on the connection."""
    found = session.execute(_open(connection_id, now).limit(limit).with_for_update(skip_locked=True)).all()
    hopeless = [row.id for row in found if row.state == "pending" and row.attempts >= MAX_DEATHS]
    if hopeless:
        _give_up(session, hopeless)
    rows = [row for row in found if row.id not in hopeless]
    before = accumulate((row.size for row in rows), initial=0)
    lonely = [row.id for row in rows if row.attempts >= ALONE_AFTER]
    ids = lonely[:1] or [row.id for row, bytes_before in zip(rows, before, strict=False) if bytes_before < BATCH_BYTES]
    if not ids:
        return []
    lease = str(uuid4())
    taken = session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids))
        .values(lease=lease, attempts=DeliveryRow.attempts + 1)
        .returning(DeliveryRow)
    )
    claimed = [Claimed(id=row.id, lease=lease, attempts=row.attempts, delivery=_delivery(row)) for row in taken.all()]
    return sorted(claimed, key=lambda entry: entry.id)


def _give_up(session: Session, ids: Sequence[int]) -> None:
    """Deliveries whose process died again and again become failed, with the reason."""
    reason = f"the process died {MAX_DEATHS} times while working on it"
    session.execute(
        update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(state="failed", reason=reason, lease=None)
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        connection_id=row.connection_id,
        body=row.body,
        content_type=row.content_type,
        headers=row.headers,
        path=row.path,
        query=row.query,
        received_at=row.received_at,
    )


def read(session: Session, ids: Sequence[int]) -> list[Claimed]:
    """Deliveries by id, without a claim: what a replay reads."""
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.id))
    return [Claimed(id=row.id, lease=row.lease, attempts=row.attempts, delivery=_delivery(row)) for row in rows]


class LeaseLost(HubError):
    """Somebody else has this delivery: whoever sees this must change nothing."""


def finish(session: Session, entries: Sequence[Claimed], now: datetime) -> None:
    """These of one claim are done; LeaseLost when one is no longer ours."""
    _end(session, entries, state="done", done_at=now, reason=None, next_attempt_at=None)


def park(session: Session, entry: Claimed, reason: str, now: datetime) -> None:
    """Unrecognised: kept with the reason until a person or a new connector replays it; LeaseLost as above."""
    _end(session, [entry], state="parked", done_at=now, reason=clean(reason, 2000), next_attempt_at=None)


def fail(session: Session, entry: Claimed, reason: str, now: datetime) -> None:
    """Our own fault: tried again later, then left for a person; LeaseLost as above."""
    late = entry.attempts >= MAX_ATTEMPTS
    wait = timedelta(seconds=BACKOFF[min(max(entry.attempts, 1), len(BACKOFF)) - 1])
    _end(session, [entry], state="failed", reason=clean(reason, 2000), next_attempt_at=None if late else now + wait)


def _end(session: Session, entries: Sequence[Claimed], **values: object) -> None:
    if not entries:
        return
    ids, lease = {entry.id for entry in entries}, entries[0].lease
    ours = and_(DeliveryRow.id.in_(ids), DeliveryRow.lease.is_not_distinct_from(lease))
    ended = update(DeliveryRow).where(ours).values(lease=None, **values).returning(DeliveryRow.id)
    if lost := ids - set(session.scalars(ended)):
        raise LeaseLost(f"deliveries claimed again by somebody else: {', '.join(map(str, sorted(lost)))}")


def reason(error: Exception) -> str:
    """What went wrong, for people: one line, without the statements a database adds."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def states(session: Session, connection_id: int, keys: Sequence[str]) -> dict[str, str]:
    """The state of each delivery that is here under one of these keys, by key; the keys fit in one statement."""
    mine = and_(DeliveryRow.connection_id == connection_id, DeliveryRow.key.in_(keys))
    return dict(session.execute(select(DeliveryRow.key, DeliveryRow.state).where(mine)).all())


def release(session: Session, ids: Sequence[int]) -> None:
    """A person's "try again": pending, attempts forgotten."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.state.in_(("parked", "failed")))
        .values(state="pending", attempts=0, next_attempt_at=None, lease=None)
    )


def release_all(session: Session, connection_id: int) -> int:
    """The same for all that wait for a person on this connection; how many there were."""
    stuck = and_(DeliveryRow.connection_id == connection_id, DeliveryRow.state.in_(("parked", "failed")))
    count = session.scalar(select(func.count()).select_from(DeliveryRow).where(stuck)) or 0
    again = {"state": "pending", "attempts": 0, "next_attempt_at": None, "lease": None}
    session.execute(update(DeliveryRow).where(stuck).values(**again))
    return count


def due_connections(session: Session, now: datetime) -> list[int]:
    """Connections with work that is not done: in somebody's hands, or forgotten by a lost broker."""
    return list(session.scalars(select(DeliveryRow.connection_id).where(_due(now)).distinct()))


def is_due(session: Session, connection_id: int, now: datetime) -> bool:
    """Whether this connection has work that is not done."""
    mine = select(DeliveryRow.id).where(DeliveryRow.connection_id == connection_id, _due(now))
    return session.scalar(mine.limit(1)) is not None


def is_behind(session: Session, connection_id: int, now: datetime, moment: datetime) -> bool:
    """Whether work of this connection that came before that moment is not done."""
    mine = select(DeliveryRow.id).where(DeliveryRow.connection_id == connection_id, DeliveryRow.received_at < moment)
    return session.scalar(mine.where(_due(now)).limit(1)) is not None


def troubles(session: Session, connection_id: int, since: datetime) -> list[tuple[str, str]]:
    """State and reason of deliveries received since then that did not become what they should, oldest first."""
    ended = DeliveryRow.state.in_(("parked", "failed"))
    rows = select(DeliveryRow.state, DeliveryRow.reason).where(
        DeliveryRow.connection_id == connection_id, DeliveryRow.received_at >= since, ended
    )
    return [(state, reason or "") for state, reason in session.execute(rows.order_by(DeliveryRow.id))]


def counts(session: Session) -> dict[str, int]:
    """How many deliveries stand in each state."""
    rows = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
    return dict(rows.all())
