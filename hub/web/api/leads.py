"""Leads and tasks: what is to be done, by whom, until when."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from hub.domain.access import Permission
from hub.reads import leads
from hub.reads.leads import LeadFilter, TaskFilter
from hub.reads.shapes import LeadShape, TaskShape
from hub.reads.shapes.cards import LeadStatus, TaskKind
from hub.web import acts
from hub.web.acts import Desk, LeadChanges
from hub.web.api import inputs
from hub.web.api.inputs import Body, Listed, Patch, QueryId
from hub.web.api.operations import LEAD, TASK, api

LEADS, TASKS = "Leads", "Tasks"


class LeadQuery(Listed):
    status: tuple[LeadStatus, ...] = Field((), max_length=5)
    owner: QueryId | None = Field(None, description="The user whose lead it is.")
    contact: QueryId | None = Field(None, description="The client card.")
    since: inputs.When | None = Field(None, description="Opened at or after this moment.")


class LeadPage(TypedDict):
    """Leads, newest first."""

    items: list[LeadShape]
    next: str | None


class NewLead(Body):
    """A lead opened by hand. Without an owner it belongs to whoever opens it."""

    contact_id: inputs.Id
    owner_id: inputs.Id | None = None


class LeadPatch(Patch):
    """What changes on a lead; a rejection needs its `reason`."""

    status: LeadStatus = "new"
    reason: Annotated[str, StringConstraints(max_length=200)] | None = None
    owner_id: inputs.Id | None = None


class TaskQuery(Listed):
    state: Literal["open", "closed", "all"] = Field(
        "open", description="Open ones come by due time, others latest first."
    )
    kind: TaskKind | None = None
    owner: QueryId | None = Field(None, description="The user whose task it is.")
    contact: QueryId | None = Field(None, description="The client card.")


class TaskPage(TypedDict):
    """Tasks in the order of their due times."""

    items: list[TaskShape]
    next: str | None


class NewTask(Body):
    """A promise. Without an owner it is kept by whoever makes it."""

    title: inputs.Name
    due_at: inputs.When
    contact_id: inputs.Id | None = None
    owner_id: inputs.Id | None = None


class TaskPatch(Body):
    """To whom the task is handed over."""

    owner_id: inputs.Id


class Closing(Body):
    """Why the task is closed without proof."""

    reason: inputs.Reason


@api.operation("GET", "/leads", Permission.LEADS_READ, LEADS)
def list_leads(desk: Desk, query: LeadQuery) -> LeadPage:
    """Leads, newest first."""
    wanted = LeadFilter(since=query.since, statuses=query.status, owner_id=query.owner, contact_id=query.contact)
    with desk.hub.reading() as session:
        page = leads.page(session, desk.viewer, wanted, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("POST", "/leads", Permission.LEADS_WRITE, LEADS, status=201, problems=(404, 409))
def open_lead(desk: Desk, body: NewLead) -> LeadShape:
    """Open a lead by hand; a client has one open lead at most."""
    return acts.open_lead(desk, body.contact_id, body.owner_id)


@api.operation("GET", LEAD, Permission.LEADS_READ, LEADS)
def get_lead(desk: Desk, lead_id: int) -> LeadShape:
    """One lead."""
    with desk.hub.reading() as session:
        return leads.one(session, desk.viewer, lead_id)


@api.operation("PATCH", LEAD, Permission.LEADS_WRITE, LEADS, problems=(409,))
def work_lead(desk: Desk, lead_id: int, body: LeadPatch) -> LeadShape:
    """Move a lead along, or give it to somebody (null: to nobody)."""
    changes: LeadChanges = body.given()
    return acts.work_lead(desk, lead_id, changes)


@api.operation("GET", "/tasks", Permission.TASKS_READ, TASKS)
def list_tasks(desk: Desk, query: TaskQuery) -> TaskPage:
    """Missed calls to return, and promises."""
    state = None if query.state == "all" else query.state
    wanted = TaskFilter(state=state, kind=query.kind, owner_id=query.owner, contact_id=query.contact)
    with desk.hub.reading() as session:
        page = leads.tasks(session, desk.viewer, wanted, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("POST", "/tasks", Permission.TASKS_WRITE, TASKS, status=201, problems=(404, 409))
def promise(desk: Desk, body: NewTask) -> TaskShape:
    """Note down a promise; its owner is reminded when it is due."""
    wanted = acts.Promise(title=body.title, due_at=body.due_at, contact_id=body.contact_id, owner_id=body.owner_id)
    return acts.promise(desk, wanted)


@api.operation("GET", TASK, Permission.TASKS_READ, TASKS)
def get_task(desk: Desk, task_id: int) -> TaskShape:
    """One task."""
    with desk.hub.reading() as session:
        return leads.task(session, desk.viewer, task_id)


@api.operation("PATCH", TASK, Permission.TASKS_WRITE, TASKS, problems=(409,))
def hand_over_task(desk: Desk, task_id: int, body: TaskPatch) -> TaskShape:
    """Hand an open task over; the new owner is reminded anew."""
    return acts.hand_over(desk, task_id, body.owner_id)


@api.operation("POST", f"{TASK}/close", Permission.TASKS_WRITE, TASKS, problems=(409,))
def close_task(desk: Desk, task_id: int, body: Closing) -> TaskShape:
    """Close a task for a stated reason; missed calls also close by themselves once somebody talked."""
    return acts.close_task(desk, task_id, body.reason)
