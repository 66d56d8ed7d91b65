"""The day of one person: what is due, what they missed, whose leads wait for them, what they have done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub.domain.access import Permission, Viewer
from hub.leads.missed import KIND as MISSED
from hub.leads.models import LeadRow, TaskRow
from hub.leads.tasks import PROMISE
from hub.reads.shapes import LeadShape, TaskShape, lead_shapes, task_shapes
from hub.telephony.belonging import TOOK_PART
from hub.telephony.models import CallRow, ParticipantRow

MOST = 100
"""Of each kind of work: nobody's day holds more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`calls` in which one talked since the day began, and for how long; the tasks that were closed."""

    calls: int
    talk_seconds: float
    tasks: list[TaskShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Everything of the viewer's own, what has waited longest first; `later`: promises of the days after."""

    due: list[TaskShape]
    missed: list[TaskShape]
    leads: list[LeadShape]
    later: list[TaskShape]
    done: Done


def day(session: Session, viewer: Viewer, begin: datetime, end: datetime) -> Day:
    """The viewer's day, which lasts from `begin` to `end`."""
    mine = (TaskRow.owner_id == viewer.user_id, TaskRow.state == "open")
    promised = (*mine, TaskRow.kind == PROMISE)
    return Day(
        due=_tasks(session, *promised, TaskRow.due_at < end),
        missed=_tasks(session, *mine, TaskRow.kind == MISSED),
        leads=_leads(session, viewer),
        later=_tasks(session, *promised, TaskRow.due_at >= end),
        done=_done(session, viewer, begin),
    )


def waiting(session: Session, viewer: Viewer, now: datetime) -> int:
    """How many promises are due and missed calls wait, counted up to `MOST`: what the rail says."""
    mine = (TaskRow.owner_id == viewer.user_id, TaskRow.state == "open")
    some = select(TaskRow.id).where(*mine, (TaskRow.kind == MISSED) | (TaskRow.due_at <= now)).limit(MOST)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _tasks(session: Session, *clauses: ColumnElement[bool]) -> list[TaskShape]:
    rows = session.scalars(select(TaskRow).where(*clauses).order_by(TaskRow.due_at, TaskRow.id).limit(MOST))
    return task_shapes(session, rows.all())


def _leads(session: Session, viewer: Viewer) -> list[LeadShape]:
    """New ones nobody has answered yet."""
    if not viewer.can(Permission.LEADS_READ):
        return []
    mine = select(LeadRow).where(LeadRow.owner_id == viewer.user_id, LeadRow.status == "new", LeadRow.current)
    return lead_shapes(session, session.scalars(mine.order_by(LeadRow.created_at, LeadRow.id).limit(MOST)).all())


def _done(session: Session, viewer: Viewer, begin: datetime) -> Done:
    closed = (TaskRow.owner_id == viewer.user_id, TaskRow.state == "closed", TaskRow.closed_at >= begin)
    rows = session.scalars(select(TaskRow).where(*closed).order_by(TaskRow.closed_at.desc()).limit(MOST)).all()
    talks = select(func.count(), func.coalesce(func.sum(CallRow.talk_seconds), 0.0)).join(
        ParticipantRow, ParticipantRow.call_id == CallRow.id
    )
    mine = (ParticipantRow.user_id == viewer.user_id, ParticipantRow.because == TOOK_PART)
    calls, seconds = session.execute(
        talks.where(*mine, ParticipantRow.started_at >= begin, CallRow.talk_seconds > 0)
    ).one()
    return Done(calls=calls, talk_seconds=round(seconds, 1), tasks=task_shapes(session, rows))
