"""The work on recordings that are ours but have no rendition yet: whose turn it is, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.domain.identity import clean
from hub.recordings import story
from hub.recordings.models import RecordingRow
from hub.recordings.schedule import HELD
from hub.recordings.work import AT_ONCE, FAILED, STORED
from hub.storage.blobs import Blob

UNRENDERED = (RecordingRow.state == STORED) & RecordingRow.rendition_sha256.is_(None)


@dataclass(frozen=True, slots=True)
class Original:
    """A recording somebody makes a rendition of now; `attempts` tells this try from any other."""

    id: UUID
    connection_id: int | None
    reference: str
    sha256: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What was made of it and measured. `sound`: `recordings.sound.Measures` as JSON."""

    rendition: Blob
    peaks: Blob
    seconds: float
    channels: int
    sound: Mapping[str, Any]


def due(session: Session, now: datetime, limit: int = AT_ONCE) -> list[UUID]:
    """Recordings whose time has come, the longest waiting first."""
    mine = select(RecordingRow.id).where(UNRENDERED, RecordingRow.next_at <= now)
    return list(session.scalars(mine.order_by(RecordingRow.next_at).limit(limit)))


def claim(session: Session, recording_id: UUID, now: datetime) -> Original | None:
    """Take a recording for one try, counted before it begins; None when it is not due or somebody else has it."""
    mine = (RecordingRow.id == recording_id) & UNRENDERED & (RecordingRow.next_at <= now)
    taken = update(RecordingRow).where(mine).values(renderings=RecordingRow.renderings + 1, next_at=now + HELD)
    columns = (RecordingRow.connection_id, RecordingRow.reference, RecordingRow.sha256, RecordingRow.renderings)
    row = session.execute(taken.returning(*columns)).one_or_none()
    if row is None or row.sha256 is None:
        return None
    return Original(recording_id, row.connection_id, row.reference, row.sha256, row.renderings)


def still_ours(session: Session, original: Original) -> RecordingRow | None:
    """Its row, held until the transaction ends; None when it went, or somebody took it for dead and tried again."""
    mine = (RecordingRow.id == original.id) & (RecordingRow.renderings == original.attempts) & UNRENDERED
    return session.scalars(select(RecordingRow).where(mine).with_for_update()).one_or_none()


def rendered(session: Session, row: RecordingRow, made: Rendered, now: datetime) -> None:
    """It can be played now."""
    row.rendition_sha256, row.rendition_size = made.rendition.sha256, made.rendition.size
    row.peaks_sha256, row.seconds, row.channels = made.peaks.sha256, made.seconds, made.channels
    row.sound, row.reason, row.next_at = dict(made.sound), None, None
    flags = ", ".join(made.sound["flags"])
    story.tell(session, row.id, "rendered", f"{made.seconds:.1f} s{': ' if flags else ''}{flags}", now)


def put_off(session: Session, row: RecordingRow, reason: str, next_at: datetime | None, now: datetime) -> None:
    """It could not be made now: why, and when it is tried again (None: no more; the original stays as it is)."""
    row.reason, row.next_at = clean(reason, 300), next_at
    if next_at is None:
        row.state = FAILED
    story.tell(session, row.id, "not rendered", reason, now)
