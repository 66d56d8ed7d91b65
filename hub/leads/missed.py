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
from hub.storage.database import upsert

KIND = "missed_call"


@dataclass(frozen=True, slots=True)
class Segment:
    """The time between two talks. `proof` is the call that ends it; None: nobody has talked since."""

    key: str
    begins: datetime | None
    ends: datetime | None
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


def settle(telling: Telling, rule: Rule, owner: Owner) -> None:
    """Bring the missed-call tasks in line with this contact: a try, a talk, or neither any more."""
    attempt = telling.session.get(TryRow, telling.subject, populate_existing=True)
    wanted = rule.open_task and telling.person.e164 is not None
    moments = list(_changed_moments(telling, attempt, wanted=wanted))
    if not moments:
        return
    if wanted:
        _keep_try(telling, rule, owner)
    elif attempt:
        telling.session.delete(attempt)
    telling.session.flush()
    former = {attempt.task_id} if attempt and attempt.task_id else set()
    for key in sorted({key for key, _ in moments}):
        _place(telling, key, [at for who, at in moments if who == key], former)


def _changed_moments(telling: Telling, attempt: TryRow | None, *, wanted: bool) -> Iterator[tuple[str, datetime]]:
    """Where on whose line of time this contact stands now, and stood before."""
    before, contacted = telling.before, telling.contacted
    if attempt:
        yield attempt.key, attempt.at
    if before and before.key and before.talked_until:
        yield before.key, before.talked_until
    if telling.person.e164:
        key = telephone_key(telling.person.e164)
        if wanted:
            yield key, contacted.at
        if contacted.talked_until:
            yield key, contacted.talked_until


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


def _place(telling: Telling, key: str, moments: Iterable[datetime], former: set[int]) -> None:
    """Compute the tasks of the segments around these moments again."""
    session = telling.session
    if not former and not session.scalar(select(exists().where(TryRow.key == key))):
        return
    segments = {segment for at in moments for segment in _around(session, key, at)}
    latest_first = sorted(segments, key=lambda segment: (segment.ends is None, segment.ends), reverse=True)
    taken: set[int] = set()
    seen = set(former)
    for segment in latest_first:
        had = session.scalars(select(TryRow.task_id).where(segment.holds()).distinct())
        seen |= {task_id for task_id in had if task_id is not None}
        if task := _task_of(session, segment, taken):
            taken.add(task.id)
            _fill(session, segment, task, telling.changes)
    for task_id in sorted(seen - taken):
        _drop_empty(session, task_id, telling.changes)


def _around(session: Session, key: str, at: datetime) -> Iterator[Segment]:
    """The segment that ends at `at` or holds it, and the one that begins there."""
    ends = {_first_talk(session, key, ContactedRow.talked_until >= at)}
    ends.add(_first_talk(session, key, ContactedRow.talked_until > at))
    for talk in ends:
        before = ContactedRow.talked_until < talk[0] if talk else ContactedRow.talked_until.is_not(None)
        begins = session.scalar(select(func.max(ContactedRow.talked_until)).where(ContactedRow.key == key, before))
        yield Segment(key, begins, *talk) if talk else Segment(key, begins, None)


def _first_talk(session: Session, key: str, where: ColumnElement[bool]) -> tuple[datetime, str, int | None] | None:
    talk = session.execute(
        select(ContactedRow.talked_until, ContactedRow.subject, ContactedRow.talked_with)
        .where(ContactedRow.key == key, where)
        .order_by(ContactedRow.talked_until, ContactedRow.subject)
        .limit(1)
    ).one_or_none()
    return (talk.talked_until, talk.subject, talk.talked_with) if talk else None


def _task_of(session: Session, segment: Segment, taken: set[int]) -> TaskRow | None:
    """The segment's task: the one it has, else one its missed calls had, else a new one; None without any."""
    if not session.scalar(select(exists().where(segment.holds()))):
        return None
    own = TaskRow.proof == segment.proof if segment.proof else TaskRow.state == "open"
    mine = select(TryRow.task_id).where(segment.holds())
    free = TaskRow.id.not_in(taken)
    has = select(TaskRow).where(TaskRow.kind == KIND, TaskRow.key == segment.key, free)
    task = session.scalars(has.where(own).limit(1)).one_or_none()
    task = task or session.scalars(has.where(TaskRow.id.in_(mine)).order_by(TaskRow.id).limit(1)).one_or_none()
    return task or _new_task(session, segment)


def _new_task(session: Session, segment: Segment) -> TaskRow:
    first = session.scalars(select(TryRow).where(segment.holds()).order_by(TryRow.at, TryRow.call).limit(1)).one()
    values = {
        "kind": KIND,
        "key": segment.key,
        "state": "closed" if segment.proof else "open",
        "proof": segment.proof,
        "first_at": first.at,
        "last_at": first.at,
        "due_at": first.due_at,
    }
    row = upsert(session, TaskRow).values(**values)
    once = row.on_conflict_do_nothing(index_elements=["kind", "key"], index_where=text("state = 'open'"))
    created = session.scalar(once.returning(TaskRow.id))
    if created is None:  # somebody who holds no lock of ours was quicker: theirs is the one
        where = (TaskRow.kind == KIND, TaskRow.key == segment.key, TaskRow.state == "open")
        return session.scalars(select(TaskRow).where(*where)).one()
    return session.get_one(TaskRow, created)


def _fill(session: Session, segment: Segment, task: TaskRow, changes: Changes) -> None:
    """Put the segment's missed calls into the task and let it say what they say."""
    moved = update(TryRow).where(segment.holds(), TryRow.task_id.is_distinct_from(task.id)).values(task_id=task.id)
    session.execute(moved.execution_options(synchronize_session=False))
    tries, last_at = session.execute(select(func.count(), func.max(TryRow.at)).where(segment.holds())).one()
    first, contact_id = session.execute(
        select(TryRow, ContactedRow.contact_id)
        .outerjoin(ContactedRow, and_(ContactedRow.channel == "call", ContactedRow.subject == TryRow.call))
        .where(segment.holds())
        .order_by(TryRow.at, TryRow.call)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()
    changes.put(
        task,
        number=segment.key.removeprefix("tel:"),
        tries=tries,
        first_at=first.at,
        last_at=last_at,
        contact_id=contact_id,
        line=first.line,
        head_id=first.head_id,
        remind_at=first.remind_at,
        due_at=first.due_at,
        state="closed" if segment.proof else "open",
        proof=segment.proof,
        closed_at=segment.ends,
        closed_by=segment.talked_with,
    )
    if not task.assigned:
        changes.put(task, owner_id=first.owner_id, owner_why=first.owner_why)
    session.flush()
    tell_card(session, task)


def tell_card(session: Session, task: TaskRow) -> None:
    """The task's entry in the timeline of its card, or none when it is nobody's."""
    if task.contact_id is None:
        timeline.remove(session, "task", str(task.id))
        return
    timeline.record(session, task.contact_id, "task", str(task.id), at=task.first_at, why=_words(task))


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
