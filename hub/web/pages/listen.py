"""Recordings for people: their bytes, the player as a part of a page, links, comments, and breaking the glass."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Response as FlaskResponse
from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.domain.identity import clean
from hub.reads import calls, listening, reviews
from hub.reads.shapes import CallShape
from hub.recordings.listening import log
from hub.web import acts_listening, acts_recordings, hearing
from hub.web.auth import needs, public, viewer
from hub.web.pages import words
from hub.web.pages.clients import back
from hub.web.pages.frame import desk, for_a_part, hub, pages
from hub.web.pages.player import RATES, WORDS, Player, link_lengths, players
from hub.web.pages.slots import part
from hub.web.pages.told import tell

READ = Permission.RECORDINGS_READ
ONE = "/recordings/<uuid:recording_id>"
MAX_LINK = 500
DRAWN: Mapping[str, object] = {"RATES": RATES, "STATES_OF_RECORDINGS": WORDS}


@pages.get(ONE, endpoint="recording")
@needs(Permission.CALLS_READ)
def one(recording_id: UUID) -> Response:
    """A recording's place is on the page of its call."""
    with hub().reading() as session:
        row = listening.require(session, viewer(), recording_id, Permission.CALLS_READ)
    if row.call_id is None:
        raise NotFound("this recording belongs to no call yet")
    return redirect(url_for("pages.call", call_id=row.call_id, _anchor=f"recording-{row.id}"), 303)


@pages.get(f"{ONE}/audio", endpoint="recording_audio")
@needs(READ)
def audio(recording_id: UUID) -> FlaskResponse:
    return hearing.audio(desk(), recording_id, clean(request.args.get("session"), log.MAX_KEY))


@pages.get(f"{ONE}/peaks.json", endpoint="recording_peaks")
@needs(READ)
def peaks(recording_id: UUID) -> FlaskResponse:
    return hearing.peaks(desk(), recording_id)


@pages.get(f"{ONE}/original", endpoint="recording_original")
@needs(Permission.RECORDINGS_DOWNLOAD)
def original(recording_id: UUID) -> FlaskResponse:
    return hearing.original(desk(), recording_id)


@pages.get("/r/<word>", endpoint="recording_link")
@public
def linked(word: str) -> FlaskResponse:
    """A recording for whoever has a link to it, for as long as the link says."""
    return hearing.linked(hub(), word[:MAX_LINK])


@pages.post(f"{ONE}/heard", endpoint="recording_heard")
@needs(READ)
def heard(recording_id: UUID) -> Response:
    """What a player says it played: spans of seconds of one session."""
    hearing.heard(desk(), recording_id, clean(request.form.get("session"), log.MAX_KEY), request.form.get("spans", ""))
    return make_response("", 204)


@pages.get("/calls/<uuid:call_id>/player", endpoint="call_player")
@needs(READ)
def player(call_id: UUID) -> str | Response:
    """The player of a call, where a list opens it; a page of its own is the call's."""
    with hub().reading() as session:
        call = calls.one(session, viewer(), call_id)
        found = of_call(session, viewer(), call) if for_a_part() else []
    if not for_a_part():
        return redirect(url_for("pages.call", call_id=call_id, _anchor="recordings"), 303)
    return render_template("recordings/part.html", call=call, players=found, **drawn())


def of_call(session: Session, asks: Viewer, call: CallShape) -> list[Player]:
    """The players of a call as the viewer may see them."""
    contact, outside = call["contact"], call["external_number"]
    party = words.card_name(contact) if contact else words.number(outside) if outside else gettext("Client")
    return players(session, asks, call, party)


def drawn() -> Mapping[str, object]:
    """What the templates of players need beside the players."""
    return {**DRAWN, "link_lengths": link_lengths()}


