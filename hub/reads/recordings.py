"""Recordings for those who look after them: the orphans, and the story of one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.errors import NotFound
from hub.domain.recordings import shown
from hub.inbox.models import ConnectionRow
from hub.reads.paging import Page, Place, bounded, cut, older
from hub.reads.shapes.common import Moment, Uuid, names_of
from hub.recordings import story
from hub.recordings.models import RecordingRow


class HappenedShape(TypedDict):
    """Something that happened to a recording."""

    at: Moment
    what: str
    detail: str


class CustodyShape(TypedDict):
    """A recording as it stands in custody: where it comes from, how fetching it goes, what is held."""

    id: Uuid
    call_id: Uuid | None
    connection: str | None
    reference: str
    call_key: str | None
    source: str
    state: str
    reason: str | None
    attempts: int
    next_at: Moment | None
    media_type: str | None
    size: int | None
    sha256: str | None
    created_at: Moment
    stored_at: Moment | None


class StoryShape(TypedDict):
    """A recording and all that happened to it, the oldest first."""

    recording: CustodyShape
    story: list[HappenedShape]


def orphans(session: Session, cursor: str | None = None, limit: int = 50) -> Page[CustodyShape]:
    """Recordings nobody knows the call of, the newest first."""
    mine = RecordingRow.call_id.is_(None) & (RecordingRow.state != "erased")
    return _page(session, select(RecordingRow).where(mine), cursor, limit)


def in_state(session: Session, state: str | None, limit: int) -> list[CustodyShape]:
    """Recordings in a state, or in any, the newest first."""
    chosen = select(RecordingRow)
    if state is not None:
        chosen = chosen.where(RecordingRow.state == state)
    return _page(session, chosen, None, limit).items


def _page(session: Session, chosen: Select[RecordingRow], cursor: str | None, limit: int) -> Page[CustodyShape]:
    if cursor is not None:
        chosen = chosen.where(older(RecordingRow.created_at, RecordingRow.id, Place.parse(cursor, UUID)))
    newest = chosen.order_by(RecordingRow.created_at.desc(), RecordingRow.id.desc()).limit(bounded(limit) + 1)
    found = cut(session.scalars(newest).all(), limit, lambda row: Place(row.created_at, row.id))
    return Page(_shapes(session, found.items), found.next)


def one(session: Session, recording_id: UUID) -> StoryShape:
    """The recording and its story; NotFound when there is none."""
    row = session.get(RecordingRow, recording_id)
    if row is None:
        raise NotFound("no such recording")
    told = story.of(session, recording_id)
    happened: list[HappenedShape] = [{"at": clock.iso(one.at), "what": one.what, "detail": one.detail} for one in told]
    return {"recording": _shapes(session, [row])[0], "story": happened}


def _shapes(session: Session, rows: Sequence[RecordingRow]) -> list[CustodyShape]:
    names = names_of(session, ConnectionRow, (row.connection_id for row in rows))
    return [_shape(row, names) for row in rows]


def _shape(row: RecordingRow, names: Mapping[int, str]) -> CustodyShape:
    return {
        "id": str(row.id),
        "call_id": None if row.call_id is None else str(row.call_id),
        "connection": None if row.connection_id is None else names[row.connection_id],
        "reference": shown(row.reference),
        "call_key": row.call_key,
        "source": row.source,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "next_at": None if row.state == "stored" else clock.iso(row.next_at),
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "created_at": clock.iso(row.created_at),
        "stored_at": clock.iso(row.stored_at),
    }
