"""What is happening now, and what has changed since: the live desks, and the feed for programs.

Changes come from the outbox, whose ids are given out before they are committed: a row may appear
behind one that was read already. A desk looks back a little and skips what it knows (fast, and a
repeated change does no harm); the feed waits at a hole until it is filled or too old (each change once, in order).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.crm.models import OutboxRow
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState
from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.reads import calls, leads, scope
from hub.reads.call_query import CallFilter
from hub.reads.leads import LeadFilter, TaskFilter
from hub.reads.paging import MAX_LIMIT
from hub.reads.shapes import CallShape, LeadShape, Moment, TaskShape
from hub.telephony.models import CallRow

LOOK_BACK = 200
"""Ids a desk reads again: more than all writers together have under way at one moment."""
STEP = 500
HOLE_SECONDS = 30
"""A hole in the ids older than this was a transaction undone: no writer holds one that long."""
FRESH = timedelta(hours=24)


class ChangeShape(TypedDict):
    """Something changed: the full snapshot; of one subject, the greater `version` is the newer one."""

    version: Annotated[int, Field(ge=1)]
    type: Annotated[str, Field(examples=["call.ended"])]
    subject: Annotated[str, Field(examples=["call:0198c7a4-5f00-7c31-9d5e-2f6b1c9f4a10"])]
    at: Moment
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a desk has read: the last id, and which ids just before it are known."""

    last: int
    known: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """From the text a desk was given; anything else starts at the beginning of what is kept."""
        return cls(int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0)

    def __str__(self) -> str:
        return str(self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The live board: open calls, missed calls to return by due time, leads of the last day."""

    calls: list[CallShape]
    tasks: list[TaskShape]
    leads: list[LeadShape]
    cursor: Cursor


def board(session: Session, viewer: Viewer, now: datetime) -> Board:
    """Everything of the viewer's that a live desk shows, and where to go on from with `since`."""
    cursor = here(session)
    states = (CallState.RINGING, CallState.TALKING)
    fresh = leads.page(session, viewer, LeadFilter(statuses=("new",), since=now - FRESH), limit=MAX_LIMIT)
    return Board(
        calls=calls.page(session, viewer, CallFilter(states=states), limit=MAX_LIMIT).items,
        tasks=leads.tasks(session, viewer, TaskFilter(state="open", kind="missed_call"), limit=MAX_LIMIT).items,
        leads=fresh.items,
        cursor=cursor,
    )


def here(session: Session) -> Cursor:
    """The present end of the outbox."""
    last = session.scalar(select(func.max(OutboxRow.id))) or 0
    return Cursor(last, frozenset(session.scalars(select(OutboxRow.id).where(OutboxRow.id > last - LOOK_BACK))))


def since(session: Session, viewer: Viewer, cursor: Cursor, now: datetime) -> tuple[list[ChangeShape], Cursor]:
    """The changes the viewer may see after `cursor`, oldest first, and the cursor to go on with."""
    behind = select(OutboxRow.id, OutboxRow.created_at).where(OutboxRow.id > cursor.last - LOOK_BACK)
    rows = session.execute(behind.order_by(OutboxRow.id).limit(STEP + LOOK_BACK)).all()
    last = max((row.id for row in rows), default=cursor.last)
    known = frozenset(row.id for row in rows if row.id > last - LOOK_BACK)
    young = now - timedelta(seconds=HOLE_SECONDS)
    late = (row.id not in cursor.known and row.created_at > young for row in rows)
    ids = [row.id for row, is_late in zip(rows, late, strict=True) if row.id > cursor.last or is_late]
    fresh = session.scalars(select(OutboxRow).where(OutboxRow.id.in_(ids)).order_by(OutboxRow.id)).all() if ids else []
    return list(_seen(session, viewer, fresh)), Cursor(max(last, cursor.last), known)


def feed(session: Session, viewer: Viewer, after: int, limit: int, now: datetime) -> tuple[list[ChangeShape], int]:
    """The next changes after the id `after`, each once and in order, and the id to go on with."""
    chosen = select(OutboxRow).where(OutboxRow.id > after).order_by(OutboxRow.id).limit(limit)
    rows = list(_settled(session.scalars(chosen), after, now))
    return list(_seen(session, viewer, rows)), max((row.id for row in rows), default=after)


def _settled(rows: Iterable[OutboxRow], after: int, now: datetime) -> Iterator[OutboxRow]:
    for row in rows:
        if row.id > after + 1 and row.created_at > now - timedelta(seconds=HOLE_SECONDS):
            return
        after = row.id
        yield row


def _seen(session: Session, viewer: Viewer, rows: Sequence[OutboxRow]) -> Iterator[ChangeShape]:
    """Those of these changes that are about things within the viewer's sight."""
    names = [row.subject.partition(":") for row in rows]
    visible = {
        kind: sight(session, viewer, {name for one, _, name in names if one == kind}) for kind, sight in SIGHTS.items()
    }
    for row, (kind, _, name) in zip(rows, names, strict=True):
        if name in visible.get(kind, ()) or (row.type.endswith(GONE) and viewer.can(READERS[kind])):
            yield _change(row, viewer)


def _change(row: OutboxRow, viewer: Viewer) -> ChangeShape:
    hidden = {"note": None} if "note" in row.body and not calls.sees_content(viewer) else {}
    return {
        "version": row.id,
        "type": row.type,
        "subject": row.subject,
        "at": clock.iso(row.created_at),
        "body": row.body | hidden,
    }


def _sight(
    table: Any, scoped: Callable[[scope.Users], ColumnElement[bool]], permission: Permission, read: Callable[[str], Any]
) -> Callable[[Session, Viewer, AbstractSet[str]], AbstractSet[str]]:
    """A question: which of these names are rows of `table` that the viewer sees?"""

    def sight(session: Session, viewer: Viewer, names: AbstractSet[str]) -> AbstractSet[str]:
        users = viewer.users_in_reach(permission)
        if users is None or not names:
            return names
        found = session.scalars(select(table.id).where(table.id.in_([read(name) for name in names]), scoped(users)))
        return {str(one) for one in found}

    return sight


GONE = (".withdrawn", ".removed")
"""What is gone is in nobody's sight any more: whoever reads such things hears of it, by its id alone."""
READERS = {
    "call": Permission.CALLS_READ,
    "contact": Permission.LEADS_READ,
    "lead": Permission.LEADS_READ,
    "task": Permission.TASKS_READ,
}
SIGHTS = {
    "call": _sight(CallRow, scope.calls, READERS["call"], UUID),
    "contact": _sight(ContactRow, scope.contacts, READERS["contact"], int),
    "lead": _sight(LeadRow, scope.leads, READERS["lead"], int),
    "task": _sight(TaskRow, scope.tasks, READERS["task"], int),
}
