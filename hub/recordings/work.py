"""The work on recordings that are not here yet: whose turn it is, and what came of each try."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.domain.identity import clean
from hub.recordings import story
from hub.recordings.models import RecordingRow
from hub.recordings.schedule import HELD
from hub.recordings.store import PENDING

FAILED, STORED, EXPIRED = "failed", "stored", "expired"
OPEN = RecordingRow.state.in_([PENDING, FAILED])
OF_CONNECTION = RecordingRow.connection_id.is_not(None)
"""Somebody can be asked for it."""
NO_ROOM = "there is no room on the disk for it"
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """A recording somebody fetches now; `attempts` tells this try from any other."""

    id: UUID
    connection_id: int
    reference: str
    state: str
    attempts: int
    size: int | None
    """As large as its file was when it was looked at before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What lies in the store, and where it came from."""

    source: str
    media_type: str
    size: int
    sha256: str


def due(session: Session, now: datetime, limit: int = AT_ONCE) -> list[UUID]:
    """Recordings whose time has come, the longest waiting first."""
    mine = select(RecordingRow.id).where(OPEN, OF_CONNECTION, RecordingRow.next_at <= now)
    return list(session.scalars(mine.order_by(RecordingRow.next_at).limit(limit)))


def claim(session: Session, recording_id: UUID, now: datetime) -> Turn | None:
    """Take a recording for one try, counted before it begins; None when it is not due or somebody else has it."""
    mine = (RecordingRow.id == recording_id) & OPEN & OF_CONNECTION & (RecordingRow.next_at <= now)
    taken = update(RecordingRow).where(mine).values(attempts=RecordingRow.attempts + 1, next_at=now + HELD)
    columns = (RecordingRow.connection_id, RecordingRow.reference, RecordingRow.state)
    row = session.execute(taken.returning(*columns, RecordingRow.attempts, RecordingRow.size)).one_or_none()
    if row is None or row.connection_id is None:
        return None
    return Turn(recording_id, row.connection_id, row.reference, row.state, row.attempts, row.size)


def still_ours(session: Session, turn: Turn) -> RecordingRow | None:
    """Its row, held until the transaction ends; None when it went, or somebody took it for dead and tried again."""
    mine = (RecordingRow.id == turn.id) & (RecordingRow.attempts == turn.attempts) & OPEN
    return session.scalars(select(RecordingRow).where(mine).with_for_update()).one_or_none()


def put_off(session: Session, turn: Turn, state: str, reason: str, next_at: datetime | None, now: datetime) -> bool:
    """It did not come: why, and when it is tried again (None: no more). False when the turn is over."""
    row = still_ours(session, turn)
    if row is None:
        return False
    row.state, row.reason, row.next_at = state, clean(reason, 300), next_at
    what = "tried" if next_at else "given up"
    story.tell(session, row.id, state if state == EXPIRED else what, reason, now)
    return True


def look_again(session: Session, turn: Turn, reason: str, next_at: datetime, size: int | None = None) -> None:
    """No try at all: its file may still grow and is compared with `size` later, or there is no room for it now."""
    row = still_ours(session, turn)
    if row is not None:
        row.state, row.reason, row.next_at = PENDING, clean(reason, 300), next_at
        row.size, row.attempts = size, row.attempts - 1


def keep(session: Session, turn: Turn, kept: Kept, now: datetime) -> bool:
    """It is ours now. False when the turn is over: somebody else keeps it, or nobody wants it."""
    row = still_ours(session, turn)
    if row is None:
        return False
    hold(row, kept, now)
    story.tell(session, row.id, STORED, f"from {kept.source}: {kept.size} bytes, SHA-256 {kept.sha256}", now)
    return True


def hold(row: RecordingRow, kept: Kept, now: datetime) -> None:
    """What its row says when it is ours, and its rendition is to be made."""
    row.state, row.reason, row.stored_at, row.next_at = STORED, None, now, now
    row.source, row.media_type, row.size, row.sha256 = kept.source, kept.media_type, kept.size, kept.sha256


def again(session: Session, recording: RecordingRow, why: str, now: datetime) -> None:
    """A person wants it fetched anew, from the first try on."""
    recording.state, recording.reason, recording.next_at, recording.attempts = PENDING, None, now, 0
    story.tell(session, recording.id, "asked", why, now)
