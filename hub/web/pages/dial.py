"""A click on a number: asked for once, then told how far it is until it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response

from hub import clicks
from hub.domain import clock
from hub.domain.access import Permission
from hub.domain.errors import Conflict, Invalid
from hub.web.auth import needs, viewer
from hub.web.pages.frame import chosen_card, hub, pages

PATIENCE = timedelta(seconds=90)
"""Longer than a phone rings, so that a call that began is known by then."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a click is: the words, whether it goes on from here, the tone of the words."""

    words: LazyString
    over: bool = False
    tone: str = ""


STATES: Mapping[str, State] = {
    "asked": State(lazy_gettext("Asking the phone system…")),
    "calling_you": State(lazy_gettext("Calling you: pick up your phone")),
    "calling_client": State(lazy_gettext("Calling the client…")),
    "talking": State(lazy_gettext("Talking"), tone="good"),
    "ended": State(lazy_gettext("The call is over"), over=True),
    "silent": State(lazy_gettext("The phone system has said nothing more of this call"), over=True, tone="bad"),
    "cancelled": State(lazy_gettext("Taken back"), over=True),
    "refused": State(lazy_gettext("Not called"), over=True, tone="bad"),
}


@pages.post("/dial", endpoint="dial")
@needs(Permission.CALLS_ORIGINATE)
def dial() -> Response | str:
    """The same key again is the same click; refusals are told where the button stands."""
    click = clicks.Click(
        number=request.form.get("number", ""), key=request.form.get("key", ""), contact_id=chosen_card()
    )
    try:
        view = clicks.dial(hub(), viewer(), click)
    except (Conflict, Invalid) as error:
        view = {"state": "refused", "detail": str(error), "number": click.number, "contact_id": click.contact_id}
    if "HX-Request" not in request.headers:
        return redirect(url_for("pages.client", contact_id=click.contact_id) if click.contact_id else "/", 303)
    return _said(view)


@pages.get("/dial/<uuid:dial_id>", endpoint="dial_state")
@needs(Permission.CALLS_ORIGINATE)
def dial_state(dial_id: UUID) -> str:
    return _said(clicks.dialled(hub(), viewer(), str(dial_id)))


def _forgotten(view: Mapping[str, Any]) -> bool:
    """Asked for long ago, and no call has come of it: nobody waits any longer."""
    if view["state"] == "refused" or view["call_id"]:
        return False
    return clock.now() - clock.parse_iso(view["created_at"]) > PATIENCE


def _said(view: Mapping[str, Any]) -> str:
    state = "silent" if _forgotten(view) else view["state"]
    return render_template("clients/dial.html", dial=view, state=STATES[state], back="back" in request.values)
