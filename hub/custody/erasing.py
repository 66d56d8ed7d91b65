"""Recordings that go, because a person or a rule says so, and recordings that must stay.

An erased recording's row and story stay, so that nothing brings it back: the phone system's word told again, a file
found again, history replayed. Its bytes go with the last recording that has them; where a process died over that, or
the store did not answer, `sweep` goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from hub.custody import contents, scenes
from hub.domain import clock
from hub.domain.errors import Conflict, HubError, Invalid, NotFound
from hub.domain.identity import clean
from hub.recordings import story
from hub.recordings.listening.models import RemarkRow
from hub.recordings.models import RecordingRow
from hub.recordings.store import ERASED
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

MAX_WHY = 300
STEP = 50
UNCLEARED = (RecordingRow.state == ERASED) & or_(*(column.is_not(None) for column in contents.COLUMNS))

log = structlog.get_logger()


def erase(hub: Hub, recording_id: UUID, who: str, why: str) -> None:
    """The audio, what was made and measured of it, and what was said of its seconds; again: nothing more.

    NotFound; Invalid without a reason; Conflict while it is held.
    """
    said = _reason(why)
    with _changing(hub, recording_id) as (session, row, now):
        if row.hold_reason is not None:
            raise Conflict(f"it must stay ({row.hold_reason}); release it first")
        if row.state == ERASED:
            return
        row.state, row.reason, row.next_at, row.sound = ERASED, said, None, None
        session.execute(delete(RemarkRow).where(RemarkRow.recording_id == recording_id))
        story.tell(session, recording_id, ERASED, f"by {who}: {said}", now)
    log.info("recording erased", recording=str(recording_id))
    _clear(hub, recording_id)


def hold(hub: Hub, recording_id: UUID, who: str, why: str) -> None:
    """It must stay, whatever a rule or a person says, until it is released. NotFound; Conflict: it was erased."""
    said = _reason(why)
    with _changing(hub, recording_id) as (session, row, now):
        if row.state == ERASED:
            raise Conflict("this recording was erased")
        row.hold_reason = said
        story.tell(session, recording_id, "held", f"by {who}: {said}", now)


def release(hub: Hub, recording_id: UUID, who: str) -> None:
    """It need not stay any more."""
    with _changing(hub, recording_id) as (session, row, now):
        if row.hold_reason is not None:
            row.hold_reason = None
            story.tell(session, recording_id, "released", f"by {who}", now)


def sweep(hub: Hub) -> int:
    """Remove what is left of erased recordings; of how many."""
    with hub.reading() as session:
        left = session.scalars(select(RecordingRow.id).where(UNCLEARED).limit(STEP)).all()
    for recording_id in left:
        _clear(hub, recording_id)
    return len(left)


def _reason(why: str) -> str:
    said = clean(why, MAX_WHY)
    if not any(map(str.isalnum, said)):
        raise Invalid("say why", "why")
    return said


@contextmanager
def _changing(hub: Hub, recording_id: UUID) -> Iterator[tuple[Session, RecordingRow, datetime]]:
    """One transaction with its row, held; desks and CRMs that show its call are told afterwards."""
    with hub.reading() as session:
        connection_id = _connection(session, recording_id)
    if connection_id is None:
        with hub.unit_of_work() as session:
            yield session, _row(session, recording_id), clock.now()
        return
    with scenes.on(hub, connection_id) as scene:
        yield scene.session, _row(scene.session, recording_id), scene.now
        scenes.tell(scene, recording_id)


def _connection(session: Session, recording_id: UUID) -> int | None:
    """Whose recording it is, or whose call's."""
    row = session.get(RecordingRow, recording_id)
    if row is None:
        raise NotFound("no such recording")
    call = session.get(CallRow, row.call_id) if row.call_id else None
    return call.connection_id if call else row.connection_id


def _row(session: Session, recording_id: UUID) -> RecordingRow:
    row = session.get(RecordingRow, recording_id, with_for_update=True)
    if row is None:
        raise NotFound("no such recording")
    return row


def _clear(hub: Hub, recording_id: UUID) -> None:
    try:
        with hub.unit_of_work() as session:
            row = _row(session, recording_id)
            digests = [digest for digest in (row.sha256, row.rendition_sha256, row.peaks_sha256) if digest]
            row.sha256 = row.rendition_sha256 = row.peaks_sha256 = row.rendition_size = None
            contents.drop(session, hub.blobs, digests)
    except (OSError, HubError):
        log.warning("an erased recording's bytes are still in the store; tried again", recording=str(recording_id))
