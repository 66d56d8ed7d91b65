"""Recordings as rows: announced by the phone system, once for each connection and reference."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from hub.domain.identity import clean
from hub.domain.recordings import shown
from hub.recordings import story
from hub.recordings.models import RecordingRow
from hub.storage.database import upsert

PENDING = "pending"
ANNOUNCED = "announced"
MAX_REFERENCE = 2000
"""Bytes: signed links are long, and an index takes no more than these."""
MAX_KEY = 200
"""Characters, as many as the column holds."""
ERASED = "erased"
NOT_HELD = RecordingRow.sha256.is_(None) & RecordingRow.source.not_in(["upload", "folder"])
NOT_HELD &= RecordingRow.hold_reason.is_(None) & (RecordingRow.state != ERASED)
"""Nothing of it is ours yet, and it will be announced again if there is anything to it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A call that says which recordings it has; `key` is the phone system's id of it."""

    call_id: UUID
    connection_id: int
    key: str


def announced(session: Session, owner: Owner, references: Iterable[str], now: datetime, *, new: bool = False) -> None:
    """The recordings this call is said to have; one we do not hold yet and nobody announces any more goes.

    One that was here before its call finds its place; one that is another call's stays there. `new`: the call was made
    just now, so there are none yet.
    """
    wanted = _wanted(references)
    if not new:
        mine = (RecordingRow.call_id == owner.call_id) & (RecordingRow.state == PENDING) & NOT_HELD
        session.execute(delete(RecordingRow).where(mine, RecordingRow.reference.not_in(wanted)))
    for reference in sorted(wanted):
        row = {
            "id": uuid4(),
            "call_id": owner.call_id,
            "connection_id": owner.connection_id,
            "call_key": owner.key[:MAX_KEY],
            "reference": reference,
            "source": ANNOUNCED,
            "state": PENDING,
            "attempts": 0,
            "next_at": now,
            "created_at": now,
        }
        once = upsert(session, RecordingRow).values(**row).on_conflict_do_nothing().returning(RecordingRow.id)
        if (made := session.scalar(once)) is not None:
            story.tell(session, made, "announced", f"the phone system says it recorded {shown(reference)}", now)
    _claim(session, owner, wanted, now)


def _claim(session: Session, owner: Owner, wanted: Collection[str], now: datetime) -> None:
    """Orphans of this call: named by it, or naming it."""
    its = or_(RecordingRow.reference.in_(wanted), RecordingRow.call_key == owner.key[:MAX_KEY])
    orphans = (RecordingRow.connection_id == owner.connection_id) & RecordingRow.call_id.is_(None)
    found = update(RecordingRow).where(orphans, its).values(call_id=owner.call_id).returning(RecordingRow.id)
    for recording_id in session.scalars(found).all():
        story.tell(session, recording_id, "attached", "its call is known now", now)


def placed(session: Session, recording_id: UUID, call_id: UUID, why: str, now: datetime) -> bool:
    """Give an orphan to a call; False when it is none any more."""
    orphan = (RecordingRow.id == recording_id) & RecordingRow.call_id.is_(None)
    given = update(RecordingRow).where(orphan).values(call_id=call_id).returning(RecordingRow.id)
    if session.scalar(given) is None:
        return False
    story.tell(session, recording_id, "attached", why, now)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A recording that is here, or lies ready, without anybody having told of it."""

    reference: str
    source: str
    connection_id: int | None
    call_id: UUID | None = None
    call_key: str | None = None
    what: str
    detail: str


def arrived(session: Session, one: Arrival, now: datetime) -> UUID | None:
    """A row of its own, due at once; None when there is one of this name already."""
    row = {
        "id": _id(one),
        "call_id": one.call_id,
        "connection_id": one.connection_id,
        "call_key": one.call_key[:MAX_KEY] if one.call_key else None,
        "reference": cut(one.reference),
        "source": one.source,
        "state": PENDING,
        "attempts": 0,
        "next_at": now,
        "created_at": now,
    }
    once = upsert(session, RecordingRow).values(**row).on_conflict_do_nothing().returning(RecordingRow.id)
    made = session.scalar(once)
    if made is not None:
        story.tell(session, made, one.what, one.detail, now)
    return made


def _id(one: Arrival) -> UUID:
    """By its name where no connection keeps names apart: so it is there once all the same."""
    return uuid4() if one.connection_id is not None else uuid5(NAMESPACE_URL, one.reference)


def known(session: Session, connection_id: int, references: Collection[str]) -> set[str]:
    """Those of these names a connection's recordings have."""
    mine = (RecordingRow.connection_id == connection_id) & RecordingRow.reference.in_(references)
    return set(session.scalars(select(RecordingRow.reference).where(mine)))


