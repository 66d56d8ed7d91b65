"""Tasks as people work on them: promised, handed over, closed with a reason; how soon missed calls were returned."""

import re
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.errors import Conflict, Invalid
from hub.leads import checks, missed, persons
from hub.leads.models import ContactRow, TaskRow

MAX_TITLE = 200
MAX_REASON = 300
PROMISE = "promise"
KEY = re.compile(r"[\x21-\x7e]{1,64}")


def promise(
    session: Session, *, title: str, due_at: datetime, contact_id: int | None, owner_id: int | None, now: datetime
) -> TaskRow:
    """Something promised to a client, with the moment it is due; its owner is reminded then."""
    if contact_id is not None:
        checks.held(session, ContactRow, contact_id).stand_in = False
    task = TaskRow(
        kind=PROMISE,
        key=uuid4().hex,
        title=checks.needed(title, "title", MAX_TITLE),
        contact_id=contact_id,
        owner_id=owner_id,
        owner_why="given by a person" if owner_id is not None else "",
        assigned=True,
        first_at=now,
        last_at=now,
        remind_at=checks.aware(due_at, "due_at"),
        due_at=due_at,
    )
    session.add(task)
    checks.write(session)
    missed.tell_card(session, task)
    return task


def promised(session: Session, key: str) -> TaskRow | None:
    """What was promised under this key; with None the key is held until the transaction ends, for the one made now."""
    if not KEY.fullmatch(key):
        raise Invalid("expected at most 50 printable characters without spaces", "key")
    persons.lock(session, [key])
    return session.scalar(select(TaskRow).where(TaskRow.kind == PROMISE, TaskRow.key == key))


def close(session: Session, task_id: int, reason: str, by: int | None, now: datetime) -> TaskRow:
    """Close a task for a stated reason; Conflict when it is closed already, whether by a person or by proof."""
    task = _open(session, task_id)
    task.state, task.closed_at, task.closed_by = "closed", now, by
    task.close_reason = checks.needed(reason, "reason", MAX_REASON)
    session.flush()
    return task


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose a task was when somebody looked at it."""

    owner_id: int | None


def hand_over(session: Session, task_id: int, owner_id: int, seen: Seen | None = None) -> TaskRow:
    """Make it somebody else's work; they are reminded anew. Conflict when it is not as `seen` any more."""
    return _give(session, _open(session, task_id), owner_id, "handed over", seen)


def take(session: Session, task_id: int, owner_id: int, seen: Seen | None = None) -> TaskRow:
    """Make it one's own work; Conflict when it is not as `seen` any more."""
    return _give(session, _open(session, task_id), owner_id, "taken", seen)


def _give(session: Session, task: TaskRow, owner_id: int, why: str, seen: Seen | None) -> TaskRow:
    if seen is not None and task.owner_id not in (seen.owner_id, owner_id):
        raise Conflict("somebody else has got this task meanwhile")
    task.owner_id, task.owner_why, task.assigned, task.reminded_at = owner_id, why, True, None
    checks.write(session)
    return task


def _open(session: Session, task_id: int) -> TaskRow:
    """The open task, held; no call of the same person changes it meanwhile."""
    if key := session.scalar(select(TaskRow.key).where(TaskRow.id == task_id)):
        persons.lock(session, [key])
    task = checks.held(session, TaskRow, task_id)
    if task.state != "open":
        raise Conflict("this task is closed already")
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBacks:
    """Missed calls of a time: how many, how many were returned, and how soon (first try → proof)."""

    missed: int
    returned: int
    waiting: int
    median_seconds: float | None
    longest_seconds: float | None


def call_backs(session: Session, since: datetime, until: datetime) -> CallBacks:
    """The report over missed calls whose first try was in ``[since, until)``."""
    mine = (TaskRow.kind == missed.KIND, TaskRow.first_at >= since, TaskRow.first_at < until)
    times = select(TaskRow.first_at, TaskRow.closed_at).where(*mine, TaskRow.proof.is_not(None))
    took = [clock.seconds(closed - first) for first, closed in session.execute(times) if closed]
    count = select(func.count()).where(*mine)
    return CallBacks(
        missed=session.scalar(count) or 0,
        returned=len(took),
        waiting=session.scalar(count.where(TaskRow.state == "open")) or 0,
        median_seconds=median(took) if took else None,
        longest_seconds=max(took, default=None),
    )
