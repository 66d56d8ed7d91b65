"""The journal as administrators read it: who did what, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.people.models import JournalRow, UserRow
from hub.reads.paging import Page, Place, bounded, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`who` None: a program, or the machine itself. `action` as ``user.edited``, `subject` as ``user:7``."""

    id: int
    at: datetime
    who: str | None
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries; None: whatever. `kinds` are the first words of actions (``user``)."""

    user_id: int | None = None
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def entries(session: Session, wanted: Wanted, cursor: str | None = None, limit: int = 50) -> Page[Entry]:
    """A page of the journal, newest first. It only grows, so its ids are the order of time."""
    chosen = select(JournalRow, UserRow.name).outerjoin(UserRow, UserRow.id == JournalRow.user_id)
    if wanted.user_id is not None:
        chosen = chosen.where(JournalRow.user_id == wanted.user_id)
    if wanted.kinds:
        chosen = chosen.where(
            or_(*(JournalRow.action.startswith(f"{kind}.", autoescape=True) for kind in wanted.kinds))
        )
    if wanted.since is not None:
        chosen = chosen.where(JournalRow.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(JournalRow.at < wanted.until)
    if cursor is not None:
        chosen = chosen.where(JournalRow.id < Place.parse(cursor, int).id)
    rows = session.execute(chosen.order_by(JournalRow.id.desc()).limit(bounded(limit) + 1)).all()
    return cut(rows, limit, lambda row: Place(row[0].at, row[0].id)).map(lambda found: list(_shapes(found)))


def last(session: Session, subject: str) -> Entry | None:
    """What was done to `subject` last."""
    mine = select(JournalRow, UserRow.name).outerjoin(UserRow, UserRow.id == JournalRow.user_id)
    rows = session.execute(mine.where(JournalRow.subject == subject).order_by(JournalRow.id.desc()).limit(1)).all()
    return next(iter(_shapes(rows)), None)


def _shapes(rows: Iterable[Any]) -> Iterable[Entry]:
    for row, who in rows:
        yield Entry(id=row.id, at=row.at, who=who, action=row.action, subject=row.subject, detail=row.detail)
