"""What Hub makes of a recording it holds: a rendition everything plays, a waveform, and what was measured.

The original is safe before this begins and stays whatever comes of it. As with fetching, the row is the work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from hub.custody import contents, scenes
from hub.domain import clock
from hub.domain.calls import CallState
from hub.domain.errors import HubError
from hub.recordings import rendering, schedule
from hub.recordings.models import RecordingRow
from hub.recordings.rendering import Original, Rendered
from hub.recordings.sound import NotAudio, Rendition, compare, render
from hub.recordings.work import NO_ROOM
from hub.storage.blobs import faults
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

CUT = "cut"

log = structlog.get_logger()


def render_one(hub: Hub, recording_id: UUID) -> bool:
    """One try for one recording; False when it was not its turn. Whatever fails is written down, not raised."""
    with hub.unit_of_work() as session:
        original = rendering.claim(session, recording_id, clock.now())
    if original is None:
        return False
    with bound_contextvars(recording=str(recording_id), attempt=original.attempts):
        _try(hub, original)
    return True


def _try(hub: Hub, original: Original) -> None:
    try:
        with _folder(hub) as folder:
            _make(hub, original, folder)
    except NotAudio as error:
        _put_off(hub, original, str(error), None)
    except HubError as error:
        _put_off(hub, original, str(error), _later(original))
    except OSError as error:
        reason = NO_ROOM if error.errno in faults.NO_ROOM else f"a fault of the disk: {error.strerror}"
        _put_off(hub, original, reason, _later(original))
    except Exception as error:
        log.exception("a recording could not be rendered")
        _put_off(hub, original, f"a fault of Hub's own: {type(error).__name__}", _later(original))


@contextmanager
def _folder(hub: Hub) -> Iterator[Path]:
    """A place for what is made; nothing is there afterwards."""
    folder = Path(mkdtemp(prefix="rendered-", dir=hub.blobs.scratch))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _make(hub: Hub, original: Original, folder: Path) -> None:
    path = folder / "original"
    with path.open("wb") as file:
        for piece in hub.blobs.read(original.sha256):
            file.write(piece)
    made = render(path, folder, name=original.reference.rpartition("/")[2])
    rendition, peaks = hub.blobs.put(made.path_mp3), hub.blobs.put(made.path_peaks)
    with _alone(hub, original) as (session, row):
        contents.point(session, hub.blobs, {rendition: made.path_mp3, peaks: made.path_peaks})
        if row is None:
            contents.drop(session, hub.blobs, [rendition.sha256, peaks.sha256])
            return
        sound = {**made.measures.json(), "flags": _flags(session, row, made)}
        found = Rendered(rendition=rendition, peaks=peaks, seconds=made.seconds, channels=made.channels, sound=sound)
        rendering.rendered(session, row, found, clock.now())
    log.info("recording rendered", seconds=made.seconds, channels=made.channels)


def _flags(session: Session, row: RecordingRow, made: Rendition) -> list[str]:
    """Those of the sound, and whether it lacks part of the talk; of several recordings of one call nobody can say."""
    flags = set(made.measures.flags)
    call = session.get(CallRow, row.call_id) if row.call_id else None
    if call is None or call.state != CallState.ENDED or not _is_only_one(session, row):
        return sorted(flags)
    if compare(made.seconds, call.talk_seconds, mid_word=made.measures.mid_word):
        flags.add(CUT)
    return sorted(flags)


def _is_only_one(session: Session, row: RecordingRow) -> bool:
    mine = select(func.count()).where(RecordingRow.call_id == row.call_id)
    return session.scalar(mine) == 1


@contextmanager
def _alone(hub: Hub, original: Original) -> Iterator[tuple[Session, RecordingRow | None]]:
    """One transaction in which its row changes, and its call's desks hear of it; row None: the turn is over."""
    if original.connection_id is None:
        with hub.unit_of_work() as session:
            yield session, rendering.still_ours(session, original)
        return
    with scenes.on(hub, original.connection_id) as scene:
        row = rendering.still_ours(scene.session, original)
        yield scene.session, row
        if row is not None:
            scenes.tell(scene, row.id)


def _put_off(hub: Hub, original: Original, reason: str, next_at: datetime | None) -> None:
    log.warning("recording not rendered", reason=reason, next_at=next_at and clock.iso(next_at))
    with _alone(hub, original) as (session, row):
        if row is not None:
            rendering.put_off(session, row, reason, next_at, clock.now())


def _later(original: Original) -> datetime | None:
    return schedule.next_try(original.attempts, clock.now())
