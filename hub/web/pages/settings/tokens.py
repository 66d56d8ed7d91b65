"""Tokens for administrators: keys for programs, shown once, with their last use, taken back with a click."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from pydantic import ValidationError
from werkzeug.wrappers import Response

from hub.domain.access import PEOPLE_ALONE, Permission
from hub.domain.errors import Invalid
from hub.reads import people
from hub.reads.names import names
from hub.web.api import people as api
from hub.web.auth import needs
from hub.web.pages import forms
from hub.web.pages.forms import Problems
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings import choices
from hub.web.pages.settings.sections import page

FIELDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("What it is for"),
    "roles": lazy_gettext("Acts as"),
    "scopes": lazy_gettext("May only"),
    "extension": lazy_gettext("Phone it may dial from"),
}
EXPECTED: Mapping[str, LazyString] = {
    "extension": lazy_gettext("the short number of a phone, such as 101, or nothing"),
    "roles": lazy_gettext("roles of the list"),
    "scopes": lazy_gettext("rights of the list"),
}
BLANK: Mapping[str, Any] = {"name": "", "roles": (), "scopes": (), "extension": ""}
RIGHTS: Mapping[str, LazyString] = {
    "calls:read": lazy_gettext("read calls"),
    "calls:write": lazy_gettext("write notes and tags on calls"),
    "calls:link": lazy_gettext("say whose call it was"),
    "calls:originate": lazy_gettext("call"),
    "recordings:read": lazy_gettext("play recordings"),
    "recordings:download": lazy_gettext("download recordings"),
    "recordings:remark": lazy_gettext("comment recordings"),
    "recordings:grade": lazy_gettext("grade recordings"),
    "listenings:read": lazy_gettext("see who listened"),
    "leads:read": lazy_gettext("read clients and leads"),
    "leads:write": lazy_gettext("change clients and leads"),
    "tasks:read": lazy_gettext("read tasks"),
    "tasks:write": lazy_gettext("change tasks"),
    "export": lazy_gettext("download lists"),
    "lines:read": lazy_gettext("read lines"),
    "lines:write": lazy_gettext("change lines"),
    "users:read": lazy_gettext("read users and teams"),
    "users:write": lazy_gettext("change users and teams"),
    "connections:read": lazy_gettext("read connections"),
    "connections:write": lazy_gettext("change connections"),
    "inbox:release": lazy_gettext("try deliveries again"),
    "rules:write": lazy_gettext("change rules"),
    "journal:read": lazy_gettext("read the journal"),
    "recordings:write": lazy_gettext("bring recordings and look after them"),
    "metrics:read": lazy_gettext("read figures for monitoring"),
}


@pages.get("/settings/tokens", endpoint="settings_tokens")
@needs(Permission.TOKENS_WRITE)
def tokens() -> str:
    return _page(BLANK)


@pages.post("/settings/tokens", endpoint="settings_make_token")
@needs(Permission.TOKENS_WRITE)
def make() -> str | tuple[str, int]:
    """The form is a POST of the API. The secret stands on this answer alone."""
    form = request.form
    given = {
        "name": form.get("name", "").strip(),
        "roles": form.getlist("roles"),
        "scopes": form.getlist("scopes") or None,
        "extension": form.get("extension", "").strip() or None,
    }
    try:
        made = api.create_token(desk(), forms.read(api.NewTokenBody, given))
    except (ValidationError, Invalid) as error:
        return _page(given | {"scopes": given["scopes"] or []}, problems=forms.problems(error, EXPECTED)), 422
    return _page(
        {"name": "", "roles": [], "scopes": [], "extension": ""}, secret=made["secret"], made=made["token"]["name"]
    )


@pages.post("/settings/tokens/<int(max=2147483647):token_id>/revoke", endpoint="settings_revoke_token")
@needs(Permission.TOKENS_WRITE)
def revoke(token_id: int) -> Response:
    api.revoke_token(desk(), token_id)
    flash(gettext("The token opens nothing any more"))
    return redirect(url_for("pages.settings_tokens"), 303)


def _page(filled: Mapping[str, Any], problems: Problems | None = None, secret: str = "", made: str = "") -> str:
    with hub().reading() as session:
        found, users = people.tokens(session), names(session).users
    wrong = problems or {}
    return page(
        "tokens",
        tokens=[token for token in found if token["revoked_at"] is None],
        revoked=[token for token in found if token["revoked_at"] is not None],
        users=users,
        filled=filled,
        roles=choices.roles(),
        rights=[(right.value, right_words(right)) for right in Permission if right not in PEOPLE_ALONE],
        right_words=right_words,
        secret=secret,
        made=made,
        fields=FIELDS,
        problems=wrong,
        told=list(forms.listed(wrong, FIELDS)),
    )


def right_words(right: str) -> object:
    """A permission in words; the word of the API where there are none yet."""
    return RIGHTS.get(right, right)
