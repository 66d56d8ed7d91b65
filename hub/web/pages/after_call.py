"""A call of one's own: its note, saved as typed; when it is over, what came of it and what is next in one step."""

from uuid import UUID

from flask import jsonify, make_response, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission
from hub.domain.errors import Conflict, HubError, Invalid, Stale
from hub.reads import afterwards, calls, cards
from hub.web import acts_calls
from hub.web.auth import needs, viewer
from hub.web.pages.calls import call_page
from hub.web.pages.card_work import promise_words, promised
from hub.web.pages.clients import back, card_page
from hub.web.pages.due import USUAL
from hub.web.pages.frame import desk, for_a_part, hub, pages
from hub.web.pages.results import choices

Answer = Response | tuple[str, int]


@pages.get("/clients/<int(max=2147483647):contact_id>/in-hand", endpoint="client_in_hand")
@needs(Permission.LEADS_READ)
def in_hand(contact_id: int) -> Response:
    """The viewer's own call with this client, for a card that stands open; nothing while it is as the card shows it."""
    with hub().reading() as session:
        cards.require(session, viewer(), contact_id, Permission.LEADS_READ)
        found = afterwards.in_hand(session, viewer(), contact_id, clock.now())
    shown = (request.args.get("call", ""), request.args.get("state", ""))
    if shown == ((found.call["id"], found.call["state"]) if found else ("", "")):
        return make_response("", 204)
    html = render_template(
        "calls/after.html", after=found, card={"id": contact_id}, usual=USUAL, results=choices(), typed={}, trouble={}
    )
    return make_response(html)


@pages.post("/calls/<uuid:call_id>/note", endpoint="call_note")
@needs(Permission.CALLS_WRITE)
def note(call_id: UUID) -> Answer | tuple[Response, int]:
    """The note as far as it is typed. A script is told its version, or what somebody else wrote meanwhile."""
    text, was = request.form.get("text", ""), request.form.get("version", "")
    told = for_a_part()
    try:
        version = acts_calls.save_note(desk(), call_id, text, was)
    except Stale:
        with hub().reading() as session:
            now = afterwards.of_call(session, viewer(), call_id)
        if told:
            return jsonify(version=now.version, text=now.call["note"] or ""), 409
        theirs = now.call["note"] or ""
        said = gettext("Somebody else wrote meanwhile: “%(text)s”. Yours is not saved yet.", text=theirs)
        return call_page(call_id, {"note": said}), 409
    except Invalid:
        said = gettext("A note has at most 4000 characters.")
        return (jsonify(said=said), 422) if told else (call_page(call_id, {"note": said}), 422)
    return jsonify(version=version) if told else back(None)


@pages.post("/calls/<uuid:call_id>/result", endpoint="call_result")
@needs(Permission.CALLS_WRITE)
def conclude(call_id: UUID) -> Answer:
    """What came of the call and, when something is written there, what is promised."""
    with hub().reading() as session:
        contact = calls.one(session, viewer(), call_id)["contact"]
    contact_id = contact["id"] if contact else None
    try:
        following = promised(contact_id) if request.form.get("title", "").strip() else None
        acts_calls.conclude(desk(), call_id, request.form.get("result"), following)
    except (Conflict, Invalid) as error:
        trouble, status = {"after": _words(error)}, 422 if isinstance(error, Invalid) else 409
        if contact_id is not None and request.form.get("on") == "card":
            return card_page(contact_id, trouble), status
        return call_page(call_id, trouble), status
    return back(contact_id)


def _words(error: HubError) -> str:
    if isinstance(error, Invalid) and error.field == "result":
        return gettext("Choose what came of the call.")
    return promise_words(error)
