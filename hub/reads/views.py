"""Saved views: the filters of a list under a name, each person's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.access import Viewer
from hub.people.models import ViewRow


@dataclass(frozen=True, slots=True)
class View:
    """`query` as it stands in the list's address."""

    id: int
    name: str
    query: str


def views(session: Session, viewer: Viewer, place: str) -> Sequence[View]:
    """The viewer's views of a list, by name."""
    mine = select(ViewRow).where(ViewRow.user_id == viewer.user_id, ViewRow.place == place)
    return [View(row.id, row.name, row.query) for row in session.scalars(mine.order_by(ViewRow.name))]
