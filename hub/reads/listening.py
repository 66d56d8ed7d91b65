"""Recordings for those who hear them, and who heard them: scoped by who asks, like calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import NotFound
from hub.reads import calls, scope
from hub.reads.shapes.common import Id, Moment, Seconds, Uuid
from hub.recordings.listening import log
from hub.recordings.listening.models import ListeningRow, SpanRow
from hub.recordings.models import RecordingRow

LISTEN = Permission.RECORDINGS_READ
MOST = 500
"""Listenings of one recording that are shown: the newest."""


class RecordingDetailShape(TypedDict):
    """A recording and how Hub's copy stands.

    `reason` why there is none, `tracks` who is heard on each channel, `hold_reason` why it must stay.
    """

    id: Uuid
    call_id: Uuid | None
    state: Literal["pending", "stored", "failed", "expired", "erased"]
    reason: str | None
    hold_reason: str | None
    source: str
    started_at: Moment | None
    seconds: Seconds | None
    channels: int | None
    tracks: list[str] | None
    media_type: str | None
    size: int | None
    sound: dict[str, Any] | None
    stored_at: Moment | None


class SpanShape(TypedDict):
    """Seconds of a recording."""

    begin: Seconds
    until: Seconds


class ListeningShape(TypedDict):
    """One time somebody heard or downloaded a recording. `played`: what the player played; `sent`: what left Hub."""

    id: Id
    recording_id: Uuid
    kind: Literal["play", "download", "link"]
    at: Moment
    user_id: Id | None
    who: str
    address: str
    reason: str | None
    played: list[SpanShape]
    sent: SpanShape | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """What it takes to send a recording's bytes. `original` is as it was fetched, `rendition` what browsers play."""

    id: UUID
    call_id: UUID | None
    state: str
    seconds: float
    rendition: str | None
    rendition_size: int
    original: str | None
    original_size: int
    media_type: str
    peaks: str | None


_PLAYABLE = (
    RecordingRow.id,
    RecordingRow.call_id,
    RecordingRow.state,
    func.coalesce(RecordingRow.seconds, 0.0),
    RecordingRow.rendition_sha256,
    func.coalesce(RecordingRow.rendition_size, 0),
    RecordingRow.sha256,
    func.coalesce(RecordingRow.size, 0),
    func.coalesce(RecordingRow.media_type, "application/octet-stream"),
    RecordingRow.peaks_sha256,
)
_FIELDS = tuple(Playable.__dataclass_fields__)


def playable(session: Session, viewer: Viewer, recording_id: UUID, permission: Permission = LISTEN) -> Playable:
    """The recording, when `permission` reaches it; NotFound otherwise, whether there is one or not."""
    mine = scope.recordings(viewer.users_in_reach(permission))
    return _one(session, select(*_PLAYABLE).where(RecordingRow.id == recording_id, mine))


def _one(session: Session, asked: Any) -> Playable:
    found = session.execute(asked).one_or_none()
    if found is None:
        raise NotFound("no such recording")
    return Playable(**dict(zip(_FIELDS, found, strict=True)))


def exists(session: Session, recording_id: UUID) -> bool:
    """Whether there is such a recording, in whoever's sight: for the journal of those who were refused."""
    return session.scalar(select(RecordingRow.id).where(RecordingRow.id == recording_id)) is not None


def require(session: Session, viewer: Viewer, recording_id: UUID, permission: Permission = LISTEN) -> RecordingRow:
    """The row to do something with: NotFound out of sight, Forbidden when `permission` does not reach it."""
    row = session.scalar(select(RecordingRow).where(RecordingRow.id == recording_id, _sight(viewer)))
    reached = row if row is not None and _reaches(session, viewer, row, permission) else None
    return scope.allowed(row, reached, "recording")


def _sight(viewer: Viewer) -> Any:
    """Of calls one sees; of no call, for those who hear everything."""
    heard = scope.recordings(viewer.users_in_reach(LISTEN))
    known = RecordingRow.call_id.is_not(None) & scope.recordings(viewer.users_in_reach(Permission.CALLS_READ))
    return heard | known


