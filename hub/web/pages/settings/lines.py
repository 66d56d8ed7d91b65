"""Lines for administrators: whom each rings and what is recorded, changed in a form; and what would happen if."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Invalid
from hub.domain.identity import PhoneNumber
from hub.domain.routing import Route
from hub.reads import people, routing
from hub.reads.names import names
from hub.reads.people import LineShape, UserShape
from hub.switchboard import Switchboard
from hub.web.api import lines as api
from hub.web.auth import needs, viewer
from hub.web.pages import words
from hub.web.pages.frame import BIGGEST_ID, desk, hub, pages, typed
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.settings import line_words
from hub.web.pages.settings.sections import sections

FIELDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("Name"),
    "owner_id": lazy_gettext("Whose line"),
    "ring_user_ids": lazy_gettext("Whom to ring"),
    "ring_seconds": lazy_gettext("Seconds to ring"),
    "record_inbound": lazy_gettext("Record incoming calls"),
    "record_outbound": lazy_gettext("Record outgoing calls"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line as its row tells it."""

    line: LineShape
    whom: str
    phoneless: str | None
    recorded: Sequence[str]
    hours: Sequence[str]


@pages.get("/settings/lines", endpoint="settings_lines")
@needs(Permission.CONNECTIONS_READ)
def lines() -> str:
    with hub().reading() as session:
        found, rung, speaker = people.lines(session), routing.rung(session), Speaker(names(session))
        phones = {line["id"]: _phones(people.users(session), line) for line in found}
    asked = _asked(found)
    return render_template(
        "settings/lines.html",
        sections=sections(),
        rows=[_row(line, rung[line["id"]], speaker) for line in found],
        user_name=speaker.user_name,
        may_edit=viewer().can(Permission.LINES_WRITE),
        lines=found,
        chosen=asked,
        caller=typed("from"),
        told=_told(asked, speaker, phones[asked["id"]]) if asked else None,
    )


def _row(line: LineShape, rung: routing.Rung, speaker: Speaker) -> Row:
    return Row(
        line=line,
        whom=line_words.whom(line, rung, speaker),
        phoneless=line_words.phoneless(rung, speaker),
        recorded=list(line_words.recorded(line)),
        hours=line_words.hours(line),
    )


def _phones(users: Sequence[UserShape], line: LineShape) -> dict[str, int]:
    """Whose each phone of the line's phone system is."""
    here = line["connection"]
    return {
        phone["number"]: user["id"]
        for user in users
        for phone in user["extensions"]
        if here in (None, phone["connection"])
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What would happen; `problem` instead, when it cannot be said."""

    problem: str | None = None
    who: str = ""
    open: bool = True
    message: bool = False
    steps: Sequence[str] = ()
    recorded: str = ""
    why: str = ""


def _asked(found: Sequence[LineShape]) -> LineShape | None:
    """The line somebody thinks of calling, once both are named."""
    wanted = typed("to") if typed("from") else ""
    return next((line for line in found if line["number"] == wanted), None)


def _told(line: LineShape, speaker: Speaker, owners: Mapping[str, int]) -> Told:
    caller = typed("from")
    if line["connection"] is None:
        return Told(problem=gettext("No phone system brings calls to this line."))
    with hub().reading() as session:
        connection = hub().connections.named(session, line["connection"])
    route = Switchboard(hub(), connection).route(caller, line["number"])
    return Told(
        who=_who(route, PhoneNumber.parse(caller, line["region"])),
        open=route.open,
        message=route.voicemail,
        steps=list(line_words.steps(route, speaker, owners)),
        recorded=str(line_words.RECORDING[route.record]),
        why=route.why,
    )


def _who(route: Route, number: PhoneNumber) -> str:
    """The caller as Hub knows him."""
    if number.e164 is None:
        return gettext("Unknown caller: %(typed)s is no number one could know", typed=number.typed)
    if route.name is None:
        return gettext("New caller %(number)s: no card certainly has this number", number=words.number(number.e164))
    return gettext("%(name)s, %(number)s", name=route.name, number=words.number(number.e164))


@pages.get("/settings/lines/<int(max=2147483647):line_id>", endpoint="settings_line")
@needs(Permission.LINES_WRITE)
def line(line_id: int) -> str:
    with hub().reading() as session:
        return _form(session, people.line(session, line_id))


@pages.post("/settings/lines/<int(max=2147483647):line_id>", endpoint="edit_line")
@needs(Permission.LINES_WRITE)
def edit(line_id: int) -> Response | tuple[str, int]:
    """The form is a PATCH of the API: the same bounds, the same journal."""
    given = _given(request.form)
    with hub().reading() as session:
        line = people.line(session, line_id)
    try:
        changed = api.edit_line(desk(), line_id, api.LinePatch.model_validate(given))
    except (ValidationError, Invalid) as error:
        with hub().reading() as session:
            return _form(session, {**line, **given}, _problems(error)), 422
    flash(gettext("%(name)s is saved", name=changed["name"] or words.number(changed["number"])))
    return redirect(url_for("pages.settings_lines"), 303)


def _given(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form's fields as the API takes them; what is no number stays text, and is refused by name."""
    return {
        "name": form.get("name", ""),
        "owner_id": _whole(form["owner_id"]) if form.get("owner_id") else None,
        "owner_first": "owner_first" in form,
        "ring_user_ids": [_whole(each) for each in form.getlist("ring_user_ids")],
        "ring_seconds": _whole(form.get("ring_seconds", "")),
        "voicemail": "voicemail" in form,
        "record_inbound": form.get("record_inbound", ""),
        "record_outbound": form.get("record_outbound", ""),
    }


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(BIGGEST_ID)) else text


def _problems(error: ValidationError | Invalid) -> dict[str, str]:
    """What is wrong, by field, in the order of the form."""
    if isinstance(error, Invalid):
        return {error.field or "name": str(error)}
    found = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in error.errors()}
    if "ring_seconds" in found:
        found["ring_seconds"] = gettext("a whole number from 5 to 120")
    return {name: found[name] for name in FIELDS if name in found}


def _form(session: Session, line: Mapping[str, Any], problems: Mapping[str, str] | None = None) -> str:
    chosen = (line["owner_id"], *line["ring_user_ids"])
    users = [user for user in people.users(session) if user["active"] or user["id"] in chosen]
    return render_template(
        "settings/line.html",
        sections=sections(),
        line=line,
        users=users,
        phones={user["id"]: _here(user, line["connection"]) for user in users},
        problems=problems or {},
        fields=FIELDS,
        recording=line_words.RECORDING,
    )


def _here(user: UserShape, connection: str | None) -> str:
    return ", ".join(phone["number"] for phone in user["extensions"] if connection in (None, phone["connection"]))