def here(session: Session, connection_id: int, references: Collection[str], absent: str, now: datetime) -> None:
    """These lie ready now: whatever waits because it was `absent` waits no longer."""
    mine = (RecordingRow.connection_id == connection_id) & RecordingRow.reference.in_(references)
    waits = RecordingRow.state.in_([PENDING, "expired"]) & (RecordingRow.reason == absent)
    session.execute(update(RecordingRow).where(mine, waits).values(state=PENDING, next_at=now, attempts=0))


def released(session: Session, calls: Collection[UUID]) -> list[UUID]:
    """These calls turned out to be none: their recordings are for whichever call claims them; which those are."""
    if not calls:
        return []
    mine = RecordingRow.call_id.in_(calls)
    ids = list(session.scalars(select(RecordingRow.id).where(mine)))
    if ids:
        session.execute(update(RecordingRow).where(mine).values(call_id=None))
    return ids


def forgotten(session: Session, ids: Collection[UUID]) -> None:
    """Of those that were released: what no call claimed goes, unless we hold it; then it waits as an orphan."""
    if ids:
        unclaimed = RecordingRow.id.in_(ids) & RecordingRow.call_id.is_(None)
        session.execute(delete(RecordingRow).where(unclaimed, NOT_HELD))


def news(session: Session, connection_id: int, announced: Mapping[Owner, Iterable[str]]) -> set[Owner]:
    """Those of these calls of a connection whose recordings, as announced, are not the ones we know to be theirs."""
    if not announced:
        return set()
    wanted = {owner: _wanted(references) for owner, references in announced.items()}
    named = RecordingRow.reference.in_({one for references in wanted.values() for one in references})
    naming = RecordingRow.call_id.is_(None) & RecordingRow.call_key.in_([owner.key[:MAX_KEY] for owner in wanted])
    its = RecordingRow.call_id.in_([owner.call_id for owner in wanted])
    here = (RecordingRow.connection_id == connection_id) & (named | naming)
    known = session.scalars(select(RecordingRow).where(its | here)).all()
    return {owner for owner, references in wanted.items() if _differ(owner, references, known)}


def _differ(owner: Owner, wanted: set[str], known: Sequence[RecordingRow]) -> bool:
    placed = {row.reference for row in known if row.call_id is not None}
    orphans = (row for row in known if row.call_id is None and row.call_key == owner.key[:MAX_KEY])
    mine = (row for row in known if row.call_id == owner.call_id and row.reference not in wanted)
    left = any(row.state == PENDING and row.source == ANNOUNCED for row in mine)
    return not wanted <= placed or left or any(orphans)


def _wanted(references: Iterable[str]) -> set[str]:
    return {cut(reference) for reference in references}


def cut(reference: str) -> str:
    """A name as it is kept."""
    return clean(reference, MAX_REFERENCE).encode()[:MAX_REFERENCE].decode(errors="ignore")


def of_calls(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[RecordingRow]]:
    """The recordings of each call, oldest first."""
    found: dict[UUID, list[RecordingRow]] = {}
    rows = select(RecordingRow).where(RecordingRow.call_id.in_(ids)).order_by(RecordingRow.created_at, RecordingRow.id)
    for row in session.scalars(rows):
        if row.call_id is not None:
            found.setdefault(row.call_id, []).append(row)
    return found
