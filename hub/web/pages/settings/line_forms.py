"""The form of a line: what it is called, when it is open, whose it is, whom it rings, what is recorded."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext, lazy_pgettext
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, HubError
from hub.reads import people
from hub.reads.people import LineShape, UserShape
from hub.web.api import lines as api
from hub.web.auth import needs
from hub.web.pages import forms, words
from hub.web.pages.forms import WHOLE, Problems
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings import choices, hours_fields, line_words
from hub.web.pages.settings.sections import page

ONE = "/settings/lines/<int(max=2147483647):line_id>"
FIELDS: Mapping[str, LazyString] = {
    "number": lazy_gettext("Number"),
    "name": lazy_pgettext("of a thing", "Name"),
    "region": lazy_gettext("Region"),
    "timezone": lazy_gettext("Time zone"),
    "connection": lazy_gettext("Phone system"),
    "hours-mon": lazy_gettext("Monday"),
    "hours-tue": lazy_gettext("Tuesday"),
    "hours-wed": lazy_gettext("Wednesday"),
    "hours-thu": lazy_gettext("Thursday"),
    "hours-fri": lazy_gettext("Friday"),
    "hours-sat": lazy_gettext("Saturday"),
    "hours-sun": lazy_gettext("Sunday"),
    "hours-holidays": lazy_gettext("Holidays"),
    "hours": lazy_gettext("Business hours"),
    "owner_id": lazy_gettext("Whose line"),
    "team_id": lazy_gettext("Team"),
    "ring_user_ids": lazy_gettext("Whom to ring"),
    "ring_seconds": lazy_gettext("Seconds to ring"),
    "record_inbound": lazy_gettext("Record incoming calls"),
    "record_outbound": lazy_gettext("Record outgoing calls"),
    "keep_inbound_days": lazy_gettext("Keep recordings of incoming calls, days"),
    "keep_outbound_days": lazy_gettext("Keep recordings of outgoing calls, days"),
}
EXPECTED: Mapping[str, LazyString] = {
    "number": lazy_gettext("a telephone number, such as +442079460000"),
    "region": lazy_gettext("a country in two letters, such as GB"),
    "timezone": lazy_gettext("a time zone such as Europe/Kyiv"),
    "connection": lazy_gettext("one of the phone systems in the list"),
    "owner_id": lazy_gettext("one of the people in the list"),
    "team_id": lazy_gettext("one of the teams in the list"),
    "ring_user_ids": lazy_gettext("people of the list"),
    "ring_seconds": lazy_gettext("a whole number from 5 to 120"),
    "record_inbound": lazy_gettext("one of the answers in the list"),
    "record_outbound": lazy_gettext("one of the answers in the list"),
    "keep_inbound_days": lazy_gettext("a whole number of days, up to 36500, or nothing"),
    "keep_outbound_days": lazy_gettext("a whole number of days, up to 36500, or nothing"),
}


@pages.get("/settings/lines/new", endpoint="settings_new_line")
@needs(Permission.LINES_WRITE)
def new() -> str:
    rules = hub().rules
    with hub().reading() as session:
        used = [one.name for one in hub().connections.all(session) if one.enabled]
        blank = {"number": "", "name": "", "region": rules.region, "timezone": rules.timezone}
        return _new_form(session, blank | {"connection": used[0] if len(used) == 1 else None})


@pages.post("/settings/lines/new", endpoint="settings_add_line")
@needs(Permission.LINES_WRITE)
def add() -> Response | tuple[str, int]:
    """The form is a POST of the API; what else there is to say of a line is said on its own page."""
    given = _about(request.form) | {"number": request.form.get("number", "").strip()}
    try:
        made = api.create_line(desk(), forms.read(api.NewLineBody, given))
    except (ValidationError, HubError) as error:
        taken = isinstance(error, Conflict)
        problems = {"number": gettext("this is a line already")} if taken else forms.problems(error, EXPECTED)
        with hub().reading() as session:
            return _new_form(session, given, problems), 422
    flash(gettext("%(name)s is added: say below whom it rings", name=made["name"] or words.number(made["number"])))
    return redirect(url_for("pages.settings_line", line_id=made["id"]), 303)


def _new_form(session: Session, filled: Mapping[str, Any], problems: Problems | None = None) -> str:
    return page(
        "line_new",
        line=filled,
        connections=_connections(session, filled["connection"]),
        zones=choices.zones(str(filled["timezone"])),
        problems=problems or {},
        told=list(forms.listed(problems or {}, FIELDS)),
        fields=FIELDS,
    )


def _connections(session: Session, also: object) -> list[tuple[str, str]]:
    """Phone systems in use, and the one that is chosen."""
    return [(one.name, one.name) for one in hub().connections.all(session) if one.enabled or one.name == also]


@pages.get(ONE, endpoint="settings_line")
@needs(Permission.LINES_WRITE)
def line(line_id: int) -> str:
    with hub().reading() as session:
        kept = people.line(session, line_id)
        return _form(session, kept, kept, hours_fields.shown(kept["hours"]))


@pages.post(ONE, endpoint="edit_line")
@needs(Permission.LINES_WRITE)
def edit(line_id: int) -> Response | tuple[str, int]:
    """The form is a PATCH of the API that names what was changed in it alone."""
    with hub().reading() as session:
        kept = people.line(session, line_id)
        quicker = forms.overtaken(session, f"line:{line_id}", kept)
    given, problems = _given(request.form)
    wanted = forms.changed(given, {**kept, "hours": hours_fields.whole(kept["hours"])})
    if quicker is not None:
        problems = {WHOLE: quicker}
    try:
        if not problems and wanted:
            api.edit_line(desk(), line_id, forms.read(api.LinePatch, wanted))
    except (ValidationError, HubError) as error:
        problems = forms.problems(error, EXPECTED)
    if problems:
        with hub().reading() as session:
            filled, now = {**kept, **given}, people.line(session, line_id)
            return _form(session, filled, now, hours_fields.typed(request.form), problems), 409 if quicker else 422
    flash(gettext("%(name)s is saved", name=given["name"] or words.number(kept["number"])))
    return redirect(url_for("pages.settings_lines"), 303)


def _about(form: MultiDict[str, str]) -> dict[str, Any]:
    return {
        "name": form.get("name", "").strip(),
        "region": form.get("region", "").strip().upper(),
        "timezone": form.get("timezone", ""),
        "connection": form.get("connection") or None,
    }


def _given(form: MultiDict[str, str]) -> tuple[dict[str, Any], Problems]:
    """The form's fields as the API takes them; what is no number stays text, and is refused by name."""
    hours, problems = hours_fields.read(form)
    return _about(form) | {
        "hours": hours,
        "owner_id": forms.chosen("owner_id"),
        "team_id": forms.chosen("team_id"),
        "owner_first": "owner_first" in form,
        "ring_user_ids": [forms.whole(each) for each in form.getlist("ring_user_ids")],
        "ring_seconds": forms.whole(form.get("ring_seconds", "")),
        "voicemail": "voicemail" in form,
        "record_inbound": form.get("record_inbound", ""),
        "record_outbound": form.get("record_outbound", ""),
        "keep_inbound_days": forms.chosen("keep_inbound_days"),
        "keep_outbound_days": forms.chosen("keep_outbound_days"),
    }, problems