def _reaches(session: Session, viewer: Viewer, row: RecordingRow, permission: Permission) -> bool:
    mine = scope.recordings(viewer.users_in_reach(permission))
    return session.scalar(select(RecordingRow.id).where(RecordingRow.id == row.id, mine)) is not None


def one(session: Session, viewer: Viewer, recording_id: UUID) -> RecordingDetailShape:
    return _shape(require(session, viewer, recording_id))


def of_call(session: Session, viewer: Viewer, call_id: UUID) -> list[RecordingDetailShape]:
    """The recordings of a call in sight, oldest first."""
    calls.require(session, viewer, call_id, Permission.CALLS_READ)
    rows = select(RecordingRow).where(RecordingRow.call_id == call_id)
    return [_shape(row) for row in session.scalars(rows.order_by(RecordingRow.created_at, RecordingRow.id))]


def _shape(row: RecordingRow) -> RecordingDetailShape:
    state: Any = row.state
    return {
        "id": str(row.id),
        "call_id": None if row.call_id is None else str(row.call_id),
        "state": state,
        "reason": row.reason,
        "hold_reason": row.hold_reason,
        "source": row.source,
        "started_at": clock.iso(row.started_at),
        "seconds": None if row.seconds is None else round(row.seconds, 1),
        "channels": row.channels,
        "tracks": row.tracks,
        "media_type": row.media_type,
        "size": row.size,
        "sound": row.sound,
        "stored_at": clock.iso(row.stored_at),
    }


def heard_calls(session: Session, viewer: Viewer, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these calls with a recording that Hub holds and the viewer may hear."""
    if not ids or not viewer.can(LISTEN):
        return frozenset()
    mine = scope.recordings(viewer.users_in_reach(LISTEN))
    stored = (RecordingRow.call_id.in_(ids), RecordingRow.state == "stored")
    return frozenset(filter(None, session.scalars(select(RecordingRow.call_id).where(*stored, mine))))


def listenings(session: Session, viewer: Viewer, recording_id: UUID) -> list[ListeningShape]:
    """Who heard a recording, newest first, for those who may know."""
    require(session, viewer, recording_id, Permission.LISTENINGS_READ)
    mine = select(ListeningRow).where(ListeningRow.recording_id == recording_id)
    rows = session.scalars(mine.order_by(ListeningRow.id.desc()).limit(MOST)).all()
    spans = _spans(session, [row.id for row in rows])
    return [_listening(row, spans.get(row.id, ())) for row in rows]


def _spans(session: Session, ids: Sequence[int]) -> Mapping[int, list[SpanRow]]:
    found: dict[int, list[SpanRow]] = {}
    for row in session.scalars(select(SpanRow).where(SpanRow.listening_id.in_(ids)).order_by(SpanRow.id)):
        found.setdefault(row.listening_id, []).append(row)
    return found


def _listening(row: ListeningRow, spans: Iterable[SpanRow]) -> ListeningShape:
    kind: Any = row.kind
    sent = [(span.begin, span.until) for span in spans if span.source == log.SENT]
    played = log.joined((span.begin, span.until) for span in spans if span.source == log.PLAYED)
    return {
        "id": row.id,
        "recording_id": str(row.recording_id),
        "kind": kind,
        "at": clock.iso(row.at),
        "user_id": row.user_id,
        "who": row.who,
        "address": row.address,
        "reason": row.reason,
        "played": [_seconds(span) for span in played],
        "sent": _seconds((min(b for b, _ in sent), max(u for _, u in sent))) if sent else None,
    }


def _seconds(span: log.Span) -> SpanShape:
    return {"begin": round(span[0], 1), "until": round(span[1], 1)}


def left_at(session: Session, viewer: Viewer, recording_id: UUID) -> float:
    """The second where the viewer stopped listening last; 0 when never."""
    if viewer.user_id is None or viewer.token:
        return 0.0
    mine = (ListeningRow.user_id == viewer.user_id, ListeningRow.recording_id == recording_id)
    last = select(SpanRow.until).join(ListeningRow, ListeningRow.id == SpanRow.listening_id)
    last = last.where(*mine, SpanRow.source == log.PLAYED)
    return session.scalar(last.order_by(SpanRow.id.desc()).limit(1)) or 0.0
