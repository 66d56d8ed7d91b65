"""Teams for administrators: a name, and a head who sees all of the team's."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext, lazy_pgettext
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.reads import people
from hub.reads.people import TeamShape
from hub.web.api import people as api
from hub.web.auth import needs
from hub.web.pages import forms
from hub.web.pages.forms import WHOLE, Problems
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings.sections import page
from hub.web.pages.told import tell

ONE = "/settings/teams/<int(max=2147483647):team_id>"
FIELDS: Mapping[str, LazyString] = {"name": lazy_pgettext("of a thing", "Name"), "head_id": lazy_gettext("Head")}
EXPECTED: Mapping[str, LazyString] = {"head_id": lazy_gettext("one of the people in the list")}


@pages.get("/settings/teams", endpoint="settings_teams")
@needs(Permission.USERS_WRITE)
def teams() -> str:
    with hub().reading() as session:
        everybody = people.users(session)
        found = people.teams(session)
    names = {user["id"]: user["name"] for user in everybody}
    members = {team["id"]: [user["name"] for user in everybody if user["team_id"] == team["id"]] for team in found}
    return page("teams", teams=found, names=names, members=members)


@pages.get("/settings/teams/new", endpoint="settings_new_team")
@needs(Permission.USERS_WRITE)
def new() -> str:
    with hub().reading() as session:
        return _form(session, {"name": "", "head_id": None})


@pages.post("/settings/teams/new", endpoint="settings_add_team")
@needs(Permission.USERS_WRITE)
def add() -> Response | tuple[str, int]:
    given = _given()
    try:
        made = api.create_team(desk(), forms.read(api.TeamBody, given))
    except (ValidationError, Invalid, Conflict) as error:
        with hub().reading() as session:
            return _form(session, given, problems=_problems(error)), 422
    flash(gettext("%(name)s is added; each user's page says who belongs to it", name=made["name"]))
    return redirect(url_for("pages.settings_teams"), 303)


@pages.get(ONE, endpoint="settings_team")
@needs(Permission.USERS_WRITE)
def team(team_id: int) -> str:
    with hub().reading() as session:
        return _form(session, dict(_team(session, team_id)))


@pages.post(ONE, endpoint="settings_edit_team")
@needs(Permission.USERS_WRITE)
def edit(team_id: int) -> Response | tuple[str, int]:
    given = _given()
    with hub().reading() as session:
        kept = _team(session, team_id)
        quicker = forms.overtaken(session, f"team:{team_id}", kept)
    problems: Problems = {} if quicker is None else {WHOLE: quicker}
    try:
        if quicker is None:
            api.edit_team(desk(), team_id, forms.read(api.TeamBody, given))
    except (ValidationError, Invalid, Conflict) as error:
        problems = _problems(error)
    if problems:
        with hub().reading() as session:
            now = _team(session, team_id)
            return _form(session, {**kept, **given}, problems=problems, now=now), 409 if quicker else 422
    flash(gettext("%(name)s is saved", name=given["name"]))
    return redirect(url_for("pages.settings_teams"), 303)


@pages.post(f"{ONE}/remove", endpoint="settings_remove_team")
@needs(Permission.USERS_WRITE)
def remove(team_id: int) -> Response | tuple[str, int]:
    with hub().reading() as session:
        kept = _team(session, team_id)
    try:
        api.remove_team(desk(), team_id)
    except Conflict as error:
        with hub().reading() as session:
            return _form(session, dict(kept), problems={WHOLE: tell(str(error))}, now=kept), 409
    flash(gettext("%(name)s is removed", name=kept["name"]))
    return redirect(url_for("pages.settings_teams"), 303)


def _given() -> dict[str, Any]:
    return {"name": request.form.get("name", "").strip(), "head_id": forms.chosen("head_id")}


def _team(session: Session, team_id: int) -> TeamShape:
    found = next((team for team in people.teams(session) if team["id"] == team_id), None)
    if found is None:
        raise NotFound("no such team")
    return found


def _problems(error: ValidationError | Invalid | Conflict) -> Problems:
    if isinstance(error, Conflict):
        return {"name": gettext("there is a team of this name already")}
    return forms.problems(error, EXPECTED)


def _form(
    session: Session, filled: Mapping[str, Any], *, problems: Problems | None = None, now: TeamShape | None = None
) -> str:
    users = [user for user in people.users(session) if user["active"] or user["id"] == filled["head_id"]]
    return page(
        "team",
        team=filled,
        seen=forms.mark(now or filled) if "id" in filled else None,
        users=[(user["id"], user["name"]) for user in users],
        fields=FIELDS,
        problems=problems or {},
        told=list(forms.listed(problems or {}, FIELDS)),
    )
