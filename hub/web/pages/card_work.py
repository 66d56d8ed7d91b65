"""What is done on a card beside talking: leads moved, taken and given; promises made, kept and handed over.

What cannot be done is told on the card as it stands by then, beside what was typed.
"""

import re
from collections.abc import Callable

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, HubError, Invalid
from hub.reads import leads
from hub.reads.shapes import TaskShape
from hub.web import acts
from hub.web.acts import LeadChanges, Promise
from hub.web.auth import needs, viewer
from hub.web.pages import words
from hub.web.pages.clients import back, card_page
from hub.web.pages.due import due
from hub.web.pages.frame import BIGGEST_ID, desk, hub, pages
from hub.web.pages.told import tell

Answer = Response | tuple[str, int]
CARD = "/clients/<int(max=2147483647):contact_id>"
LEAD = "/leads/<int(max=2147483647):lead_id>"
TASK = "/tasks/<int(max=2147483647):task_id>"


def on_card(
    contact_id: int | None, panel: str, act: Callable[[], object], told: Callable[[HubError], str] = str
) -> Answer:
    """Act, and go back to where the form stood; what stands against it is told in that panel of the card."""
    try:
        act()
    except (Conflict, Invalid) as error:
        if contact_id is None:
            raise
        return card_page(contact_id, {panel: told(error)}), 422 if isinstance(error, Invalid) else 409
    return back(contact_id, panel)


@pages.post(f"{CARD}/lead", endpoint="client_lead")
@needs(Permission.LEADS_WRITE)
def open_lead(contact_id: int) -> Answer:
    """A lead opened by hand; its opener's."""
    return on_card(
        contact_id,
        "lead",
        lambda: acts.open_lead(desk(), contact_id, None),
        lambda _: gettext("This client has an open lead already."),
    )


@pages.post(f"{LEAD}/status", endpoint="lead_move")
@needs(Permission.LEADS_WRITE)
def move(lead_id: int) -> Answer:
    """A step from the status one saw: when somebody else was quicker, that is told and nothing is moved."""
    changes: LeadChanges = {"status": request.form.get("status", "")}
    if changes["status"] == "rejected":
        changes["reason"] = request.form.get("reason")
    was = request.form.get("was")
    return on_card(
        _client_of(lead_id),
        "lead",
        lambda: acts.work_lead(desk(), lead_id, changes, was),
        lambda error: _not_moved(lead_id, error),
    )


def _client_of(lead_id: int) -> int:
    with hub().reading() as session:
        return leads.one(session, viewer(), lead_id)["contact_id"]


def _not_moved(lead_id: int, error: HubError) -> str:
    if isinstance(error, Invalid):
        return gettext("Say in a few words why.") if error.field == "reason" else gettext("Choose a step.")
    with hub().reading() as session:
        lead = leads.one(session, viewer(), lead_id)
    status = str(words.LEAD_STATUS[lead["status"]]).lower()
    return gettext("Somebody moved this lead meanwhile: it is %(status)s now. Nothing was changed.", status=status)


@pages.post(f"{LEAD}/owner", endpoint="lead_give")
@needs(Permission.LEADS_WRITE)
def give(lead_id: int) -> Answer:
    """Taken, or given to somebody."""
    return on_card(
        _client_of(lead_id),
        "lead",
        lambda: acts.work_lead(desk(), lead_id, {"owner_id": _somebody()}),
        lambda _: gettext("Choose somebody from the list."),
    )


def _somebody() -> int:
    """Whom a form names."""
    text = request.form.get("owner_id", "")
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > BIGGEST_ID:
        raise Invalid("choose somebody from the list", "owner_id")
    return int(text)


@pages.post(f"{CARD}/tasks", endpoint="client_promise")
@needs(Permission.TASKS_WRITE)
def promise(contact_id: int) -> Answer:
    return on_card(contact_id, "tasks", lambda: acts.promise(desk(), promised(contact_id)), promise_words)


def promised(contact_id: int | None) -> Promise:
    """What a form promises; the same form again is the same promise."""
    return Promise(
        title=request.form.get("title", ""),
        due_at=due(),
        contact_id=contact_id,
        owner_id=_somebody() if request.form.get("owner_id") else None,
        key=request.form.get("key") or None,
    )


def promise_words(error: HubError) -> str:
    match error:
        case Invalid(field="title"):
            return gettext("Say what is promised, in at most 200 characters.")
        case Invalid(field="owner_id"):
            return gettext("Choose somebody from the list.")
    return tell(str(error))


@pages.post(f"{TASK}/close", endpoint="task_close")
@needs(Permission.TASKS_WRITE)
def close(task_id: int) -> Answer:
    return on_card(
        _task(task_id)["contact_id"],
        "tasks",
        lambda: acts.close_task(desk(), task_id, request.form.get("reason", "")),
        _task_words,
    )


@pages.post(f"{TASK}/owner", endpoint="task_give")
@needs(Permission.TASKS_WRITE)
def hand_over(task_id: int) -> Answer:
    return on_card(
        _task(task_id)["contact_id"],
        "tasks",
        lambda: acts.hand_over(desk(), task_id, _somebody()),
        _task_words,
    )


def _task(task_id: int) -> TaskShape:
    with hub().reading() as session:
        return leads.task(session, viewer(), task_id)


def _task_words(error: HubError) -> str:
    match error:
        case Invalid(field="reason"):
            return gettext("Say in a few words why it is done.")
        case Invalid():
            return gettext("Choose somebody from the list.")
    return gettext("Somebody closed this task meanwhile.")
