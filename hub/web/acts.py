"""What people do to calls, cards, leads and tasks, on a page or over the API.

Each act is one transaction: in sight? allowed? then done, written into the journal and told to the live
desks. NotFound when the thing is out of sight, Forbidden when it may only be seen.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub import pipeline, settling
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Conflict
from hub.leads import cards, corrections, lead_work, notes
from hub.leads import tasks as task_work
from hub.leads.cards import CardFields
from hub.leads.models import TaskRow
from hub.leads.notes import NewNote
from hub.leads.tasks import Seen
from hub.people import journal, preferences
from hub.people.preferences import Preferences
from hub.reads import calls as call_log
from hub.reads import cards as card_reads
from hub.reads import leads as lead_reads
from hub.reads.cards import Versioned
from hub.reads.shapes import (
    CallShape,
    ContactShape,
    LeadShape,
    TaskShape,
    call_snapshot,
    contact_shapes,
    lead_shapes,
    task_shapes,
)
from hub.telephony import tagging
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

WRITE = Permission.LEADS_WRITE


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts, and on what Hub."""

    hub: Hub
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Act:
    """One transaction of one person."""

    session: Session
    viewer: Viewer
    now: datetime

    def wrote(self, action: str, subject: str, **detail: object) -> None:
        """Into the journal: who did `action` to `subject`."""
        journal.append(self.session, self.viewer, action, subject, self.now, **detail)

    def told(self, action: str, subject: str, **detail: object) -> None:
        """Into the journal, and to everybody who looks at `subject` (``lead:5``)."""
        self.wrote(action, subject, **detail)
        settling.tell_changes(self.session, [subject], self.now)


@contextmanager
def acting(desk: Desk) -> Iterator[Act]:
    """One transaction of whoever acts; what it leaves to be matched again is rung for."""
    with desk.hub.unit_of_work() as session:
        yield Act(session, desk.viewer, clock.now())
    desk.hub.doorbell.relink()


class CallNotes(TypedDict, total=False):
    """What people write about a call; what is absent stays."""

    note: str | None
    tags: list[str]


def note_call(desk: Desk, call_id: UUID, written: CallNotes) -> CallShape:
    """Write a note or tags on a call."""
    with acting(desk) as act:
        row = held_call(desk, act, call_id, Permission.CALLS_WRITE)
        return write_on_call(desk, act, row, written)


def held_call(desk: Desk, act: Act, call_id: UUID, permission: Permission) -> CallRow:
    """The call as it stands now, ours until the act is over.

    In the pipeline's order: first the connection, then the call. The other way round two wait for each other.
    """
    row = call_log.require(act.session, desk.viewer, call_id, permission)
    pipeline.open_scene(desk.hub, act.session, row.connection_id)
    act.session.refresh(row)
    return row


def write_on_call(desk: Desk, act: Act, row: CallRow, written: CallNotes) -> CallShape:
    """Within an act that holds the call: have this note and these tags on it."""
    row.note = written.get("note", row.note) or None
    tagging.tag(act.session, row, written.get("tags", row.tags))
    return _tell_call(desk, act, row, "call.noted")


def link_call(desk: Desk, call_id: UUID, contact_id: int) -> CallShape:
    """Say whose call it was. Its number is that client's from now on; a call without a number is linked alone."""
    with acting(desk) as act:
        row = held_call(desk, act, call_id, Permission.CALLS_LINK)
        card_reads.require(act.session, desk.viewer, contact_id, Permission.LEADS_READ)
        scene = pipeline.open_scene(desk.hub, act.session, row.connection_id)
        if row.external_number:
            corrections.choose(act.session, row.external_number, contact_id, desk.viewer.user_id, act.now)
        else:
            row.contact_id, row.corrected = contact_id, True
        settling.settle(scene, [row])
        return _tell_call(desk, act, row, "call.linked", contact_id=contact_id)


def _tell_call(desk: Desk, act: Act, row: CallRow, action: str, **detail: object) -> CallShape:
    row.version += 1
    settling.tell(pipeline.open_scene(desk.hub, act.session, row.connection_id), [row])
    act.wrote(action, f"call:{row.id}", **detail)
    return call_snapshot(act.session, row)


def create_card(desk: Desk, fields: CardFields) -> ContactShape:
    """A new client card; its maker owns it when nobody else is named, or it would be out of their sight."""
    own: CardFields = {"owner_id": desk.viewer.user_id}
    with acting(desk) as act:
        row = cards.create(act.session, own | fields, desk.hub.rules.region, act.now)
        act.session.flush()
        act.told("contact.created", f"contact:{row.id}")
        return contact_shapes(act.session, [row])[0]


def edit_card(desk: Desk, contact_id: int, fields: CardFields, version: int | None = None) -> ContactShape:
    """Change what is named on a card; Stale, a Conflict, when it is not of this `version` any more."""
    return new_version(desk, contact_id, fields, version).card


def new_version(desk: Desk, contact_id: int, fields: CardFields, version: int | None = None) -> Versioned:
    """`edit_card`, and which version the card is of now."""
    with acting(desk) as act:
        card_reads.require(act.session, desk.viewer, contact_id, WRITE)
        row = cards.edit(act.session, contact_id, fields, desk.hub.rules.region, act.now, version)
        act.session.flush()
        act.told("contact.edited", f"contact:{row.id}", fields=sorted(fields))
        return card_reads.version_of(act.session, row)


