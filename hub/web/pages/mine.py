"""One's own calls, on every page: a notice as soon as one's phone rings, and the card that opens by itself.

The server says what rings and talks at the viewer's phones and whether this is the moment the viewer has chosen for the
card to open; the page opens it, unless somebody is typing there, for whom the notice offers it instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.people import preferences
from hub.people.preferences import CardOpens
from hub.reads import mine
from hub.reads.mine import MyCall
from hub.web import acts, auth
from hub.web.auth import needs, signed_in, viewer
from hub.web.pages.drawing import Drawing
from hub.web.pages.frame import desk, for_a_part, hub, pages
from hub.web.streams import Round, event, held


@pages.post("/preferences", endpoint="prefer")
@signed_in
def prefer() -> Answer:
    """What one chose in the account menu; what the form does not name stays."""
    names = preferences.Preferences.model_fields.keys() & request.form.keys()
    acts.prefer(desk(), {name: request.form[name] for name in sorted(names)})
    if for_a_part():
        return Response(status=204)
    return redirect(auth.local(request.form.get("back")), 303)


@pages.get("/live/mine", endpoint="mine")
@needs(Permission.CALLS_READ)
def now() -> str:
    """The notices that stand now, for a page that got no line."""
    with hub().reading() as session:
        return "".join(html for _, html in Watch().changes(session, viewer()))


@pages.get("/live/mine/events", endpoint="mine_events")
@needs(Permission.CALLS_READ)
def events() -> Response:
    """``mine``: a notice as it is now; ``mine-gone``: the id of one that is over."""
    return held(OwnDesk())


@dataclass(slots=True)
class Watch:
    """What one page has been told of its owner's calls; tells what is different now."""

    told: dict[str, object] = field(default_factory=dict)
    """By call: what its notice was drawn from."""
    begun: bool = False

    def look(self, now: Round, asks: Viewer) -> Iterator[str]:
        """What is different, as events; how things stand, when the page has just begun to listen."""
        if self.begun and not now.concerns(asks.user_id, self.told.keys()):
            return
        self.begun = True
        with now.drawing(asks):
            yield from [event(name, data) for name, data in self.changes(now.session, asks)]

    def changes(self, session: Session, asks: Viewer) -> list[tuple[str, str]]:
        """What is different, by the name of its event."""
        here = {each["call"]["id"]: each for each in mine.my_calls(session, asks, clock.now())}
        gone = [("mine-gone", f"mine-{call_id}") for call_id in self.told if call_id not in here]
        new = {call_id: each for call_id, each in here.items() if self.told.get(call_id) != each}
        self.told = dict(here)
        if not new:
            return gone
        opens = preferences.of_user(session, asks.user_id).card_opens
        drawing = Drawing.of(session, asks, [each["call"] for each in new.values()])
        return gone + [("mine", _notice(drawing, each, opens)) for each in new.values()]


@dataclass(slots=True)
class OwnDesk:
    """Any page but the board: one's own calls."""

    permission: Permission = Permission.CALLS_READ
    cursor: None = None
    over: bool = False
    watch: Watch = field(default_factory=Watch)

    def look(self, now: Round, asks: Viewer) -> Iterator[str]:
        return self.watch.look(now, asks)


def _notice(drawing: Drawing, mine: MyCall, opens: CardOpens) -> str:
    call = mine["call"]
    known = drawing.known(call)
    unclear = bool(known["choices"])
    now = opens is CardOpens.ON_RING or (opens is CardOpens.ON_ANSWER and mine["doing"] == "talks")
    address = url_for("pages.client", contact_id=call["contact"]["id"]) if call["contact"] and known["card"] else None
    return render_template(
        "live/mine.html",
        call=call,
        doing=mine["doing"],
        address=address,
        opens=now and address is not None and not unclear,
        user_name=drawing.speaker.user_name,
        line_name=drawing.speaker.line_name,
        in_dock=True,
        **known,
    )
