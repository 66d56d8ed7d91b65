"""The call log: pages, totals, one call, and all of it as a stream. Every question is scoped by who asks."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain.access import Permission, Role, Viewer
from hub.reads import scope
from hub.reads.call_query import CallFilter, asked
from hub.reads.paging import MAX_LIMIT, Page, Place, bounded, cut
from hub.reads.shapes import CallShape, call_shapes
from hub.telephony.models import CallRow

COUNTED = 10_000
"""Totals are exact up to here; beyond, they say "at least"."""
READ = Permission.CALLS_READ


class Totals(TypedDict):
    """How many calls, and how long people talked in them; `exact` false: there are more than these."""

    calls: int
    talk_seconds: float
    exact: bool


def page(
    session: Session, viewer: Viewer, wanted: CallFilter, cursor: str | None = None, limit: int = 50
) -> Page[CallShape]:
    """Calls within the viewer's sight, newest first; Invalid for a cursor or a limit that is none."""
    after = None if cursor is None else Place.parse(cursor, UUID)
    rows = _rows(session, viewer.users_in_reach(READ), wanted, after, bounded(limit) + 1)
    found = cut(rows, limit, _place)
    return Page(_shapes(session, viewer, found.items), found.next)


def _rows(
    session: Session, users: scope.Users, wanted: CallFilter, after: Place | None, limit: int
) -> Sequence[CallRow]:
    found = asked(session, wanted).newest(after, limit)
    return session.scalars(found.where(scope.calls(_beyond(users, wanted)))).all()


def _beyond(users: scope.Users, wanted: CallFilter) -> scope.Users:
    """Whose calls still have to be told apart: nobody's when the filter lets only theirs through."""
    return None if users is not None and wanted.users is not None and wanted.users <= users else users


def _place(row: CallRow) -> Place:
    return Place(row.started_at, row.id)


def _shapes(session: Session, viewer: Viewer, rows: Sequence[CallRow]) -> list[CallShape]:
    shapes = call_shapes(session, rows)
    return shapes if sees_content(viewer) else [{**shape, "note": None} for shape in shapes]


def sees_content(viewer: Viewer) -> bool:
    """Administrators keep the system running: they see that calls were, not what was noted about them."""
    return viewer.client or viewer.roles != {Role.ADMINISTRATOR}


def one(session: Session, viewer: Viewer, call_id: UUID) -> CallShape:
    """The call; NotFound when there is none or the viewer may not see it."""
    return _shapes(session, viewer, [require(session, viewer, call_id, READ)])[0]


def visible(session: Session, viewer: Viewer, ids: Sequence[UUID]) -> list[CallShape]:
    """Those of these calls that the viewer may see."""
    mine = scope.calls(viewer.users_in_reach(READ))
    rows = session.scalars(select(CallRow).where(CallRow.id.in_(ids), mine)).all() if ids else []
    return _shapes(session, viewer, rows)


def holds(session: Session, viewer: Viewer, call_id: UUID) -> list[tuple[str, str]]:
    """When the client was on hold: beginnings and ends, for drawing; how long that was is on the call itself."""
    return [(begin, end) for begin, end in require(session, viewer, call_id, READ).holds]


def require(session: Session, viewer: Viewer, call_id: UUID, permission: Permission) -> CallRow:
    """The row to do something with: NotFound when it is out of sight, Forbidden when `permission` does not reach it."""
    seen = _in_reach(session, viewer, call_id, READ)
    return scope.allowed(seen, _in_reach(session, viewer, call_id, permission), "call")


def writable(session: Session, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[CallRow]:
    """Those of these calls that the viewer may write on, oldest first."""
    mine = scope.calls(viewer.users_in_reach(Permission.CALLS_WRITE))
    rows = select(CallRow).where(CallRow.id.in_(ids), mine).order_by(CallRow.id)
    return session.scalars(rows).all() if ids else ()


def _in_reach(session: Session, viewer: Viewer, call_id: UUID, permission: Permission) -> CallRow | None:
    mine = scope.calls(viewer.users_in_reach(permission))
    return session.scalar(select(CallRow).where(CallRow.id == call_id, mine))


def totals(session: Session, viewer: Viewer, wanted: CallFilter) -> Totals:
    """How many calls the filter finds and how long was talked in them, looking at `COUNTED` of them at most."""
    users = _beyond(viewer.users_in_reach(READ), wanted)
    chosen = asked(session, wanted).calls.where(scope.calls(users)).with_only_columns(CallRow.talk_seconds)
    some = chosen.limit(COUNTED + 1).subquery()
    count, talk = session.execute(select(func.count(), func.coalesce(func.sum(some.c.talk_seconds), 0.0))).one()
    return {"calls": min(count, COUNTED), "talk_seconds": round(talk, 1), "exact": count <= COUNTED}


def stream(session: Session, viewer: Viewer, wanted: CallFilter, permission: Permission = READ) -> Iterator[CallShape]:
    """Every call the viewer's `permission` reaches, newest first, read page by page: memory stays flat."""
    users = viewer.users_in_reach(permission)
    after: Place | None = None
    while rows := _rows(session, users, wanted, after, MAX_LIMIT):
        shapes, after = _shapes(session, viewer, rows), _place(rows[-1])
        session.rollback()  # a slow reader holds no connection between two pages
        yield from shapes