def add_note(desk: Desk, contact_id: int, text: str, key: str) -> None:
    """Write a note on a card; the same `key` again is the same note."""
    with acting(desk) as act:
        card_reads.require(act.session, desk.viewer, contact_id, WRITE)
        note = NewNote(contact_id=contact_id, user_id=desk.viewer.user_id, text=text, key=key)
        notes.add(act.session, note, act.now)
        act.told("contact.noted", f"contact:{contact_id}")


def open_lead(desk: Desk, contact_id: int, owner_id: int | None) -> LeadShape:
    """Open a lead by hand; Conflict when the client has an open one."""
    with acting(desk) as act:
        card_reads.require(act.session, desk.viewer, contact_id, WRITE)
        row = lead_work.open_by_hand(act.session, contact_id, owner_id or desk.viewer.user_id, act.now)
        act.told("lead.opened", f"lead:{row.id}")
        return lead_shapes(act.session, [row])[0]


class LeadChanges(TypedDict, total=False):
    """What is absent stays; `reason` belongs to a rejection."""

    status: str
    reason: str | None
    owner_id: int | None


def work_lead(desk: Desk, lead_id: int, changes: LeadChanges, was: str | None = None) -> LeadShape:
    """Move a lead along, or give it to somebody; Stale, a Conflict, when its status is not what it `was` any more."""
    with acting(desk) as act:
        row = lead_reads.require(act.session, desk.viewer, lead_id, WRITE)
        if "status" in changes:
            row = lead_work.move(act.session, lead_id, changes["status"], changes.get("reason"), act.now, was)
        if "owner_id" in changes:
            row = lead_work.assign(act.session, lead_id, changes["owner_id"])
        kept = {"reason": row.reject_reason} if "reason" in changes else {}
        act.told("lead.worked", f"lead:{lead_id}", **{**changes, **kept})
        return lead_shapes(act.session, [row])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something promised; `owner_id` None: to be kept by whoever promises. The same `key` again is the same promise."""

    title: str
    due_at: datetime
    contact_id: int | None = None
    owner_id: int | None = None
    key: str | None = None


def promise(desk: Desk, wanted: Promise) -> TaskShape:
    """Note down a promise; its owner is reminded when it is due."""
    with acting(desk) as act:
        return task_shapes(act.session, [promised(desk, act, wanted)])[0]


def promised(desk: Desk, act: Act, wanted: Promise) -> TaskRow:
    """Within an act: note down a promise, once for its key."""
    if wanted.contact_id is not None:
        card_reads.require(act.session, desk.viewer, wanted.contact_id, Permission.LEADS_READ)
    key = f"{desk.viewer.user_id}:{wanted.key}" if wanted.key else None
    if key and (made := task_work.promised(act.session, key)):
        return made
    row = task_work.promise(
        act.session,
        title=wanted.title,
        due_at=wanted.due_at,
        contact_id=wanted.contact_id,
        owner_id=wanted.owner_id or desk.viewer.user_id,
        now=act.now,
    )
    row.key = key or row.key
    act.told("task.promised", f"task:{row.id}")
    return row


def close_task(desk: Desk, task_id: int, reason: str) -> TaskShape:
    """Close a task for a stated reason."""
    with acting(desk) as act:
        lead_reads.require_task(act.session, desk.viewer, task_id, Permission.TASKS_WRITE)
        row = task_work.close(act.session, task_id, reason, desk.viewer.user_id, act.now)
        act.told("task.closed", f"task:{task_id}")
        return task_shapes(act.session, [row])[0]


def hand_over(desk: Desk, task_id: int, owner_id: int, seen: Seen | None = None) -> TaskShape:
    """Make a task somebody else's; Conflict when it is not as `seen` any more."""
    with acting(desk) as act:
        lead_reads.require_task(act.session, desk.viewer, task_id, Permission.TASKS_WRITE)
        row = task_work.hand_over(act.session, task_id, owner_id, seen)
        act.told("task.handed_over", f"task:{task_id}", owner_id=owner_id)
        return task_shapes(act.session, [row])[0]


def take_task(desk: Desk, task_id: int, seen: Seen | None = None) -> TaskShape:
    """Make a task one's own; Conflict when it is not as `seen` any more."""
    if desk.viewer.user_id is None:
        raise Conflict("only people take tasks; a program hands them over")
    with acting(desk) as act:
        lead_reads.require_task(act.session, desk.viewer, task_id, Permission.TASKS_WRITE)
        row = task_work.take(act.session, task_id, desk.viewer.user_id, seen)
        act.told("task.taken", f"task:{task_id}")
        return task_shapes(act.session, [row])[0]


def prefer(desk: Desk, changes: Mapping[str, object]) -> Preferences:
    """Choose how one likes to work; what is not named stays."""
    with acting(desk) as act:
        chosen = preferences.choose(act.session, desk.viewer.user_id, changes)
        act.wrote("user.preferred", f"user:{desk.viewer.user_id}", **changes)
        return chosen
