"""Missed calls as work: taken, handed over, closed with a reason. Calling back is a click like any other."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Invalid
from hub.leads.tasks import Seen
from hub.reads import leads
from hub.reads.names import colleagues
from hub.reads.shapes import TaskShape
from hub.web import acts
from hub.web.auth import needs, viewer
from hub.web.pages import slots
from hub.web.pages.frame import desk, hub, pages

TASK = "/live/tasks/<int(max=2147483647):task_id>"


def quick_reasons() -> Sequence[str]:
    """Why a missed call needs no talk, as most often."""
    return (
        gettext("Wrong number"),
        gettext("Advertising or spam"),
        gettext("Settled in another way"),
        gettext("Cannot be reached"),
    )


@pages.post(f"{TASK}/take", endpoint="take_task")
@needs(Permission.TASKS_WRITE)
def take(task_id: int) -> Response:
    """Mine from now on; who comes second is told whose it is."""
    acts.take_task(desk(), task_id, _seen())
    return slots.done()


@pages.get(f"{TASK}/hand-over", endpoint="hand_over_form")
@needs(Permission.TASKS_WRITE)
def hand_over_form(task_id: int) -> Response:
    return _hand_over(_task(task_id))


@pages.post(f"{TASK}/hand-over", endpoint="hand_over_task")
@needs(Permission.TASKS_WRITE)
def hand_over(task_id: int) -> Response:
    try:
        owner = slots.chosen_id("owner_id")
        if owner is None:
            raise Invalid(gettext("Choose a colleague."), "owner_id")
        acts.hand_over(desk(), task_id, owner, _seen())
    except Invalid as error:
        return _hand_over(_task(task_id), error)
    return slots.done()


def _hand_over(task: TaskShape, error: Invalid | None = None) -> Response:
    with hub().reading() as session:
        others = [(user_id, name) for user_id, name in colleagues(session).items() if user_id != task["owner_id"]]
    return slots.part(
        "live/hand_over.html",
        gettext("Hand over"),
        status=422 if error else 200,
        problems=slots.problems_of(error) if error else {},
        task=task,
        colleagues=others,
        seen=request.form.get("seen", task["owner_id"] or ""),
    )


@pages.get(f"{TASK}/close", endpoint="close_form")
@needs(Permission.TASKS_WRITE)
def close_form(task_id: int) -> Response:
    return _close(_task(task_id))


@pages.post(f"{TASK}/close", endpoint="close_task")
@needs(Permission.TASKS_WRITE)
def close(task_id: int) -> Response:
    """A quick reason or own words; own words are the stronger ones."""
    words = request.form.get("words", "")
    try:
        acts.close_task(desk(), task_id, words.strip() or request.form.get("reason", ""))
    except Invalid as error:
        return _close(_task(task_id), words, error)
    return slots.done()


def _close(task: TaskShape, words: str = "", error: Invalid | None = None) -> Response:
    return slots.part(
        "live/close_task.html",
        gettext("Close"),
        status=422 if error else 200,
        problems=slots.problems_of(error) if error else {},
        task=task,
        reasons=quick_reasons(),
        words=words,
    )


def _seen() -> Seen:
    """Whose the task was when the card was drawn."""
    return Seen(slots.chosen_id("seen"))


def _task(task_id: int) -> TaskShape:
    """The task whose form this is: one may not only see it, but work on it."""
    with hub().reading() as session:
        leads.require_task(session, viewer(), task_id, Permission.TASKS_WRITE)
        return leads.task(session, viewer(), task_id)
