"""The clock on tasks: their owner is reminded in time, and what is late goes to the team's head."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hub.leads import missed
from hub.leads.changes import Changes
from hub.leads.models import TaskRow

BATCH = 500
"""Tasks of one run; the next run takes the rest."""


def run(session: Session, now: datetime) -> tuple[str, ...]:
    """Remind and escalate whatever is due; the subjects that changed (``task:9``)."""
    changes = Changes()
    remind_due(session, now, changes)
    escalate_due(session, now, changes)
    return changes.subjects


def remind_due(session: Session, now: datetime, changes: Changes) -> None:
    """Mark every open task whose time to remind has come, once."""
    for task in _due(session, TaskRow.reminded_at.is_(None), TaskRow.remind_at <= now):
        changes.put(task, reminded_at=now)


def escalate_due(session: Session, now: datetime, changes: Changes) -> None:
    """Hand every missed call that was not returned in time to the head of the line's team, once.

    Without a head it stays whose it is, and is marked all the same.
    """
    for task in _due(session, TaskRow.kind == missed.KIND, TaskRow.escalated_at.is_(None), TaskRow.due_at <= now):
        changes.put(task, escalated_at=now)
        if task.head_id is not None:
            why = "not called back in time, so it went to the team's head"
            changes.put(task, owner_id=task.head_id, owner_why=why, assigned=True)
        missed.tell_card(session, task)


def _due(session: Session, *clauses: ColumnElement[bool]) -> Sequence[TaskRow]:
    """Open tasks, oldest first; those another scheduler holds are left to it."""
    due = select(TaskRow).where(TaskRow.state == "open", *clauses).order_by(TaskRow.due_at, TaskRow.id).limit(BATCH)
    return session.scalars(due.with_for_update(skip_locked=True)).all()
