"""The bytes of recordings. Nothing leaves before the listening stands in the log, and if it cannot be written, nothing.

Audio is never kept by a browser or a proxy (`no-store`): what is erased is gone everywhere, and each listening comes
here. A waveform is no audio: it may be kept, and is asked about each time.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from flask import Response, current_app, request
from sqlalchemy.orm import Session as Database

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Conflict, Gone, NotFound
from hub.people import glass
from hub.reads import listening
from hub.reads.listening import Playable
from hub.recordings.listening import log
from hub.recordings.listening.log import Begun, Hearing, Listener
from hub.unit_of_work import Hub
from hub.web import acts_listening, ranges
from hub.web.acts import Desk
from hub.web.ranges import Outside, Range, Source

MP3 = "audio/mpeg"
UNKNOWN = "application/octet-stream"
GONE = ("expired", "erased")
ENDINGS = {MP3: "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/ogg": "ogg", "audio/mp4": "m4a"}


def audio(desk: Desk, recording_id: UUID, named: str = "") -> Response:
    """What browsers play, whole or in ranges; `named`: the play session, so that its ranges are one listening."""
    return _heard(desk, recording_id, Permission.RECORDINGS_READ, log.PLAY, named)


def original(desk: Desk, recording_id: UUID) -> Response:
    """The file as it was fetched, as a download."""
    return _heard(desk, recording_id, Permission.RECORDINGS_DOWNLOAD, log.DOWNLOAD)


def _heard(desk: Desk, recording_id: UUID, permission: Permission, kind: str, named: str = "") -> Response:
    """Both questions of a range in one sitting at the database: may they, and is it written down already."""
    by = _listener(desk)
    key = log.session_key(by, named, kind, clock.now())
    with desk.hub.reading() as session:
        found = _seen(session, desk, recording_id, permission)
        known = log.begun(session, found.id, key) if found else None
    return _send(desk.hub, found or _refuse(desk, recording_id), Session(by, kind, key, known))


def linked(hub: Hub, word: str) -> Response:
    """What a link opens, for whoever has it."""
    found, maker = acts_listening.opened(hub, word, _address())
    by = Listener(user_id=maker.user_id, who=maker.name, address=_address(), token=True)
    key = log.session_key(by, "", log.LINK, clock.now())
    with hub.reading() as session:
        known = log.begun(session, found.id, key)
    return _send(hub, found, Session(by, log.LINK, key, known))


def peaks(desk: Desk, recording_id: UUID) -> Response:
    """The waveform, in the form audiowaveform writes."""
    found = _reached(desk, recording_id, Permission.RECORDINGS_READ)
    if found.peaks is None or found.state in GONE:
        raise NotFound("there is no waveform of this recording")
    source = _source(desk.hub, found.peaks, 0, "application/json")
    answer = ranges.answer(source, request.environ, lambda _: None)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@dataclass(frozen=True, slots=True)
class Session:
    """A play session: whose, how, under which key, and what of it is in the log already."""

    by: Listener
    kind: str
    key: str
    known: Begun | None


def _reached(desk: Desk, recording_id: UUID, permission: Permission) -> Playable:
    with desk.hub.reading() as session:
        found = _seen(session, desk, recording_id, permission)
    return found or _refuse(desk, recording_id)


def _seen(session: Database, desk: Desk, recording_id: UUID, permission: Permission) -> Playable | None:
    try:
        return listening.playable(session, desk.viewer, recording_id, permission)
    except NotFound:
        return None


def _refuse(desk: Desk, recording_id: UUID) -> NoReturn:
    """Who asks for one that is out of sight is told there is none, and stands in the journal."""
    with desk.hub.reading() as session:
        there = listening.exists(session, recording_id)
    if there:
        acts_listening.refused(desk.hub, desk.viewer, recording_id, "out of sight", _address())
    raise NotFound("no such recording")


def _address() -> str:
    return request.remote_addr or ""


def _listener(desk: Desk) -> Listener:
    asks = desk.viewer
    return Listener(
        user_id=asks.user_id, who=asks.name, address=_address(), token=asks.token, reason=_reason(desk.hub, asks)
    )


def _reason(hub: Hub, asks: Viewer) -> str | None:
    if not asks.glass_broken:
        return None
    with hub.reading() as session:
        row = glass.broken(session, asks.user_id, clock.now())
        return row.reason if row else None


def _send(hub: Hub, found: Playable, heard: Session) -> Response:
    sha256, size, media_type = _what(found, heard.kind)
    source = _source(hub, sha256, size, media_type)
    answer = _answer(source, _written(hub, found, heard, source.size))
    answer.headers["Cache-Control"] = "no-store"
    if answer.status_code in (200, 206):
        name = f"recording-{found.id}.{ENDINGS.get(media_type, 'bin')}"
        how = "attachment" if heard.kind == log.DOWNLOAD else "inline"
        answer.headers.set("Content-Disposition", how, filename=name)
    return answer


def _what(found: Playable, kind: str) -> tuple[str, int, str]:
    """Which blob is sent: its SHA-256, size and type. One that browsers play, or what was fetched; that is enough
    where no rendition was made of it."""
    if found.state in GONE:
        raise Gone(f"the recording is {found.state}")
    if kind != log.DOWNLOAD and found.rendition is not None:
        return found.rendition, found.rendition_size, MP3
    if found.state != "stored" or found.original is None:
        raise Conflict("there is no copy of the recording yet")
    kept = found.media_type if found.media_type.startswith("audio/") else UNKNOWN
    return found.original, found.original_size, kept


def _source(hub: Hub, sha256: str, size: int, media_type: str) -> Source:
    def read(start: int, length: int) -> ranges.Pieces:
        return hub.blobs.read(sha256, start, length)

    path = hub.blobs.local_path(sha256)
    known = size or (path.stat().st_size if path else hub.blobs.size(sha256))
    return Source(size=known, etag=sha256, media_type=media_type, read=read, path=path)


def _written(hub: Hub, found: Playable, heard: Session, size: int) -> Callable[[Sequence[Range]], None]:
    """Has the listening in the log, and which seconds leave; what is there already is not written again."""

    def before(leaving: Sequence[Range]) -> None:
        scale = found.seconds / size if size else 0.0
        start, stop = min(one.start for one in leaving), max(one.stop for one in leaving)
        span = (round(start * scale, 1), round(stop * scale, 1))
        if heard.known is None or not heard.known.covers(span):
            hearing = Hearing(recording_id=found.id, call_id=found.call_id, key=heard.key, kind=heard.kind)
            with hub.unit_of_work() as session:
                log.write(session, hearing, heard.by, span, clock.now())

    return before


def _answer(source: Source, before: Callable[[Sequence[Range]], None]) -> Response:
    place: str | None = current_app.config.get("HUB_PROXY_FILES")
    if not place or source.path is None:
        return ranges.answer(source, request.environ, before)
    address = f"{place.rstrip('/')}/{source.path.parent.name}/{source.path.name}"
    return _by_proxy(source, address, before)


def _by_proxy(source: Source, address: str, before: Callable[[Sequence[Range]], None]) -> Response:
    """The proxy in front sends the file: ranges and conditions are its own, the log is ours."""
    if request.method == "GET":
        with suppress(Outside):  # the proxy says 416
            before(ranges.wanted(request.headers.get("Range"), source.size) or [Range(0, source.size)])
    answer = Response(mimetype=source.media_type)
    answer.headers["X-Accel-Redirect"] = address
    return answer


def heard(desk: Desk, recording_id: UUID, named: str, spans: str) -> None:
    """What a player says it played of a session of one's own."""
    found = _reached(desk, recording_id, Permission.RECORDINGS_READ)
    key = log.session_key(_listener(desk), named, log.PLAY, clock.now())
    with desk.hub.unit_of_work() as session:
        log.played(session, recording_id, key, log.spans_of(spans, found.seconds), clock.now())
