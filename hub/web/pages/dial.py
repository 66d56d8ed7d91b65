"""A click on a number: what to mind before, asked for once, then followed as it goes until it is over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response as Answer
from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub import clicks
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.dialing import PhoneState
from hub.domain.errors import Conflict, Invalid, Rejected
from hub.web.auth import needs, viewer
from hub.web.pages.dial_words import State, outcome, state_of
from hub.web.pages.frame import chosen_card, for_a_part, hub, pages
from hub.web.streams import Round, event, held

REMEMBERED = timedelta(hours=4)
"""A card opened again shows a call that goes on, however long it lasts; nobody talks longer than this."""
FRESH = timedelta(minutes=2)
"""And how one that is over ended, for as long as somebody may wonder."""
READY = {"ready": True, "away": False}
"""What the script of a page says of the phone in it; without scripts nobody does."""


@pages.post("/dial", endpoint="dial")
@needs(Permission.CALLS_ORIGINATE)
def dial() -> Response | str:
    """The same key again is the same click; refusals are told where the button stands."""
    click = clicks.Click(
        number=request.form.get("number", ""),
        key=request.form.get("key", ""),
        contact_id=chosen_card(),
        browser_ready=READY.get(request.form.get("browser_phone", "")),
    )
    try:
        view = clicks.dial(hub(), viewer(), click)
    except (Conflict, Invalid) as error:
        view = {"state": "refused", "detail": str(error), "number": click.number, "contact_id": click.contact_id}
    return _answer(view)


@pages.post("/dial/<uuid:dial_id>/cancel", endpoint="cancel_dial")
@needs(Permission.CALLS_ORIGINATE)
def cancel(dial_id: UUID) -> Response | str:
    """Taken back, or hung up; when that cannot be, the call goes on and the words say so."""
    try:
        return _answer(clicks.cancel(hub(), viewer(), str(dial_id)))
    except (Conflict, Rejected) as error:
        return _answer(clicks.dialled(hub(), viewer(), str(dial_id)), str(error))


def _answer(view: Mapping[str, Any], trouble: str | None = None) -> Response | str:
    if for_a_part():
        return drawn(view, trouble, small=_is_small())
    return redirect(url_for("pages.client", contact_id=view["contact_id"]) if view["contact_id"] else "/", 303)


@pages.get("/dial/<uuid:dial_id>", endpoint="dial_state")
@needs(Permission.CALLS_ORIGINATE)
def dial_state(dial_id: UUID) -> str:
    return drawn(clicks.dialled(hub(), viewer(), str(dial_id)), small=_is_small())


@pages.get("/dial/<uuid:dial_id>/events", endpoint="dial_events")
@needs(Permission.CALLS_ORIGINATE)
def dial_events(dial_id: UUID) -> Answer:
    """The click drawn anew each time it is further; the last event is how it ended."""
    clicks.dialled(hub(), viewer(), str(dial_id))
    return held(DialDesk(str(dial_id), small=_is_small()))


@dataclass(slots=True)
class DialDesk:
    """The place of a button, while what it was pressed for goes on."""

    dial_id: str
    small: bool
    permission: Permission = Permission.CALLS_ORIGINATE
    cursor: None = None
    over: bool = False
    told: str = ""

    def look(self, now: Round, asks: Viewer) -> Iterator[str]:
        view = clicks.dialled_in(now.session, asks, self.dial_id)
        state = state_of(view)
        if state.name != self.told:
            self.told = state.name
            with now.drawing(asks):
                yield event("state", drawn(view, small=self.small))
        self.over = state.over


def _is_small() -> bool:
    return "back" in request.values


def drawn(view: Mapping[str, Any], trouble: str | None = None, *, small: bool) -> str:
    """The place of the button while it is a call; `trouble`: what was asked of it and could not be."""
    return render_template("clients/dial.html", **parts(view), trouble=trouble, back=small)


def parts(view: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of a click is drawn from."""
    state = state_of(view)
    return {"dial": view, "state": state, "ended": outcome(view) if state.name == "ended" else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What to know of a number before it is called. `refusal`: it cannot be."""

    there: str | None = None
    minds: tuple[str, ...] = ()
    refusal: str | None = None

    @property
    def words(self) -> str:
        """``03:30 there, it is night there``."""
        return ", ".join(filter(None, (self.there, *self.minds)))


def before(number: str, contact_id: int) -> Before:
    """Local time there and what to mind; for those who may not call, nothing."""
    if not viewer().can(Permission.CALLS_ORIGINATE):
        return Before()
    try:
        found = clicks.check(hub(), viewer(), number, contact_id)
    except (Conflict, Invalid) as error:
        return Before(refusal=str(error))
    night = any(warning["code"] == "night" for warning in found["warnings"])
    there = found["local_time"]
    return Before(
        there=gettext("%(time)s there", time=there) if there else None,
        minds=(gettext("it is night there"),) if night else (),
        refusal=found["refusal"],
    )


def on_card(contact_id: int) -> dict[str, dict[str, Any]]:
    """Calls asked for on this card that go on, or were over just now, by number: a page opened again loses none."""
    if not viewer().can(Permission.CALLS_ORIGINATE):
        return {}
    found = clicks.going_on(hub(), viewer(), contact_id, clock.now() - REMEMBERED)
    return {number: parts(view) for number, view in found.items() if _is_news(view, state_of(view))}


def _is_news(view: Mapping[str, Any], state: State) -> bool:
    return not state.over or clock.now() - clock.parse_iso(view["created_at"]) < FRESH


@pages.get("/dial/phone", endpoint="dial_phone")
@needs(Permission.CALLS_ORIGINATE)
def own_phone() -> str:
    """Whether one's own phone would ring; asked of the phone system while the card is read already."""
    found = clicks.phone(hub(), viewer())
    away = found is not None and found[1] is PhoneState.AWAY
    return render_template("clients/phone.html", away=found[0] if found and away else None)
