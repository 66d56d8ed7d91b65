"""A recording somebody brings: checked, kept, and given to the call it is of."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.custody import contents, placing, scenes
from hub.domain import clock
from hub.domain.errors import Conflict, Rejected
from hub.recordings import kinds, store, story, work
from hub.recordings.models import RecordingRow
from hub.recordings.store import Arrival
from hub.storage.blobs import Blob
from hub.unit_of_work import Hub

UPLOAD = "upload"


class NoAudio(Rejected):
    """What was brought is no audio; the text says what it is instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What is said of the file. `call_key`: the phone system's id of a call that may not be known yet."""

    who: str
    name: str = ""
    call_id: UUID | None = None
    connection_id: int | None = None
    call_key: str | None = None


def upload(hub: Hub, path: Path, said: Brought) -> UUID:
    """Keep a finished local file; its recording's id, the same when it was brought before.

    NoAudio when it is none; Conflict when it is another call's, or was erased; OSError when there is no room.
    """
    if (reason := kinds.is_audio(path, said.name)) is not None:
        raise NoAudio(reason)
    media_type = kinds.media_type(path) or ""
    blob = hub.blobs.put(path)
    if said.connection_id is None:
        with hub.unit_of_work() as session:
            contents.point(session, hub.blobs, {blob: path})
            return _row(session, said, blob, media_type).id
    with scenes.on(hub, said.connection_id) as scene:
        contents.point(scene.session, hub.blobs, {blob: path})
        row = _row(scene.session, said, blob, media_type)
        scenes.tell(scene, row.id)
        return row.id


def _row(session: Session, said: Brought, blob: Blob, media_type: str) -> RecordingRow:
    now = clock.now()
    key = said.call_key
    call_id = said.call_id or (placing.call_named(session, said.connection_id, key) if key else None)
    arrival = Arrival(
        reference=f"{UPLOAD}:{blob.sha256}",
        source=UPLOAD,
        connection_id=said.connection_id,
        call_id=call_id,
        call_key=key,
        what="uploaded",
        detail=f"by {said.who}{': ' if said.name else ''}{said.name}",
    )
    made = store.arrived(session, arrival, now)
    if made is None:
        return _known(session, arrival)
    row = session.get_one(RecordingRow, made)
    work.hold(row, work.Kept(source=UPLOAD, media_type=media_type, size=blob.size, sha256=blob.sha256), now)
    story.tell(session, made, work.STORED, f"{blob.size} bytes, SHA-256 {blob.sha256}", now)
    return row


def _known(session: Session, arrival: Arrival) -> RecordingRow:
    mine = RecordingRow.connection_id == arrival.connection_id
    if arrival.connection_id is None:
        mine = RecordingRow.connection_id.is_(None)
    row = session.scalars(select(RecordingRow).where(mine, RecordingRow.reference == arrival.reference)).one()
    if row.state == "erased":
        raise Conflict("this recording was erased, and is not taken again")
    if arrival.call_id not in (None, row.call_id):
        raise Conflict("this recording is here already, with another call or none")
    return row
