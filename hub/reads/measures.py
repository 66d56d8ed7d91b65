"""Figures for whoever watches Hub: each one question, cheap also when the tables are large."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hub.crm.models import OutboxRow
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.recordings.models import RecordingRow
from hub.recordings.work import NO_ROOM
from hub.storage.leases import LeaseRow
from hub.telephony.models import CallRow, ComparisonRow, DialRow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWEST = 2000
"""Deliveries whose lag is looked at."""
OPEN_CALLS = ("ringing", "talking")
QUESTION_SECONDS = 2
RECORDING_STATES = ("pending", "stored", "failed", "expired", "erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Deliveries of one connection that are to be worked off, or failed; `oldest`: when the first of them came."""

    connection: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """A connection in use: what its listener said last, when anything came last, and how many senders were refused."""

    connection: str
    kind: str
    state: str
    last_at: datetime | None
    refused: int


def bounded(session: Session) -> None:
    """No question of this session takes longer than `QUESTION_SECONDS`; SQLite has nobody else to wait for."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL statement_timeout = '{QUESTION_SECONDS}s'"))


def waiting(session: Session) -> Sequence[Waiting]:
    chosen = select(ConnectionRow.name, DeliveryRow.state, func.count(), func.min(DeliveryRow.received_at))
    chosen = chosen.join(ConnectionRow, ConnectionRow.id == DeliveryRow.connection_id)
    chosen = chosen.where(DeliveryRow.state.in_(("pending", "failed")))  # as the index of open ones has it
    rows = session.execute(chosen.group_by(ConnectionRow.name, DeliveryRow.state))
    return [Waiting(connection=name, state=state, count=count, oldest=oldest) for name, state, count, oldest in rows]


def received(session: Session, now: datetime) -> Sequence[tuple[str, str, str, int]]:
    """Name and kind of a connection, a state, and how many deliveries of the last hour are in it."""
    chosen = select(ConnectionRow.name, ConnectionRow.kind, DeliveryRow.state, func.count())
    chosen = chosen.join(ConnectionRow, ConnectionRow.id == DeliveryRow.connection_id)
    chosen = chosen.where(DeliveryRow.received_at > now - HOUR)
    return list(session.execute(chosen.group_by(ConnectionRow.name, ConnectionRow.kind, DeliveryRow.state)))


def phones(session: Session) -> Sequence[Phones]:
    """Connections in use, oldest first."""
    mine = DeliveryRow.connection_id == ConnectionRow.id
    last = select(func.max(DeliveryRow.received_at)).where(mine).correlate(ConnectionRow).scalar_subquery()
    rows = session.execute(select(ConnectionRow, last).where(ConnectionRow.enabled).order_by(ConnectionRow.id))
    return [
        Phones(connection=row.name, kind=row.kind, state=row.state, last_at=last_at, refused=row.refused)
        for row, last_at in rows
    ]


def lags(session: Session) -> Mapping[str, Sequence[float]]:
    """Seconds from receiving to done, of the newest deliveries, sorted, by connection."""
    newest = select(DeliveryRow.connection_id, DeliveryRow.received_at, DeliveryRow.done_at)
    some = newest.order_by(DeliveryRow.id.desc()).limit(NEWEST).subquery()
    chosen = select(ConnectionRow.name, some.c.received_at, some.c.done_at).join_from(
        some, ConnectionRow, ConnectionRow.id == some.c.connection_id
    )
    found: defaultdict[str, list[float]] = defaultdict(list)
    for name, received_at, done_at in session.execute(chosen.where(some.c.done_at.is_not(None))):
        found[name].append(max((done_at - received_at).total_seconds(), 0.0))
    return {name: sorted(seconds) for name, seconds in found.items()}


def calls(session: Session) -> Mapping[str, int]:
    """Calls that are going on, by state."""
    chosen = select(CallRow.state, func.count()).where(CallRow.state.in_(OPEN_CALLS)).group_by(CallRow.state)
    return dict.fromkeys(OPEN_CALLS, 0) | dict(session.execute(chosen).all())


def outbox(session: Session) -> tuple[int, int]:
    """The oldest and the newest version kept; both 0 when nothing has changed yet."""
    oldest, newest = session.execute(select(func.min(OutboxRow.id), func.max(OutboxRow.id))).one()
    return oldest or 0, newest or 0


def dials(session: Session) -> Mapping[str, int]:
    """Clicks to call, by state."""
    chosen = select(DialRow.state, func.count()).group_by(DialRow.state)
    return dict(session.execute(chosen).all())


def held(session: Session, lease: str, now: datetime) -> bool:
    """Whether somebody does this work now."""
    until = session.scalar(select(LeaseRow.until).where(LeaseRow.name == lease))
    return until is not None and until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """How many recordings are in each state; since when the oldest that is still to come is waited for."""

    counts: Mapping[str, int]
    oldest: datetime | None
    no_room: int
    """Of the pending, those the disk has no room for."""


def recordings(session: Session) -> Recordings:
    chosen = select(RecordingRow.state, func.count()).group_by(RecordingRow.state)
    counts = dict.fromkeys(RECORDING_STATES, 0) | dict(session.execute(chosen).all())
    to_come = RecordingRow.state.in_(("pending", "failed")) & RecordingRow.next_at.is_not(None)
    full = (RecordingRow.state == "pending") & (RecordingRow.reason == NO_ROOM)
    return Recordings(
        counts=counts,
        oldest=session.scalar(select(func.min(RecordingRow.created_at)).where(to_come)),
        no_room=session.scalar(select(func.count()).where(full)) or 0,
    )


def missing(session: Session, now: datetime) -> Mapping[str, int]:
    """Calls that a phone system's own list named and Hub had to fetch in the last day, by connection compared."""
    chosen = select(ConnectionRow.name, func.sum(ComparisonRow.missing))
    chosen = chosen.join(ConnectionRow, ConnectionRow.id == ComparisonRow.connection_id)
    chosen = chosen.where(ComparisonRow.compared_at > now - DAY).group_by(ConnectionRow.name)
    return {name: int(count) for name, count in session.execute(chosen)}
