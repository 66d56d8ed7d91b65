"""Users for administrators: who works here, in which roles, on which phones; invited by a link, switched off."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, HubError
from hub.reads import people
from hub.reads.people import UserShape
from hub.web import acts_admin
from hub.web.api import people as api
from hub.web.auth import needs, viewer
from hub.web.pages import forms
from hub.web.pages.forms import WHOLE, Problems
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings import choices
from hub.web.pages.settings.sections import page

ONE = "/settings/users/<int(max=2147483647):user_id>"
FIELDS: Mapping[str, LazyString] = {
    "email": lazy_gettext("E-mail"),
    "name": lazy_gettext("Name"),
    "roles": lazy_gettext("Roles"),
    "team_id": lazy_gettext("Team"),
    "extensions": lazy_gettext("Phones"),
    "language": lazy_gettext("Language"),
    "timezone": lazy_gettext("Time zone"),
}
EXPECTED: Mapping[str, LazyString] = {
    "email": lazy_gettext("an address such as anna@example.org"),
    "timezone": lazy_gettext("a time zone such as Europe/Kyiv"),
    "language": lazy_gettext("one of the languages in the list"),
    "extensions": lazy_gettext("short numbers or names of phones, separated by commas: 101, 102"),
    "team_id": lazy_gettext("one of the teams in the list"),
    "roles": lazy_gettext("roles of the list"),
}
OWN = ("roles", "active")
"""What nobody changes of oneself."""


@pages.get("/settings/users", endpoint="settings_users")
@needs(Permission.USERS_WRITE)
def users() -> str:
    with hub().reading() as session:
        found = people.users(session)
        teams = {team["id"]: team["name"] for team in people.teams(session)}
    return page("users", users=sorted(found, key=lambda user: not user["active"]), teams=teams)


@pages.get("/settings/users/new", endpoint="settings_new_user")
@needs(Permission.USERS_WRITE)
def new() -> str:
    blank = {"email": "", "name": "", "roles": ["manager"], "team_id": None, "extensions": [], "active": True}
    with hub().reading() as session:
        return _form(session, blank | {"language": viewer().language, "timezone": viewer().timezone})


@pages.post("/settings/users/new", endpoint="settings_add_user")
@needs(Permission.USERS_WRITE)
def add() -> Response | tuple[str, int]:
    """The form is a POST of the API: the same bounds, the same journal."""
    given = _given(request.form)
    try:
        with hub().reading() as session:
            taken = _taken(people.users(session), given["extensions"], None)
        made = api.create_user(desk(), forms.read(api.NewUserBody, given))
    except (ValidationError, HubError) as error:
        with hub().reading() as session:
            return _form(session, given, problems=_problems(error)), 422
    flash(
        gettext(
            "%(name)s is added. Make an invitation below and send it: it is how one first comes in.", name=made["name"]
        )
    )
    _tell(taken)
    return redirect(url_for("pages.settings_user", user_id=made["id"]), 303)


@pages.get(ONE, endpoint="settings_user")
@needs(Permission.USERS_WRITE)
def user(user_id: int) -> str:
    with hub().reading() as session:
        return _form(session, people.user(session, user_id))


@pages.post(ONE, endpoint="settings_edit_user")
@needs(Permission.USERS_WRITE)
def edit(user_id: int) -> Response | tuple[str, int]:
    """The form is a PATCH of the API that names what was changed in it alone."""
    given = _given(request.form)
    with hub().reading() as session:
        kept = people.user(session, user_id)
        quicker = forms.overtaken(session, f"user:{user_id}", kept)
        taken = _taken(people.users(session), given["extensions"], user_id)
    own = OWN if user_id == viewer().user_id else ()
    wanted = {name: value for name, value in forms.changed(given, kept).items() if name not in own}
    problems: Problems = {} if quicker is None else {WHOLE: quicker}
    try:
        if quicker is None and wanted:
            api.edit_user(desk(), user_id, forms.read(api.UserPatch, wanted))
    except (ValidationError, HubError) as error:
        problems = _problems(error)
    if problems:
        with hub().reading() as session:
            filled = {**kept, **given, "roles": kept["roles"] if own else given["roles"]}
            return _form(session, filled, problems=problems, now=people.user(session, user_id)), 409 if quicker else 422
    flash(gettext("%(name)s is saved", name=given["name"]))
    _tell(taken)
    return redirect(url_for("pages.settings_users"), 303)


@pages.post(f"{ONE}/in-use", endpoint="settings_user_in_use")
@needs(Permission.USERS_WRITE)
def in_use(user_id: int) -> Response:
    """Switch somebody off, which ends every session at once, or on again."""
    wanted = request.form.get("active") == "yes"
    found = api.edit_user(desk(), user_id, api.UserPatch(active=wanted))
    if wanted:
        flash(gettext("%(name)s may come in again", name=found["name"]))
    else:
        flash(gettext("%(name)s is switched off and signed out everywhere; what they did stays", name=found["name"]))
    return redirect(url_for("pages.settings_user", user_id=user_id), 303)


@pages.post(f"{ONE}/invitation", endpoint="settings_invite")
@needs(Permission.USERS_WRITE)
def invite(user_id: int) -> str:
    """A link with which they choose a password; it stands on this answer alone."""
    word = acts_admin.invite(desk(), user_id)
    link = f"{current_app.config['HUB_PUBLIC_URL']}{url_for('pages.invitation', word=word)}"
    with hub().reading() as session:
        return _form(session, people.user(session, user_id), invitation=link)


def _given(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form's fields as the API takes them."""
    phones = [
        {"connection": field.removeprefix("phones-"), "number": number}
        for field, text in form.items()
        if field.startswith("phones-")
        for number in choices.split(text)
    ]
    return {
        "email": form.get("email", "").strip(),
        "name": form.get("name", "").strip(),
        "roles": form.getlist("roles"),
        "team_id": forms.chosen("team_id"),
        "extensions": phones,
        "language": form.get("language", ""),
        "timezone": form.get("timezone", ""),
    }


