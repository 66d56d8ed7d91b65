"""Leads and tasks within the viewer's sight."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.domain.access import Permission, Viewer
from hub.leads.models import LeadRow, TaskRow
from hub.reads import scope
from hub.reads.paging import Page, Place, bounded, cut, later, older
from hub.reads.shapes import LeadShape, TaskShape, lead_shapes, task_shapes

READ = Permission.LEADS_READ
READ_TASKS = Permission.TASKS_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """None and empty mean "any"; `since`: opened at or after."""

    since: datetime | None = None
    statuses: tuple[str, ...] = ()
    owner_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """`state` None: open and closed ones."""

    state: Literal["open", "closed"] | None = None
    kind: str | None = None
    owner_id: int | None = None
    contact_id: int | None = None


def page(
    session: Session, viewer: Viewer, wanted: LeadFilter, cursor: str | None = None, limit: int = 50
) -> Page[LeadShape]:
    """Leads, newest first."""
    chosen = _leads(viewer, wanted)
    if cursor is not None:
        chosen = chosen.where(older(LeadRow.created_at, LeadRow.id, Place.parse(cursor, int)))
    rows = session.scalars(chosen.order_by(LeadRow.created_at.desc(), LeadRow.id.desc()).limit(bounded(limit) + 1))
    found = cut(rows.all(), limit, lambda row: Place(row.created_at, row.id))
    return Page(lead_shapes(session, found.items), found.next)


def _leads(viewer: Viewer, wanted: LeadFilter) -> Select[LeadRow]:
    chosen = select(LeadRow).where(scope.leads(viewer.users_in_reach(READ)))
    if wanted.since is not None:
        chosen = chosen.where(LeadRow.created_at >= wanted.since)
    if wanted.statuses:
        chosen = chosen.where(LeadRow.status.in_(wanted.statuses))
    if wanted.owner_id is not None:
        chosen = chosen.where(LeadRow.owner_id == wanted.owner_id)
    if wanted.contact_id is not None:
        chosen = chosen.where(LeadRow.contact_id == wanted.contact_id)
    return chosen


def one(session: Session, viewer: Viewer, lead_id: int) -> LeadShape:
    """The lead; NotFound when there is none or the viewer may not see it."""
    return lead_shapes(session, [require(session, viewer, lead_id, READ)])[0]


def seen(session: Session, viewer: Viewer, lead_id: int) -> LeadShape | None:
    """The lead; None when it is out of the viewer's sight, though its card is not."""
    mine = scope.leads(viewer.users_in_reach(READ))
    row = session.scalar(select(LeadRow).where(LeadRow.id == lead_id, mine))
    return lead_shapes(session, [row])[0] if row else None


def some(session: Session, viewer: Viewer, ids: Sequence[int]) -> list[LeadShape]:
    """Those of these leads that the viewer may see."""
    mine = scope.leads(viewer.users_in_reach(READ))
    return lead_shapes(session, session.scalars(select(LeadRow).where(LeadRow.id.in_(ids), mine)).all()) if ids else []


def require(session: Session, viewer: Viewer, lead_id: int, permission: Permission) -> LeadRow:
    """The row to do something with: NotFound when it is out of sight, Forbidden when `permission` does not reach it."""

    def reached(by: Permission) -> LeadRow | None:
        mine = scope.leads(viewer.users_in_reach(by))
        return session.scalar(select(LeadRow).where(LeadRow.id == lead_id, mine))

    return scope.allowed(reached(READ), reached(permission), "lead")


def tasks(
    session: Session, viewer: Viewer, wanted: TaskFilter, cursor: str | None = None, limit: int = 50
) -> Page[TaskShape]:
    """Tasks: open ones by due time, what is due first before the rest; closed or all of them latest due first."""
    chosen = _tasks(viewer, wanted)
    place = None if cursor is None else Place.parse(cursor, int)
    if wanted.state == "open":
        chosen = chosen if place is None else chosen.where(later(TaskRow.due_at, TaskRow.id, place))
        ordered = chosen.order_by(TaskRow.due_at, TaskRow.id)
    else:
        chosen = chosen if place is None else chosen.where(older(TaskRow.due_at, TaskRow.id, place))
        ordered = chosen.order_by(TaskRow.due_at.desc(), TaskRow.id.desc())
    rows: Sequence[TaskRow] = session.scalars(ordered.limit(bounded(limit) + 1)).all()
    found = cut(rows, limit, lambda row: Place(row.due_at, row.id))
    return Page(task_shapes(session, found.items), found.next)


def _tasks(viewer: Viewer, wanted: TaskFilter) -> Select[TaskRow]:
    chosen = select(TaskRow).where(scope.tasks(viewer.users_in_reach(READ_TASKS)))
    if wanted.state is not None:
        chosen = chosen.where(TaskRow.state == wanted.state)
    if wanted.kind is not None:
        chosen = chosen.where(TaskRow.kind == wanted.kind)
    if wanted.owner_id is not None:
        chosen = chosen.where(TaskRow.owner_id == wanted.owner_id)
    if wanted.contact_id is not None:
        chosen = chosen.where(TaskRow.contact_id == wanted.contact_id)
    return chosen


def task(session: Session, viewer: Viewer, task_id: int) -> TaskShape:
    """The task; NotFound when there is none or the viewer may not see it."""
    return task_shapes(session, [require_task(session, viewer, task_id, READ_TASKS)])[0]


def require_task(session: Session, viewer: Viewer, task_id: int, permission: Permission) -> TaskRow:
    """The row to do something with: NotFound when it is out of sight, Forbidden when `permission` does not reach it."""

    def reached(by: Permission) -> TaskRow | None:
        mine = scope.tasks(viewer.users_in_reach(by))
        return session.scalar(select(TaskRow).where(TaskRow.id == task_id, mine))

    return scope.allowed(reached(READ_TASKS), reached(permission), "task")