@pages.post(f"{ONE}/link", endpoint="recording_share")
@needs(Permission.RECORDINGS_SHARE)
def share(recording_id: UUID) -> Response:
    """A link that opens this recording alone and ends; shown to be copied."""
    text = request.form.get("hours", "")
    hours = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    try:
        word, ends = acts_listening.share(desk(), recording_id, hours)
    except Invalid as error:
        return part("recordings/link.html", gettext("Link to a recording"), status=422, problem=tell(str(error)))
    address = f"{current_app.config['HUB_PUBLIC_URL']}{url_for('pages.recording_link', word=word)}"
    return part(
        "recordings/link.html",
        gettext("Link to a recording"),
        link=address,
        ends=words.exact(clock.iso(ends)),
        id=recording_id,
    )


@pages.post(f"{ONE}/erase", endpoint="recording_erase")
@needs(Permission.RECORDINGS_ERASE)
def erase(recording_id: UUID) -> Response:
    """Erase it for good, for the reason that is given."""
    return _disposed(lambda why: acts_recordings.erase(desk(), recording_id, why), gettext("The recording is erased."))


@pages.post(f"{ONE}/hold", endpoint="recording_hold")
@needs(Permission.RECORDINGS_ERASE)
def hold(recording_id: UUID) -> Response:
    """It must stay, for the reason that is given."""
    return _disposed(
        lambda why: acts_recordings.hold(desk(), recording_id, why),
        gettext("The recording stays, whatever a rule says, until it is released."),
    )


@pages.post(f"{ONE}/release", endpoint="recording_release")
@needs(Permission.RECORDINGS_ERASE)
def release(recording_id: UUID) -> Response:
    """It need not stay any more."""
    return _disposed(
        lambda _: acts_recordings.release(desk(), recording_id), gettext("The recording need not stay any more.")
    )


def _disposed(act: Callable[[str], UUID | None], done: str) -> Response:
    """Back on the page it was said on, with what came of it."""
    try:
        act(request.form.get("why", ""))
        flash(done)
    except (Invalid, Conflict) as error:
        flash(tell(str(error)))
    return back(None)


@pages.post(f"{ONE}/remarks", endpoint="recording_remark")
@needs(Permission.RECORDINGS_REMARK)
def remark(recording_id: UUID) -> Response:
    """A comment or a tag at a second."""
    form, problem, status = request.form, "", 200
    try:
        second = float(form.get("second", "")[:12])
    except ValueError:
        second = -1.0
    try:
        acts_listening.remark(desk(), recording_id, second, form.get("text", ""), form.get("tag", ""))
    except (Invalid, Conflict) as error:
        problem, status = tell(str(error)), 422 if isinstance(error, Invalid) else 409
    return _remarks(recording_id, problem, status)


@pages.post(f"{ONE}/remarks/<int(max=2147483647):remark_id>/drop", endpoint="recording_drop_remark")
@needs(Permission.RECORDINGS_REMARK)
def drop_remark(recording_id: UUID, remark_id: int) -> Response:
    acts_listening.drop_remark(desk(), recording_id, remark_id)
    return _remarks(recording_id)


def _remarks(recording_id: UUID, problem: str = "", status: int = 200) -> Response:
    """The list as it is now; without scripts, the page of the call."""
    if not for_a_part():
        if problem:
            flash(problem)
        return back(None)
    with hub().reading() as session:
        listening.require(session, viewer(), recording_id)
        found = reviews.remarks(session, recording_id)
    html = render_template("recordings/remarks.html", id=str(recording_id), remarks=found, problem=problem)
    return make_response(html, status)


@pages.post("/recordings/glass", endpoint="break_glass")
@needs(Permission.BREAK_GLASS)
def break_glass() -> Response:
    """An administrator hears recordings, for a reason and some hours."""
    text = request.form.get("hours", "")
    hours = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    try:
        until = acts_listening.break_glass(desk(), request.form.get("reason", ""), hours)
        flash(gettext("Recordings are open to you until %(moment)s.", moment=words.exact(clock.iso(until))))
    except Invalid as error:
        flash(tell(str(error)))
    return back(None)


@pages.post("/recordings/glass/mend", endpoint="mend_glass")
@needs(Permission.BREAK_GLASS)
def mend_glass() -> Response:
    acts_listening.mend_glass(desk())
    flash(gettext("Recordings are closed to you again."))
    return back(None)
