"""A transaction in which a recording changes: first the connection, then its calls, as the pipeline does."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from hub import pipeline, settling
from hub.recordings.models import RecordingRow
from hub.settling import Scene
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub


@contextmanager
def on(hub: Hub, connection_id: int) -> Iterator[Scene]:
    """One transaction on a connection, alone."""
    with hub.unit_of_work() as session:
        yield pipeline.open_scene(hub, session, connection_id)


def tell(scene: Scene, recording_id: UUID) -> None:
    """The news of a recording are news of its call: desks and CRMs read how it stands there."""
    scene.session.flush()
    recording = scene.session.get(RecordingRow, recording_id)
    call = None if recording is None or recording.call_id is None else scene.session.get(CallRow, recording.call_id)
    if call is not None:
        call.version += 1
        settling.tell(scene, [call])
