"""Saved views as people keep them: made, made anew under the same name, forgotten."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.domain.identity import clean
from hub.people.models import ViewRow
from hub.storage.database import upsert

MAX_NAME, MAX_QUERY, MAX_VIEWS = 100, 2000, 50


def save(session: Session, user_id: int | None, place: str, name: str, query: str, now: datetime) -> int:
    """The id of the view; the same name again is the same view with other filters."""
    if user_id is None:
        raise Forbidden("only people have views")
    word = clean(name, MAX_NAME + 1)
    if not 0 < len(word) <= MAX_NAME:
        raise Invalid(f"a name has 1 to {MAX_NAME} characters", "name")
    if len(query) > MAX_QUERY:
        raise Invalid("these are too many filters for one view", "name")
    mine = select(func.count()).where(ViewRow.user_id == user_id, ViewRow.place == place, ViewRow.name != word)
    if (session.scalar(mine) or 0) >= MAX_VIEWS:
        raise Conflict(f"nobody has more than {MAX_VIEWS} views of a list; forget one first")
    row = upsert(session, ViewRow).values(user_id=user_id, place=place, name=word, query=query, created_at=now)
    kept = row.on_conflict_do_update(index_elements=["user_id", "place", "name"], set_={"query": query})
    view_id: int = session.scalars(kept.returning(ViewRow.id)).one()
    return view_id


def forget(session: Session, user_id: int | None, view_id: int) -> None:
    """Only one's own; NotFound for any other."""
    row = session.get(ViewRow, view_id)
    if row is None or row.user_id != user_id:
        raise NotFound("no such view")
    session.delete(row)
