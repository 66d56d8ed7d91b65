"""A person wants a recording fetched again: one, or all of a connection that was set right."""

from uuid import UUID

from sqlalchemy import select

from hub.custody import scenes
from hub.domain import clock
from hub.domain.errors import Conflict, NotFound
from hub.recordings import work
from hub.recordings.models import RecordingRow
from hub.unit_of_work import Hub

AGAIN = ("pending", "failed", "expired")


def fetch_again(hub: Hub, recording_id: UUID, why: str) -> None:
    """From the first try on; NotFound, or Conflict for one that is here, was erased, or has no source."""
    with hub.reading() as session:
        known = session.get(RecordingRow, recording_id)
    if known is None:
        raise NotFound("no such recording")
    if known.connection_id is None:
        raise Conflict("it belongs to no connection, so nobody can be asked for it")
    with scenes.on(hub, known.connection_id) as scene:
        row = scene.session.get_one(RecordingRow, recording_id)
        if row.state not in AGAIN:
            raise Conflict(f"it is {row.state}")
        work.again(scene.session, row, why, clock.now())
        scenes.tell(scene, recording_id)


def fetch_all_again(hub: Hub, connection_id: int, states: tuple[str, ...], why: str) -> int:
    """The same for every recording of a connection that is in one of these states; how many."""
    chosen = (RecordingRow.connection_id == connection_id) & RecordingRow.state.in_(states)
    with hub.reading() as session:
        ids = session.scalars(select(RecordingRow.id).where(chosen)).all()
    for recording_id in ids:
        fetch_again(hub, recording_id, why)
    return len(ids)
