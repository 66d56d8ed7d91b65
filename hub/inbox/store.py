"""The inbox: store once, claim safely, and say how each delivery ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import uuid4

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from hub.domain.delivery import Delivery
from hub.inbox.models import DeliveryRow
from hub.storage.database import upsert

LEASE = timedelta(seconds=60)
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
    """A delivery in our hands until the lease ends."""

    id: int
    lease: str | None
    attempts: int
    delivery: Delivery


def accept(session: Session, delivery: Delivery, key: str) -> int | None:
    """Store once; None when this delivery is already here."""
    row = upsert(session, DeliveryRow).values(
        connection_id=delivery.connection_id,
        key=key,
        body=delivery.body,
        content_type=delivery.content_type,
        headers=dict(delivery.headers),
        path=delivery.path,
        received_at=delivery.received_at,
    )
    once = row.on_conflict_do_nothing(index_elements=["connection_id", "key"])
    return session.scalar(once.returning(DeliveryRow.id))


def _open(connection_id: int, now: datetime) -> Select[int, int, int]:
    """Deliveries that may be claimed now, oldest first."""
    due = or_(
        and_(DeliveryRow.state == "pending", DeliveryRow.attempts < MAX_DEATHS),
        and_(DeliveryRow.state == "failed", DeliveryRow.next_attempt_at <= now),
    )
    free = or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until < now)
    return (
        select(DeliveryRow.id, DeliveryRow.attempts, func.length(DeliveryRow.body).label("size"))
        .where(DeliveryRow.connection_id == connection_id, DeliveryRow.state.in_(("pending", "failed")), due, free)
        .order_by(DeliveryRow.id)
    )


def claim(session: Session, connection_id: int, now: datetime, limit: int = BATCH) -> list[Claimed]:
    """Take up to `limit` deliveries for `LEASE`; each attempt is counted before it starts."""
    rows = session.execute(_open(connection_id, now).limit(limit).with_for_update(skip_locked=True)).all()
    before = accumulate((row.size for row in rows), initial=0)
    lonely = [row.id for row in rows if row.attempts >= ALONE_AFTER]
    ids = lonely[:1] or [row.id for row, bytes_before in zip(rows, before, strict=False) if bytes_before < BATCH_BYTES]
    if not ids:
        return []
    lease = str(uuid4())
    taken = session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids))
        .values(lease=lease, lease_until=now + LEASE, attempts=DeliveryRow.attempts + 1)
        .returning(DeliveryRow)
    )
    claimed = [Claimed(id=row.id, lease=lease, attempts=row.attempts, delivery=_delivery(row)) for row in taken.all()]
    return sorted(claimed, key=lambda entry: entry.id)


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        connection_id=row.connection_id,
        body=row.body,
        content_type=row.content_type,
        headers=row.headers,
        path=row.path,
        received_at=row.received_at,
    )


def read(session: Session, ids: Sequence[int]) -> list[Claimed]:
    """Deliveries by id, without a claim: what a replay reads."""
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.id))
    return [Claimed(id=row.id, lease=row.lease, attempts=row.attempts, delivery=_delivery(row)) for row in rows]


def finish(session: Session, entry: Claimed, now: datetime) -> bool:
    """Done. False when the lease is no longer ours: the caller must change nothing."""
    return _end(session, entry, state="done", done_at=now, reason=None, next_attempt_at=None)


def park(session: Session, entry: Claimed, reason: str, now: datetime) -> bool:
    """Unrecognised: kept with the reason until a person or a new connector replays it."""
    return _end(session, entry, state="parked", done_at=now, reason=reason[:2000], next_attempt_at=None)


def fail(session: Session, entry: Claimed, reason: str, now: datetime) -> bool:
    """Our own fault: tried again later, then left for a person."""
    late = entry.attempts >= MAX_ATTEMPTS
    wait = timedelta(seconds=BACKOFF[min(entry.attempts, len(BACKOFF)) - 1])
    return _end(session, entry, state="failed", reason=reason[:2000], next_attempt_at=None if late else now + wait)


def _end(session: Session, entry: Claimed, **values: object) -> bool:
    ours = and_(DeliveryRow.id == entry.id, DeliveryRow.lease.is_not_distinct_from(entry.lease))
    result = session.execute(update(DeliveryRow).where(ours).values(lease=None, lease_until=None, **values))
    return bool(result.rowcount)  # type: ignore[attr-defined]  # CursorResult for an UPDATE


def release(session: Session, ids: Sequence[int]) -> None:
    """A person's "try again": pending, attempts forgotten."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.state.in_(("parked", "failed")))
        .values(state="pending", attempts=0, next_attempt_at=None, lease=None, lease_until=None)
    )


def due_connections(session: Session, now: datetime) -> list[int]:
    """Connections with work that nobody holds: what a lost broker forgot."""
    open_now = and_(
        DeliveryRow.state.in_(("pending", "failed")),
        or_(DeliveryRow.state == "pending", DeliveryRow.next_attempt_at <= now),
        or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until < now),
        DeliveryRow.attempts < MAX_DEATHS,
    )
    return list(session.scalars(select(DeliveryRow.connection_id).where(open_now).distinct()))


def give_up(session: Session, now: datetime) -> int:
    """Deliveries whose process died again and again become failed, with the reason; returns how many."""
    hopeless = and_(DeliveryRow.state == "pending", DeliveryRow.attempts >= MAX_DEATHS, DeliveryRow.lease_until < now)
    reason = f"the process died {MAX_DEATHS} times while working on it"
    result = session.execute(
        update(DeliveryRow).where(hopeless).values(state="failed", reason=reason, next_attempt_at=None)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # CursorResult for an UPDATE


def parked(session: Session, connection_id: int, limit: int) -> list[str]:
    """Why the latest deliveries of a connection that nobody understood were parked."""
    newest = select(DeliveryRow.reason).where(DeliveryRow.connection_id == connection_id, DeliveryRow.state == "parked")
    return [reason or "" for reason in session.scalars(newest.order_by(DeliveryRow.id.desc()).limit(limit))]


def counts(session: Session) -> dict[str, int]:
    """How many deliveries stand in each state."""
    rows = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
    return dict(rows.tuples().all())