def _form(
    session: Session,
    filled: Mapping[str, Any],
    kept: LineShape,
    week: Mapping[str, str],
    problems: Problems | None = None,
) -> str:
    """`kept`: how the line stands; `filled` and `week`: what the form is filled in with."""
    chosen = (filled["owner_id"], *filled["ring_user_ids"])
    users = [user for user in people.users(session) if user["active"] or user["id"] in chosen]
    return page(
        "line",
        line=filled,
        kept_days=hub().rules.keep_recordings_days,
        seen=forms.mark(kept),
        called=kept["name"] or words.number(kept["number"]),
        users=users,
        people=[(user["id"], user["name"]) for user in users],
        phones={user["id"]: _here(user, kept["connection"]) for user in users},
        teams=[(team["id"], team["name"]) for team in people.teams(session)],
        connections=_connections(session, filled["connection"]),
        zones=choices.zones(str(filled["timezone"])),
        week=week,
        days=hours_fields.days(),
        in_words=line_words.hours(kept),
        problems=problems or {},
        told=list(forms.listed(problems or {}, FIELDS)),
        fields=FIELDS,
        recording=list(line_words.RECORDING.items()),
    )


def _here(user: UserShape, connection: str | None) -> str:
    return ", ".join(phone["number"] for phone in user["extensions"] if connection in (None, phone["connection"]))
