"""The call log, the page of one call, and "this is somebody else"."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, stream_with_context, url_for
from flask_babel import LazyString, gettext, lazy_gettext, ngettext, pgettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Forbidden, Invalid
from hub.people import glass, preferences
from hub.people.preferences import CallColumn
from hub.reads import afterwards, calls, cards, listening, people
from hub.reads.afterwards import Afterwards
from hub.reads.call_query import CallFilter
from hub.reads.names import names
from hub.reads.views import views
from hub.web import acts
from hub.web.api.csv_lines import call_lines
from hub.web.auth import needs, viewer
from hub.web.pages import filters, listen, words
from hub.web.pages.due import USUAL
from hub.web.pages.frame import chosen_card, desk, for_a_part, hub, pages, typed
from hub.web.pages.grading import STEPS
from hub.web.pages.lanes import end_of, lanes
from hub.web.pages.people_in_calls import Speaker, bar_words
from hub.web.pages.recorded import recorded
from hub.web.pages.results import choices as choices_of_results
from hub.web.pages.results import mark_of
from hub.web.pages.told import tell
from hub.web.pages.trail import Trail, here, stand_at

PAGE = 50
PLACE = "calls"
COLUMNS: Mapping[CallColumn, LazyString] = {
    CallColumn.PERSON: lazy_gettext("Our person"),
    CallColumn.LINE: lazy_gettext("Line"),
    CallColumn.WAITED: lazy_gettext("Waited"),
    CallColumn.TALKED: lazy_gettext("Talked"),
    CallColumn.RESULT: lazy_gettext("Result"),
    CallColumn.TAGS: lazy_gettext("Tags"),
    CallColumn.NOTE: lazy_gettext("Note"),
}
CANDIDATES = 8


@pages.get("/calls", endpoint="calls")
@needs(Permission.CALLS_READ)
def log() -> str:
    return log_page()


def log_page(trouble: Mapping[str, str] | None = None) -> str:
    """The log as its address asks for it; `trouble`: why what was just asked for was not done."""
    address: Mapping[str, str] = request.args
    if trouble is not None:
        address = filters.parsed(request.form.get("query", ""))
        stand_at(url_for("pages.calls"), address)
    trail = Trail.of(address)
    with hub().reading() as session:
        scene = _scene(session, address)
        reading = filters.read(address, scene)
        page = calls.page(session, viewer(), reading.wanted, trail.cursor, PAGE)
        totals = calls.totals(session, viewer(), reading.wanted)
        came_of = afterwards.results(session, viewer(), [call["id"] for call in page.items])
        heard = listening.heard_calls(session, viewer(), [UUID(call["id"]) for call in page.items])
        kept = views(session, viewer(), PLACE)
        columns = preferences.of_user(session, viewer().user_id).call_columns
    speaker, query = Speaker(scene.names), urlencode({asked.name: asked.value for asked in reading.asked})
    return render_template(
        "calls/index.html",
        calls=page.items,
        filters={asked.name: asked.value for asked in reading.asked},
        choices=list(filters.choices(reading, scene)),
        quick=list(_quick(reading)),
        views=kept,
        query=query,
        columns=columns,
        column_words=COLUMNS,
        came_of={call: mark_of(result) for call, result in came_of.items()},
        plays={str(call) for call in heard},
        may_tag=viewer().can(Permission.CALLS_WRITE),
        trouble=trouble or {},
        here=here(at=None),
        chips=[{"word": asked.word, "without": here(**{asked.name: None, "at": None})} for asked in reading.asked],
        problems=reading.problems,
        tally=_tally(totals),
        empty_because=_empty_because(reading, viewer()),
        newest=trail.newest(),
        newer=trail.newer(),
        older=trail.older(page.next),
        may_export=viewer().can(Permission.EXPORT),
        csv_address=f"{url_for('pages.calls_csv')}?{query}",
        our_person=speaker.our_person,
        line_name=speaker.line_name,
    )


def _scene(session: Session, address: Mapping[str, str]) -> filters.Scene:
    """Whatever the filters of an address may name."""
    client = address.get("client", "")
    mine = [int(client)] if client.isascii() and client.isdigit() and len(client) < 10 else []
    teams = {
        team["id"]: filters.Team(team["name"], people.members(session, team["id"])) for team in people.teams(session)
    }
    seen = cards.some(session, viewer(), mine) if mine and viewer().can(Permission.LEADS_READ) else []
    return filters.Scene(
        viewer=viewer(),
        names=names(session),
        region=hub().rules.region,
        teams=teams,
        clients={card["id"]: words.card_name(card) for card in seen},
    )


def _quick(reading: filters.Reading) -> Iterator[dict[str, Any]]:
    """The filters for one click; one more click takes them off."""
    asked = {each.name: each.value for each in reading.asked}
    for word, name, value in filters.quick():
        chosen = asked.get(name) == value
        yield {"word": word, "chosen": chosen, "address": here(**{name: None if chosen else value, "at": None})}


def _tally(totals: calls.Totals) -> str:
    if not totals["calls"]:
        return gettext("No calls")
    count = ngettext("%(count)s call", "%(count)s calls", totals["calls"], count=words.count(totals["calls"]))
    if not totals["exact"]:
        return gettext("more than %(count)s", count=count)
    return gettext("%(count)s, %(talk)s talk", count=count, talk=words.total(totals["talk_seconds"]))


def _empty_because(reading: filters.Reading, asks: Viewer) -> str:
    if reading.asked:
        return gettext("No call fits all these filters together. Take one off, or widen the days.")
    if asks.users_in_reach(Permission.CALLS_READ) is not None:
        return gettext(
            "You see your own calls and those of your clients here. The first one appears as soon as it rings."
        )
    return gettext("The phone system has reported no call yet. The first one appears as soon as it rings.")


@pages.get("/calls.csv", endpoint="calls_csv")
@needs(Permission.EXPORT)
def export() -> Response:
    """The calls these filters find, as far as the viewer's export reaches, streamed."""

    def wanted(session: Session, _region: str) -> CallFilter:
        return filters.read(request.args, _scene(session, request.args)).wanted

    answer = FlaskResponse(stream_with_context(call_lines(desk(), wanted)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=calls.csv"
    return answer


@pages.get("/calls/<uuid:call_id>", endpoint="call")
@needs(Permission.CALLS_READ)
def one(call_id: UUID) -> str:
    return call_page(call_id)


def call_page(call_id: UUID, trouble: Mapping[str, str] | None = None) -> str:
    """The call as it stands; `trouble`: why what was just asked for was not done. What was typed stays."""
    who = typed("who")
    with hub().reading() as session:
        call = calls.one(session, viewer(), call_id)
        speaker = Speaker(names(session))
        holds = calls.holds(session, viewer(), call_id)
        found = _cards(session, call, who)
        after = _after(session, call_id)
        said = afterwards.results(session, viewer(), [call["id"]]).get(call["id"])
        heard = recorded(session, call, speaker)
        broken = glass.broken(session, viewer().user_id, clock.now())
    now = clock.now()
    return render_template(
        "calls/call.html",
        call=call,
        lanes=lanes(call, holds, now),
        length=(end_of(call, now) - clock.parse_iso(call["started_at"])).total_seconds(),
        facts=list(_facts(call, speaker)),
        may_choose=viewer().can(Permission.CALLS_LINK) and call["external_number"] is not None,
        open_choice=bool(who),
        who=who,
        cards=found,
        lane_words=speaker.lane_words,
        bar_words=bar_words,
        user_name=speaker.user_name,
        recordings=heard,
        may_break_glass=viewer().can(Permission.BREAK_GLASS),
        glass=broken,
        grade_steps=STEPS,
        **listen.drawn(),
        after=after,
        result_said=mark_of(said) if said else None,
        results=choices_of_results(),
        usual=USUAL,
        trouble=trouble or {},
        typed=request.form if trouble else {},
        may_make=viewer().can(Permission.LEADS_WRITE),
    )


def _after(session: Session, call_id: UUID) -> Afterwards | None:
    """What people say of the call, for those who may write it."""
    if not viewer().can(Permission.CALLS_WRITE):
        return None
    try:
        return afterwards.of_call(session, viewer(), call_id)
    except Forbidden:
        return None


def _facts(call: Mapping[str, Any], speaker: Speaker) -> Iterator[tuple[str, str]]:
    """What is known about a call, in the order people ask for it; what is not known is left out."""
    told: tuple[tuple[str, str | None], ...] = (
        (gettext("Number"), words.number(call["external_number"]) if call["direction"] != "internal" else None),
        (gettext("Shown name"), call["external_name"]),
        (gettext("Line"), speaker.line_name(call["line"])),
        (gettext("Queue"), call["queue"]),
        (gettext("Placed by"), speaker.person(call["initiated_by"]) if call["initiated_by"] else None),
        (gettext("Answered by"), speaker.person(call["answered_by"]) if call["answered_by"] else None),
        (pgettext("moment", "Began"), words.exact(call["started_at"])),
        (pgettext("moment", "Answered"), words.exact(call["answered_at"]) if call["answered_at"] else None),
        (pgettext("moment", "Ended"), words.exact(call["ended_at"]) if call["ended_at"] else gettext("still going on")),
        (gettext("Waited"), words.duration(call["ring_seconds"])),
        (gettext("Talked"), words.duration(call["talk_seconds"])),
        (gettext("On hold"), words.duration(call["hold_seconds"]) if call["hold_seconds"] else None),
        (gettext("Hung up by"), str(words.HUNG_UP[call["hung_up_by"]]) if call["hung_up_by"] else None),
        (gettext("Reason"), tell(call["reason"])),
        (gettext("Note"), call["note"]),
        (gettext("Connection"), call["connection"]),
        (gettext("Id there"), call["provider_call_id"]),
    )
    return ((word, value) for word, value in told if value)


def _cards(session: Session, call: Mapping[str, Any], who: str) -> list[Any]:
    """The cards one may mean: those typed for, else the other candidates of the match."""
    if who:
        return cards.search(session, viewer(), who, region=hub().rules.region, limit=CANDIDATES)
    mine = call["contact"]["id"] if call["contact"] else None
    others = [each for each in call["match"]["candidates"] if each != mine]
    return cards.some(session, viewer(), others[:CANDIDATES])


@pages.get("/calls/<uuid:call_id>/choices", endpoint="choices")
@needs(Permission.CALLS_LINK)
def choices(call_id: UUID) -> str:
    who = typed("who")
    with hub().reading() as session:
        call = calls.one(session, viewer(), call_id)
        found = _cards(session, call, who)
    return render_template("calls/choices.html", call=call, cards=found, who=who)


@pages.post("/calls/<uuid:call_id>/choose", endpoint="choose")
@needs(Permission.CALLS_LINK)
def choose(call_id: UUID) -> Response:
    """A person's word on whose number this is; it is remembered and the history follows."""
    contact = chosen_card()
    if contact is None:
        raise Invalid("choose a card", "contact_id")
    acts.link_call(desk(), call_id, contact)
    if for_a_part():
        return Response(status=204)  # the live board hears of it by itself
    if request.form.get("then") == "card":
        return redirect(url_for("pages.client", contact_id=contact), 303)
    return redirect(url_for("pages.call", call_id=call_id), 303)
