"""The story of each recording, event by event, as a person reads it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.identity import clean
from hub.recordings.models import RecordingEventRow


def tell(session: Session, recording_id: UUID, what: str, detail: str, now: datetime) -> None:
    """`what`: announced, found, uploaded, tried, given up, expired, stored, attached, asked, wrong."""
    event = RecordingEventRow(recording_id=recording_id, at=now, what=what, detail=clean(detail, 500))
    session.add(event)


def of(session: Session, recording_id: UUID) -> Sequence[RecordingEventRow]:
    """What happened to it, the oldest first."""
    mine = RecordingEventRow.recording_id == recording_id
    return session.scalars(select(RecordingEventRow).where(mine).order_by(RecordingEventRow.id)).all()
