"""What people and programs do to recordings in custody: bring one, say whose it is, have it fetched again."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hub.custody import asking, erasing, placing, uploading
from hub.custody.uploading import Brought, NoAudio
from hub.domain.access import Permission
from hub.domain.errors import Invalid, Transient
from hub.reads import calls as call_log
from hub.reads import listening, recordings
from hub.reads.recordings import CustodyShape, StoryShape
from hub.storage.blobs.faults import NO_ROOM
from hub.web.acts import Desk, acting

__all__ = ["NoAudio", "attach", "bring", "erase", "fetch_again", "hold", "release"]


def bring(
    desk: Desk,
    path: Path,
    name: str,
    *,
    call_id: UUID | None = None,
    connection: str | None = None,
    call_key: str | None = None,
) -> CustodyShape:
    """Keep a file as a recording; NoAudio says what it is instead, Transient that there is no room for it."""
    if call_key is not None and connection is None:
        raise Invalid("a call's own id needs its connection", "connection")
    connection_id = _connection(desk, call_id, connection)
    who = desk.viewer.name or "a program"
    said = Brought(who=who, name=name, call_id=call_id, connection_id=connection_id, call_key=call_key)
    try:
        recording_id = uploading.upload(desk.hub, path, said)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Transient("there is no room for it now; send it again later", timedelta(minutes=1)) from error
    with acting(desk) as act:
        act.wrote("recording.brought", f"recording:{recording_id}", name=name)
        return recordings.one(act.session, recording_id)["recording"]


def _connection(desk: Desk, call_id: UUID | None, name: str | None) -> int | None:
    with desk.hub.reading() as session:
        if call_id is not None:
            return call_log.require(session, desk.viewer, call_id, call_log.READ).connection_id
        return None if name is None else desk.hub.connections.named(session, name).id


def attach(desk: Desk, recording_id: UUID, call_id: UUID) -> StoryShape:
    """Give an orphan to a call within sight."""
    with desk.hub.reading() as session:
        call_log.require(session, desk.viewer, call_id, call_log.READ)
    placing.attach(desk.hub, recording_id, call_id, f"{desk.viewer.name or 'a program'} said so")
    return _told(desk, recording_id, "recording.attached", call_id=str(call_id))


def fetch_again(desk: Desk, recording_id: UUID) -> StoryShape:
    """Have it fetched anew, from the first try on."""
    asking.fetch_again(desk.hub, recording_id, f"{desk.viewer.name or 'a program'} asked for it")
    return _told(desk, recording_id, "recording.fetched_again")


def erase(desk: Desk, recording_id: UUID, why: str) -> UUID | None:
    """Erase one; the call it was of."""
    call_id = _to_dispose_of(desk, recording_id)
    erasing.erase(desk.hub, recording_id, desk.viewer.name or "somebody", why)
    _told(desk, recording_id, "recording.erased", why=why)
    return call_id


def hold(desk: Desk, recording_id: UUID, why: str) -> UUID | None:
    """Say that one must stay; the call it is of."""
    call_id = _to_dispose_of(desk, recording_id)
    erasing.hold(desk.hub, recording_id, desk.viewer.name or "somebody", why)
    _told(desk, recording_id, "recording.held", why=why)
    return call_id


def release(desk: Desk, recording_id: UUID) -> UUID | None:
    """Say that one need not stay any more; the call it is of."""
    call_id = _to_dispose_of(desk, recording_id)
    erasing.release(desk.hub, recording_id, desk.viewer.name or "somebody")
    _told(desk, recording_id, "recording.released")
    return call_id


def _to_dispose_of(desk: Desk, recording_id: UUID) -> UUID | None:
    with desk.hub.reading() as session:
        return listening.require(session, desk.viewer, recording_id, Permission.RECORDINGS_ERASE).call_id


def _told(desk: Desk, recording_id: UUID, action: str, **detail: object) -> StoryShape:
    with acting(desk) as act:
        act.wrote(action, f"recording:{recording_id}", **detail)
        return recordings.one(act.session, recording_id)
