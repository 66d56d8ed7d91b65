"""What is happening now, and what has changed since: the live desks, and the feed for programs.

Changes come from the outbox, whose ids are given out before they are committed: a row may appear
behind one that was read already. A desk looks back a little and skips what it knows (fast, and a
repeated change does no harm); the feed waits at a hole until it is filled or too old (each change once, in order).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.crm.models import OutboxRow
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState
from hub.reads import calls, leads, scope
from hub.reads.call_query import CallFilter
from hub.reads.leads import LeadFilter, TaskFilter
from hub.reads.paging import MAX_LIMIT
from hub.reads.shapes import CallShape, LeadShape, Moment, TaskShape

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
    """Everything of the viewer's that a live desk shows, and where to go on from with `news`."""
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


def news(session: Session, cursor: Cursor, now: datetime) -> tuple[list[ChangeShape], Cursor]:
    """Everything that changed after `cursor`, whoever may see it, oldest first, and the cursor to go on with."""
    behind = select(OutboxRow.id, OutboxRow.created_at).where(OutboxRow.id > cursor.last - LOOK_BACK)
    rows = session.execute(behind.order_by(OutboxRow.id).limit(STEP + LOOK_BACK)).all()
    last = max((row.id for row in rows), default=cursor.last)
    known = frozenset(row.id for row in rows if row.id > last - LOOK_BACK)
    young = now - timedelta(seconds=HOLE_SECONDS)
    late = (row.id not in cursor.known and row.created_at > young for row in rows)
    ids = [row.id for row, is_late in zip(rows, late, strict=True) if row.id > cursor.last or is_late]
    fresh = session.scalars(select(OutboxRow).where(OutboxRow.id.in_(ids)).order_by(OutboxRow.id)).all() if ids else []
    return [_change(row) for row in fresh], Cursor(max(last, cursor.last), known)


def feed(session: Session, viewer: Viewer, after: int, limit: int, now: datetime) -> tuple[list[ChangeShape], int]:
    """The next changes after the id `after`, each once and in order, and the id to go on with."""
    chosen = select(OutboxRow).where(OutboxRow.id > after).order_by(OutboxRow.id).limit(limit)
    changes = [_change(row) for row in _settled(session.scalars(chosen), after, now)]
    seen = Sight.of(session, changes).of_these(viewer, changes)
    return seen, max((change["version"] for change in changes), default=after)


def _settled(rows: Iterable[OutboxRow], after: int, now: datetime) -> Iterator[OutboxRow]:
    for row in rows:
        if row.id > after + 1 and row.created_at > now - timedelta(seconds=HOLE_SECONDS):
            return
        after = row.id
        yield row


def _change(row: OutboxRow) -> ChangeShape:
    at = clock.iso(row.created_at)
    return {"version": row.id, "type": row.type, "subject": row.subject, "at": at, "body": row.body}


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose own the subjects of some changes are: who hears of them can then be told without asking again."""

    whose: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, session: Session, changes: Iterable[ChangeShape]) -> "Sight":
        names: defaultdict[str, set[str]] = defaultdict(set)
        for change in changes:
            kind, _, name = change["subject"].partition(":")
            names[kind].add(name)
        whose: dict[str, frozenset[int]] = {}
        for kind in READERS.keys() & names.keys():
            ids = [UUID(name) if kind == "call" else int(name) for name in names[kind]]
            whose |= {f"{kind}:{one}": users for one, users in scope.watchers(session, kind, ids).items()}
        return cls(whose)

    def of_these(self, viewer: Viewer, changes: Iterable[ChangeShape]) -> list[ChangeShape]:
        """Those of these changes that are about things within the viewer's sight, as the viewer may see them."""
        reach = {kind: viewer.users_in_reach(permission) for kind, permission in READERS.items()}
        hears = {kind for kind, permission in READERS.items() if viewer.can(permission)}
        content = calls.sees_content(viewer)
        return [_told(change, content=content) for change in changes if self._reaches(change, reach, hears)]

    def _reaches(self, change: ChangeShape, reach: Mapping[str, scope.Users], hears: AbstractSet[str]) -> bool:
        kind = change["subject"].partition(":")[0]
        if kind not in hears:
            return False
        users = reach[kind]
        owners = self.whose.get(change["subject"], frozenset())
        return users is None or not users.isdisjoint(owners) or change["type"].endswith(GONE)


def _told(change: ChangeShape, *, content: bool) -> ChangeShape:
    if content or "note" not in change["body"]:
        return change
    return {**change, "body": change["body"] | {"note": None}}


GONE = (".withdrawn", ".removed")
"""What is gone is in nobody's sight any more: whoever reads such things hears of it, by its id alone."""
READERS = {
    "call": Permission.CALLS_READ,
    "contact": Permission.LEADS_READ,
    "lead": Permission.LEADS_READ,
    "task": Permission.TASKS_READ,
}
