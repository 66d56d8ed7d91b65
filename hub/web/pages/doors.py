"""Coming in, going out, and the place each role starts at."""

from math import ceil

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from hub.domain.access import Permission, Role
from hub.people import passwords
from hub.people.signin import TooManyTries
from hub.web import acts_admin, auth
from hub.web.auth import current, public, signed_in, viewer
from hub.web.pages.frame import hub, pages
from hub.web.pages.settings.sections import next_step

EMAIL_LIMIT = 254
PASSWORD_LIMIT = 1024
LIVE_FIRST = frozenset({Role.RECEPTION, Role.MANAGER})
"""Who works with what happens now; the others begin at the log of what has happened."""


@pages.get("/", endpoint="home")
@signed_in
def home() -> Response:
    """Where one's work begins; for whoever sets Hub up, that is the guide until it is done or put away."""
    if viewer().can(Permission.CONNECTIONS_WRITE) and not viewer().token and next_step() is not None:
        return redirect(url_for("pages.settings_guide"), 303)
    return redirect(url_for("pages.live" if viewer().roles & LIVE_FIRST else "pages.calls"), 303)


@pages.get("/sign-in", endpoint="sign_in")
@public
def sign_in() -> Response:
    back = auth.local(request.args.get("next"))
    if current() is not None:
        return redirect(back, 303)
    return _form(back)


@pages.post("/sign-in", endpoint="come_in")
@public
def come_in() -> Response:
    """The same words whoever does not exist and whatever does not fit."""
    back = auth.local(request.form.get("next"))
    email = request.form.get("email", "").strip()[:EMAIL_LIMIT]
    password = request.form.get("password", "")[:PASSWORD_LIMIT]
    if not email or not password:
        return _form(back, email, gettext("Fill in both, the address and the password."), 422)
    try:
        secret = auth.sign_in(email, password)
    except TooManyTries as error:
        return _form(back, email, wait(error), 429)
    if secret is None:
        return _form(back, email, gettext("This address and password do not fit together. Try again."), 422)
    response = make_response(redirect(back, 303))
    auth.remember(response, secret)
    return response


def wait(error: TooManyTries) -> str:
    """When to try again, in words."""
    minutes = ceil(error.after.total_seconds() / 60)
    return ngettext(
        "Too many tries. Wait %(num)s minute, then try again.",
        "Too many tries. Wait %(num)s minutes, then try again.",
        minutes,
    )


def _form(back: str, email: str = "", problem: str = "", status: int = 200) -> Response:
    return make_response(render_template("sign_in.html", next=back, email=email, problem=problem), status)


@pages.get("/invitation/<word>", endpoint="invitation")
@public
def invitation(word: str) -> str:
    """Whoever was invited chooses a password, once."""
    return _invited(acts_admin.invited(hub(), word), word)


@pages.post("/invitation/<word>", endpoint="join")
@public
def join(word: str) -> Response | tuple[str, int]:
    password, again = (request.form.get(name, "")[:PASSWORD_LIMIT] for name in ("password", "again"))
    email = acts_admin.invited(hub(), word)
    if password != again:
        return _invited(email, word, gettext("The two are not the same. Type your password twice.")), 422
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        return _invited(email, word, length()), 422
    secret = auth.sign_in(acts_admin.join(hub(), word, password), password)
    response = make_response(redirect(url_for("pages.home"), 303))
    if secret is not None:
        auth.remember(response, secret)
    return response


def length() -> str:
    """What a password is, in words."""
    return gettext(
        "A password has %(least)s to %(most)s characters; several words are easy to remember.",
        least=passwords.SHORTEST,
        most=passwords.LONGEST,
    )


def _invited(email: str, word: str, problem: str = "") -> str:
    return render_template("invitation.html", email=email, word=word, problem=problem, rule=length())


@pages.post("/sign-out", endpoint="sign_out")
@signed_in
def sign_out() -> Response:
    response = make_response(redirect(url_for("pages.sign_in"), 303))
    auth.sign_out(response)
    return response
