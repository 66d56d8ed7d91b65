"""A missed call is work: one open task per person, closed only by proof or by a person with a reason.

All missed calls of a person stand on one line of time together with the talks. A talk closes every
missed call before it, so the talks cut the line into segments: each segment with missed calls is one
task, closed by the talk at its end; the last segment is the open task. Computing the segments around
a change gives the same tasks whatever order the calls are told in. What a person closed stays closed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from hub.domain.hours import BusinessHours
from hub.leads import timeline
from hub.leads.changes import Changes
from hub.leads.models import ContactedRow, TaskRow, TryRow
from hub.leads.persons import telephone_key
from hub.leads.rules import Owner, Rule
from hub.leads.telling import Telling
from hub.leads.timeline import Entry
from hub.storage.database import upsert

KIND = "missed_call"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where on the line of time of a person something changed."""

    key: str
    at: datetime
    talk: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """The time between two talks. `proof` is the call that ends it; None: nobody has talked since."""

    key: str
    begins: datetime | None
    ends: datetime | None = None
    proof: str | None = None
    talked_with: int | None = None

    def holds(self) -> ColumnElement[bool]:
        """The missed calls of this segment, but those a person closed."""
        ours = or_(TryRow.task_id.is_(None), TryRow.task_id.not_in(_closed_by_hand(self.key)))
        clauses = [TryRow.key == self.key, ours]
        if self.begins:
            clauses.append(TryRow.at >= self.begins)
        if self.ends:
            clauses.append(TryRow.at < self.ends)
        return and_(*clauses)

    def owns(self, task: TaskRow) -> bool:
        """Whether the task is this segment's already."""
        return task.proof == self.proof if self.proof else task.state == "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """The missed calls of a segment together; `task_id`: the one task they all are in, if it is one."""

    first: TryRow
    contact_id: int | None
    count: int
    last_at: datetime
    task_id: int | None


def settle(telling: Telling, rule: Rule, owner: Owner) -> None:
    """Bring the missed-call tasks in line with this contact: a try, a talk, or neither any more."""
    attempt = telling.session.get(TryRow, telling.subject, populate_existing=True) if telling.before else None
    wanted = rule.open_task and telling.person.e164 is not None
    moments = set(_changed(telling, attempt, wanted=wanted))
    if wanted:
        _keep_try(telling, rule, owner)
    elif attempt:
        telling.session.delete(attempt)
    telling.session.flush()
    former = {attempt.task_id} if attempt and attempt.task_id else set()
    for key in sorted({moment.key for moment in moments}):
        _place(telling, key, [moment for moment in moments if moment.key == key], former)


def _changed(telling: Telling, attempt: TryRow | None, *, wanted: bool) -> Iterator[Moment]:
    """Where this contact stands now, and stood before."""
    before, contacted = telling.before, telling.contacted
    if attempt:
        yield Moment(attempt.key, attempt.at)
    if before and before.key and before.talked_until:
        yield Moment(before.key, before.talked_until, talk=True)
    if telling.person.e164:
        key = telephone_key(telling.person.e164)
        if wanted:
            yield Moment(key, contacted.at)
        if contacted.talked_until:
            yield Moment(key, contacted.talked_until, talk=True)


def _keep_try(telling: Telling, rule: Rule, owner: Owner) -> None:
    contacted = telling.contacted
    hours = BusinessHours.lenient(contacted.line.hours, contacted.line.timezone)
    values: dict[str, Any] = {
        "key": telling.person.key,
        "at": contacted.at,
        "remind_at": hours.after(contacted.at, rule.deadline_minutes // 2),
        "due_at": hours.after(contacted.at, rule.deadline_minutes),
        "line": contacted.line.number,
        "head_id": contacted.line.team_head_id,
    }
    # Whom the rules named at first stays, whoever owns the card today.
    named = {"owner_id": owner.user_id, "owner_why": owner.why}
    row = upsert(telling.session, TryRow).values(call=telling.subject, **values, **named)
    telling.session.execute(row.on_conflict_do_update(index_elements=["call"], set_=values))


def _place(telling: Telling, key: str, moments: Iterable[Moment], former: set[int]) -> None:
    """Compute the tasks of the segments around these moments again."""
    session = telling.session
    if not former and not session.scalar(select(exists().where(TryRow.key == key))):
        return
    segments = {segment for moment in moments for segment in _around(session, moment)}
    taken: set[int] = set()
    seen = set(former)
    for segment in sorted(segments, key=lambda segment: (segment.ends is None, segment.ends), reverse=True):
        if tries := _tries(session, segment):
            had = _tasks(session, segment)
            task = _pick(segment, had, taken) or _new_task(telling, segment, tries)
            taken.add(task.id)
            seen |= {other.id for other in had}
            _fill(telling, segment, tries, task)
    for task_id in sorted(seen - taken):
        _drop_empty(session, task_id, telling.changes)


def _around(session: Session, moment: Moment) -> Iterator[Segment]:
    """The segment that holds the moment; where a talk is, was or will be, also the one that ends there."""
    talks, at = ContactedRow.talked_until, moment.at
    yield _segment(session, moment.key, before=talks <= at, after=talks > at)
    if moment.talk:
        yield _segment(session, moment.key, before=talks < at, after=talks >= at)


def _segment(session: Session, key: str, *, before: ColumnElement[bool], after: ColumnElement[bool]) -> Segment:
    """Between the last talk `before` and the first `after`."""
    mine = ContactedRow.key == key
    begins = session.scalar(select(func.max(ContactedRow.talked_until)).where(mine, before))
    ends = session.execute(
        select(ContactedRow.talked_until, ContactedRow.subject, ContactedRow.talked_with)
        .where(mine, after)
        .order_by(ContactedRow.talked_until, ContactedRow.subject)
        .limit(1)
    ).one_or_none()
    return Segment(key, begins, *ends) if ends else Segment(key, begins)


def _tries(session: Session, segment: Segment) -> Tries | None:
    row = session.execute(
        select(
            TryRow,
            ContactedRow.contact_id,
            func.count().over(),
            func.max(TryRow.at).over(),
            func.min(TryRow.task_id).over(),
            func.max(TryRow.task_id).over(),
            func.count(TryRow.task_id).over(),
        )
        .outerjoin(ContactedRow, and_(ContactedRow.channel == "call", ContactedRow.subject == TryRow.call))
        .where(segment.holds())
        .order_by(TryRow.at, TryRow.call)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    first, contact_id, count, last_at, lowest, highest, placed = row
    together = lowest == highest and placed == count
    return Tries(first=first, contact_id=contact_id, count=count, last_at=last_at, task_id=lowest if together else None)


def _tasks(session: Session, segment: Segment) -> list[TaskRow]:
    """The segment's own task and those its missed calls are in, oldest first."""
    own = TaskRow.proof == segment.proof if segment.proof else TaskRow.state == "open"
    having = TaskRow.id.in_(select(TryRow.task_id).where(segment.holds()))
    mine = (TaskRow.kind == KIND, TaskRow.key == segment.key, or_(own, having))
    found = select(TaskRow).where(*mine).order_by(TaskRow.id).execution_options(populate_existing=True)
    return list(session.scalars(found))


