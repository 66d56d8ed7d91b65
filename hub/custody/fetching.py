"""Recordings, from the phone system into our custody: whose turn it is, one try, and what came of it.

The row is the work (state, attempts, next_at); jobs carry its id and may run twice. Whatever does not come is tried
again with longer and longer pauses, each time with its reason in the recording's story, and ends where it is seen.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from structlog.contextvars import bound_contextvars

from hub.custody import contents, scenes
from hub.domain import clock
from hub.domain.errors import HubError, Transient
from hub.download import Missing
from hub.recordings import obtaining, rendering, schedule, work
from hub.recordings.obtaining import NotTold, Obtained, Unfinished
from hub.recordings.store import PENDING
from hub.recordings.work import EXPIRED, FAILED, NO_ROOM, Kept, Turn
from hub.storage.blobs import faults
from hub.storage.blobs.faults import NoStore
from hub.storage.exclusive import exclusive
from hub.unit_of_work import Hub

log = structlog.get_logger()

BROKEN = "a recording could not be fetched"
NO_ROOM_PAUSE = timedelta(minutes=1)
STILL_PAUSE = timedelta(seconds=6)
"""A little more than a file must be still for."""
SLOTS = 2
SLOT_SECONDS = 1000.0
"""Longer than any job lives: a place goes back when its holder ends, and no sooner."""
STRETCH_SECONDS = 20.0


def due(hub: Hub) -> list[UUID]:
    """Recordings whose time has come."""
    with hub.reading() as session:
        return work.due(session, clock.now())


def to_do(hub: Hub) -> list[UUID]:
    """Those, and then recordings that are ours and have no rendition yet."""
    with hub.reading() as session:
        return [*work.due(session, clock.now()), *rendering.due(session, clock.now())]


@contextmanager
def slot(hub: Hub) -> Iterator[bool]:
    """One of this machine's few places for work on audio, so that calls never wait behind it; False: all are taken."""
    machine = socket.gethostname()
    with ExitStack() as held:
        for number in range(SLOTS):
            ours = held.enter_context(exclusive(hub.engine, f"media:{machine}:{number}", silence=SLOT_SECONDS))
            if ours():
                yield True
                return
        yield False


def tend(hub: Hub, recording_id: str) -> None:
    """One try for this recording when there is a place for it, then for others that are due, not for ever: each is
    fetched when it is not ours yet, else a rendition is made of it.

    Where there is no place it stays due, and is asked for again.
    """
    until = time.monotonic() + STRETCH_SECONDS
    with slot(hub) as ours:
        if not ours:
            return
        _go_on(hub, UUID(recording_id))
        while time.monotonic() < until and any(_go_on(hub, one) for one in to_do(hub)[:1]):
            pass


def _go_on(hub: Hub, recording_id: UUID) -> bool:
    if fetch(hub, recording_id):
        return True
    from hub.custody.rendering import render_one  # noqa: PLC0415 - numpy: slow to import, and most processes need none

    return render_one(hub, recording_id)


def fetch(hub: Hub, recording_id: UUID) -> bool:
    """One try for one recording; False when it was not its turn. Whatever fails is written down, not raised."""
    with hub.unit_of_work() as session:
        turn = work.claim(session, recording_id, clock.now())
    if turn is None:
        return False
    with bound_contextvars(recording=str(recording_id), connection=turn.connection_id, attempt=turn.attempts):
        _try(hub, turn)
    return True


def _try(hub: Hub, turn: Turn) -> None:
    try:
        with _scratch(hub) as path:
            _keep(hub, turn, path)
    except Unfinished as error:
        _look_again(hub, turn, str(error), STILL_PAUSE, error.size)
    except NoStore as error:
        log.warning("the store of recordings does not take it", reason=str(error))
        _look_again(hub, turn, str(error), NO_ROOM_PAUSE, turn.size)
    except NotTold as error:
        _put_off(hub, turn, PENDING, str(error), None)
    except HubError as error:
        _failed(hub, turn, error)
    except OSError as error:
        if error.errno in faults.NO_ROOM:
            log.warning("no room for a recording", problem=error.strerror)
            _look_again(hub, turn, NO_ROOM, NO_ROOM_PAUSE, turn.size)
        else:
            log.exception(BROKEN)
            _broken(hub, turn, error)
    except Exception as error:
        log.exception(BROKEN)
        _broken(hub, turn, error)


@contextmanager
def _scratch(hub: Hub) -> Iterator[Path]:
    """A place for the file while it comes; nothing is there afterwards."""
    path = hub.blobs.scratch / f"fetched-{uuid4().hex}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _keep(hub: Hub, turn: Turn, path: Path) -> None:
    obtained = _obtained(hub, turn, path)
    blob = hub.blobs.put(path)
    kept = Kept(source=obtained.source, media_type=obtained.media_type, size=blob.size, sha256=blob.sha256)
    with scenes.on(hub, turn.connection_id) as scene:
        contents.point(scene.session, hub.blobs, {blob: path})
        if work.keep(scene.session, turn, kept, clock.now()):
            scenes.tell(scene, turn.id)
        else:
            contents.drop(scene.session, hub.blobs, [blob.sha256])
    log.info("recording stored", source=kept.source, size=kept.size)


def _obtained(hub: Hub, turn: Turn, path: Path) -> Obtained:
    with hub.reading() as session:
        connection = hub.connections.get(session, turn.connection_id)
    ways = connection.connector.recording(connection.settings, turn.reference)
    return obtaining.obtain(ways, path, turn.size, clock.now())


def _failed(hub: Hub, turn: Turn, error: HubError) -> None:
    """What is not there yet is waited for; what fails is tried again; both end when nobody expects it any more."""
    now = clock.now()
    wanted = error.after if isinstance(error, Transient) else timedelta()
    next_at = schedule.next_try(turn.attempts, now, wanted)
    if not isinstance(error, Missing):
        _put_off(hub, turn, FAILED, str(error), next_at)
    elif next_at is None or (error.gone and turn.attempts >= schedule.GONE_TRIES):
        _put_off(hub, turn, EXPIRED, str(error), None)
    else:
        _put_off(hub, turn, PENDING, str(error), next_at)


def _broken(hub: Hub, turn: Turn, error: Exception) -> None:
    reason = f"a fault of Hub's own: {type(error).__name__}"
    _put_off(hub, turn, FAILED, reason, schedule.next_try(turn.attempts, clock.now()))


def _put_off(hub: Hub, turn: Turn, state: str, reason: str, next_at: datetime | None) -> None:
    log.warning("recording not fetched", state=state, reason=reason, next_at=next_at and clock.iso(next_at))
    with scenes.on(hub, turn.connection_id) as scene:
        if work.put_off(scene.session, turn, state, reason, next_at, clock.now()) and turn.state != state:
            scenes.tell(scene, turn.id)


def _look_again(hub: Hub, turn: Turn, reason: str, pause: timedelta, size: int | None) -> None:
    with scenes.on(hub, turn.connection_id) as scene:
        work.look_again(scene.session, turn, reason, clock.now() + pause, size)