def _taken(users: Sequence[UserShape], phones: Sequence[Mapping[str, str]], user_id: int | None) -> list[str]:
    """Whose phones are taken from them by this, in sentences."""
    owners = {
        (phone["connection"], phone["number"]): user["name"]
        for user in users
        for phone in user["extensions"]
        if user["id"] != user_id
    }
    wanted = [(phone["connection"], phone["number"]) for phone in phones]
    return [
        gettext("%(phone)s was the phone of %(name)s until now", phone=phone[1], name=owners[phone])
        for phone in wanted
        if phone in owners
    ]


def _tell(sentences: Sequence[str]) -> None:
    for each in sentences:
        flash(each)


def _problems(error: ValidationError | HubError) -> Problems:
    if isinstance(error, Conflict):
        return {"email": gettext("somebody signs in with this address already")}
    found = forms.problems(error, EXPECTED)
    if "roles" in found and not request.form.getlist("roles"):
        found["roles"] = gettext("choose at least one")
    return found


def _form(
    session: Session,
    filled: Mapping[str, Any],
    *,
    problems: Problems | None = None,
    now: UserShape | None = None,
    invitation: str | None = None,
) -> str:
    """`now`: how the user stands, when that is not what the form is filled in with."""
    phones: dict[str, list[str]] = {one.name: [] for one in hub().connections.all(session) if one.enabled}
    for phone in filled["extensions"]:
        phones.setdefault(str(phone["connection"]), []).append(str(phone["number"]))
    user_id = filled.get("id")
    wrong = problems or {}
    return page(
        "user",
        user=filled,
        is_me=user_id is not None and user_id == viewer().user_id,
        seen=None if user_id is None else forms.mark(now or filled),
        phones={name: choices.joined(numbers) for name, numbers in phones.items()},
        teams=[(team["id"], team["name"]) for team in people.teams(session)],
        roles=choices.roles(),
        languages=choices.languages(),
        zones=choices.zones(str(filled["timezone"])),
        fields=FIELDS,
        problems=wrong,
        told=list(forms.listed(wrong, FIELDS)),
        invitation=invitation,
        days=acts_admin.INVITED_FOR.days,
    )
