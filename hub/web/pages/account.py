"""One's own account: the language of the pages, and the zone their times are in."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from hub.domain.errors import Invalid
from hub.people.users import UserChanges
from hub.web import auth
from hub.web.acts_self import settle_in
from hub.web.auth import signed_in, viewer
from hub.web.pages.frame import desk, pages
from hub.web.pages.told import tell


@pages.get("/account", endpoint="account")
@signed_in
def account() -> str:
    return _form({"language": viewer().language, "timezone": viewer().timezone}, {})


@pages.post("/account", endpoint="keep_account")
@signed_in
def keep() -> Response | tuple[str, int]:
    """What the form names changes, the rest stays; then back to where it was sent from."""
    given = {name: request.form[name] for name in ("language", "timezone") if name in request.form}
    changes: UserChanges = {}
    if "language" in given:
        changes["language"] = given["language"]
    if "timezone" in given:
        changes["timezone"] = given["timezone"]
    try:
        settle_in(desk(), changes)
    except Invalid as error:
        stands = {"language": viewer().language, "timezone": viewer().timezone}
        return _form(stands | given, {error.field or "language": tell(str(error))}), 422
    return redirect(auth.local(request.form.get("next")), 303)


def _form(given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    back = auth.local(request.values.get("next"))
    return render_template("account.html", given=given, problems=problems, zones=_zones(), next=back)


@cache
def _zones() -> tuple[str, ...]:
    """The zones people live in; those that are only another way to write an offset are left out."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(places))