def _pick(segment: Segment, tasks: Iterable[TaskRow], taken: set[int]) -> TaskRow | None:
    """The segment's own task, else the oldest its missed calls were in that no other segment has."""
    free = [task for task in tasks if task.id not in taken]
    return next((task for task in free if segment.owns(task)), next(iter(free), None))


def _new_task(telling: Telling, segment: Segment, tries: Tries) -> TaskRow:
    session = telling.session
    row = upsert(session, TaskRow).values(kind=KIND, key=segment.key, **_said(segment, tries), **_owner(tries))
    once = row.on_conflict_do_nothing(index_elements=["kind", "key"], index_where=text("state = 'open'"))
    task = session.scalars(once.returning(TaskRow)).one_or_none()
    if task is None:  # somebody who holds no lock of ours was quicker: theirs is the one
        where = (TaskRow.kind == KIND, TaskRow.key == segment.key, TaskRow.state == "open")
        return session.scalars(select(TaskRow).where(*where)).one()
    telling.changes.mark(task)
    return task


def _said(segment: Segment, tries: Tries) -> dict[str, Any]:
    """What the missed calls of a segment say of their task."""
    return {
        "number": segment.key.removeprefix("tel:"),
        "tries": tries.count,
        "first_at": tries.first.at,
        "last_at": tries.last_at,
        "contact_id": tries.contact_id,
        "line": tries.first.line,
        "head_id": tries.first.head_id,
        "remind_at": tries.first.remind_at,
        "due_at": tries.first.due_at,
        "state": "closed" if segment.proof else "open",
        "proof": segment.proof,
        "closed_at": segment.ends,
        "closed_by": segment.talked_with,
    }


def _owner(tries: Tries) -> dict[str, Any]:
    return {"owner_id": tries.first.owner_id, "owner_why": tries.first.owner_why}


def _fill(telling: Telling, segment: Segment, tries: Tries, task: TaskRow) -> None:
    """Put the segment's missed calls into the task and let it say what they say."""
    session = telling.session
    if tries.task_id != task.id:
        moved = update(TryRow).where(segment.holds()).values(task_id=task.id)
        session.execute(moved.execution_options(synchronize_session=False))
    telling.changes.put(task, **_said(segment, tries))
    if not task.assigned:
        telling.changes.put(task, **_owner(tries))
    session.flush()
    tell_card(session, task)


def tell_card(session: Session, task: TaskRow) -> None:
    """The task's entry in the timeline of its card, or none when it is nobody's."""
    if task.contact_id is None:
        timeline.remove(session, "task", str(task.id))
        return
    timeline.record(session, task.contact_id, Entry("task", str(task.id), task.first_at, _words(task)))


def _words(task: TaskRow) -> str:
    if task.kind != KIND:
        return f"promised: {task.title}"
    return "nobody answered; not called back in time" if task.escalated_at else "nobody answered; to be called back"


def _drop_empty(session: Session, task_id: int, changes: Changes) -> None:
    """A task without tries never was; one a person closed keeps its reason."""
    task = session.get(TaskRow, task_id)
    if task is None or (task.state == "closed" and task.proof is None):
        return
    if session.scalar(select(exists().where(TryRow.task_id == task_id))):
        return
    changes.mark(task)
    timeline.remove(session, "task", str(task_id))
    session.execute(delete(TaskRow).where(TaskRow.id == task_id))
    session.expunge(task)


def _closed_by_hand(key: str) -> Select[int]:
    return select(TaskRow.id).where(TaskRow.key == key, TaskRow.state == "closed", TaskRow.proof.is_(None))
