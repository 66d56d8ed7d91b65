"""Recordings without a call, and the calls they turn out to belong to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.custody import scenes
from hub.domain import clock
from hub.domain.errors import Conflict, NotFound
from hub.recordings import store
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow, NodeRow
from hub.unit_of_work import Hub

HOPE = timedelta(days=7)
"""A call that is not known by then will hardly come; a person can still say which it was."""
STEP = 200

log = structlog.get_logger()


def orphans(session: Session, limit: int = STEP) -> Sequence[RecordingRow]:
    """Recordings nobody knows the call of, the newest first; erased ones are nobody's business any more."""
    mine = RecordingRow.call_id.is_(None) & (RecordingRow.state != "erased")
    return session.scalars(select(RecordingRow).where(mine).order_by(RecordingRow.created_at.desc()).limit(limit)).all()


def attach(hub: Hub, recording_id: UUID, call_id: UUID, why: str = "a person said so") -> None:
    """Give an orphan to a call. NotFound when either is not there, Conflict when it has a call already."""
    with hub.reading() as session:
        call = session.get(CallRow, call_id)
    if call is None:
        raise NotFound("no such call")
    with scenes.on(hub, call.connection_id) as scene:
        recording = scene.session.get(RecordingRow, recording_id)
        if recording is None:
            raise NotFound("no such recording")
        if recording.call_id == call_id:
            return
        if not store.placed(scene.session, recording_id, call_id, why, scene.now):
            raise Conflict("this recording belongs to another call already")
        scene.session.expire(recording)
        scenes.tell(scene, recording_id)
    log.info("recording attached", recording=str(recording_id), call=str(call_id))


def settle(hub: Hub) -> int:
    """Give orphans that name a call to it, once that call is known; how many found their place."""
    now = clock.now()
    with hub.reading() as session:
        found = [(row.id, _call_of(session, row)) for row in _hopeful(session, now)]
    placed = 0
    for recording_id, call_id in found:
        if call_id is not None:
            attach(hub, recording_id, call_id, "its call is known now")
            placed += 1
    return placed


def _hopeful(session: Session, now: datetime) -> Sequence[RecordingRow]:
    named = RecordingRow.call_key.is_not(None) & RecordingRow.connection_id.is_not(None)
    mine = RecordingRow.call_id.is_(None) & named & (RecordingRow.created_at > now - HOPE)
    return session.scalars(select(RecordingRow).where(mine).order_by(RecordingRow.created_at.desc()).limit(STEP)).all()


def _call_of(session: Session, row: RecordingRow) -> UUID | None:
    return call_named(session, row.connection_id, row.call_key or "")


def call_named(session: Session, connection_id: int | None, key: str) -> UUID | None:
    """The call that has this id, or the longest talk of the conversation one of whose channels has it."""
    mine = NodeRow.connection_id == connection_id
    groups = select(NodeRow.group_id).where(mine, NodeRow.node == key)
    its = or_(CallRow.provider_call_id == key, CallRow.group_id.in_(groups))
    calls = select(CallRow.id).where(CallRow.connection_id == connection_id, its)
    best = calls.order_by((CallRow.provider_call_id == key).desc(), CallRow.talk_seconds.desc(), CallRow.id)
    return session.scalar(best.limit(1))
