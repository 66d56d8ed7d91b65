"""One's own password: the one there is, a new one, and every other browser is signed out."""

from collections.abc import Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain.errors import Conflict, Invalid, Unauthentic
from hub.people.signin import TooManyTries
from hub.web import auth
from hub.web.acts_self import change_password
from hub.web.auth import signed_in
from hub.web.pages.doors import PASSWORD_LIMIT, length, wait
from hub.web.pages.frame import desk, pages
from hub.web.pages.told import tell

FIELDS = ("current", "password", "again")


@pages.get("/account/password", endpoint="password")
@signed_in
def password() -> Response:
    return _form({})


@pages.post("/account/password", endpoint="change_password")
@signed_in
def change() -> Response:
    """What is typed is never shown again, whether it was right or not."""
    current, new, again = (request.form.get(name, "")[:PASSWORD_LIMIT] for name in FIELDS)
    if new != again:
        return _form({"again": gettext("The two are not the same. Type your new password twice.")}, 422)
    try:
        secret = change_password(desk(), current, new, request.remote_addr or "")
    except Unauthentic as error:
        return _form({"current": tell(str(error))}, 422)
    except TooManyTries as error:
        return _form({"current": wait(error)}, 429)
    except Invalid as error:
        return _form({"password": tell(str(error))}, 422)
    except Conflict as error:
        return _form({"": tell(str(error))}, 409)
    response = make_response(redirect(url_for("pages.password", next=auth.local(request.form.get("next"))), 303))
    auth.remember(response, secret)
    flash(gettext("Your password is changed, and every other browser is signed out."))
    return response


def _form(problems: Mapping[str, str], status: int = 200) -> Response:
    back = auth.local(request.values.get("next"))
    return make_response(render_template("password.html", problems=problems, next=back, rule=length()), status)
