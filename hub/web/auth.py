"""Who asks, and may they: every route says what it needs, and a route that says nothing is closed.

People come with a session cookie and a CSRF token on each write, programs with `Authorization: Bearer`.
Out of sight is 404 (the reads see to that), in sight but not allowed is 403, unknown is 401 or the sign-in page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, current_app, g, redirect, request, session
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Forbidden, Unauthentic
from hub.people import signin, tokens
from hub.people.credentials import Credential
from hub.people.secrets import digest
from hub.unit_of_work import Hub
from hub.web.problems import PROGRAMS

EVENTS = "text/event-stream"
SIGN_IN = "/sign-in"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may use a route. `permission` None: everybody who is signed in."""

    permission: Permission | None = None
    anybody: bool = False
    signed_by_sender: bool = False


def needs(permission: Permission) -> Callable[[View], View]:
    """Only for those who hold this permission, however far it reaches."""
    return _mark(Access(permission=permission))


def signed_in(view: View) -> View:
    """For everybody who is signed in."""
    return _mark(Access())(view)


def public(view: View) -> View:
    """For everybody; writes still need the CSRF token."""
    return _mark(Access(anybody=True))(view)


def provider(view: View) -> View:
    """For outside systems that prove themselves by their own signature: no viewer, no CSRF token."""
    return _mark(Access(anybody=True, signed_by_sender=True))(view)


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.__dict__["access"] = access
        return view

    return mark


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a route says it needs; None when it forgot to."""
    access: Access | None = view.__dict__.get("access")
    return access


def register(app: Flask, _hub: Hub) -> None:
    """Guard every route of `app`; where the public address is encrypted, cookies go no other way."""
    https = app.config["HUB_PUBLIC_URL"].startswith("https:")
    prefix = "__Host-" if https else ""
    app.config.update(
        HUB_COOKIE=f"{prefix}hub",
        SESSION_COOKIE_NAME=f"{prefix}hub-form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    if "static" in app.view_functions:
        public(app.view_functions["static"])
    app.before_request(_guard)


def the_hub() -> Hub:
    hub: Hub = current_app.extensions["hub"]
    return hub


def _guard() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.method == "OPTIONS":
        return None
    access = access_of(view)
    if access is None:
        raise Forbidden("this address does not say who may use it")
    if not access.anybody and (refusal := _admit(access)) is not None:
        return refusal
    if request.method not in READS and not access.signed_by_sender and not by_token():
        csrf.protect()
    return None


def _admit(access: Access) -> Response | None:
    asking = current()
    if asking is None:
        return _unknown()
    if access.permission is not None and not asking.can(access.permission):
        raise Forbidden("your role does not allow this")
    return None


def _unknown() -> Response:
    if request.path.startswith(PROGRAMS):
        raise Unauthentic("sign in, or send a token that is valid")
    if request.headers.get("Accept") == EVENTS:
        return Response(
            status=204
        )  # the line is not tried again (HTML Living Standard §9.2.3); its page finds the door
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    address = f"{SIGN_IN}?{urlencode({'next': back})}"
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": address})
    return Response(status=303, headers={"Location": redirect(address).location or SIGN_IN})


def by_token() -> bool:
    """Whether the caller is a program: browsers never send this header by themselves."""
    return "Authorization" in request.headers


def viewer() -> Viewer:
    """Who asks; Unauthentic when nobody known does."""
    asking = current()
    if asking is None:
        raise Unauthentic("sign in, or send a token that is valid")
    return asking


def current() -> Viewer | None:
    """Who asks, or None; looked up once a request."""
    if "viewer" not in g:
        g.viewer = _token() if by_token() else _session()
    found: Viewer | None = g.viewer
    return found


def _token() -> Viewer | None:
    secret, now = _bearer(), clock.now()
    if secret is None:
        return None
    with the_hub().reading() as database:
        known = tokens.viewer_of_token(database, secret, now)
    return _known(known, lambda writing: tokens.used(writing, secret, now))


def _bearer() -> str | None:
    authorization = request.authorization
    return authorization.token if authorization is not None and authorization.type == "bearer" else None


def _cookie() -> str | None:
    return request.cookies.get(current_app.config["HUB_COOKIE"])


def credential() -> Credential:
    """What the caller, who is known, showed to be known by."""
    secret = _bearer() if by_token() else _cookie()
    return Credential("token" if by_token() else "session", digest(secret or ""))


def _session() -> Viewer | None:
    secret, now = _cookie(), clock.now()
    if not secret:
        return None
    with the_hub().reading() as database:
        known = signin.viewer_of_session(database, secret, now)
    return _known(known, lambda writing: signin.seen(writing, secret, now))


def _known(known: signin.Known | None, write_down: Callable[[Any], None]) -> Viewer | None:
    if known is None:
        return None
    if known.stale:
        try:
            with the_hub().unit_of_work() as database:
                write_down(database)
        except SQLAlchemyError:
            log.warning("last use not written down", exc_info=True)
    return known.viewer


def sign_in(email: str, password: str) -> str | None:
    """The secret of a new session, None when address and password do not fit; TooManyTries says when to come back."""
    hub, now = the_hub(), clock.now()
    with hub.unit_of_work() as database:
        attempt = signin.begin(database, email, request.remote_addr or "", now)
    if not attempt.fits(password):
        return None
    with hub.unit_of_work() as database:
        return signin.conclude(database, attempt, now)


def remember(response: Response, secret: str) -> None:
    """Give the browser its new session; whatever it held before is forgotten."""
    session.clear()
    response.set_cookie(
        current_app.config["HUB_COOKIE"],
        secret,
        max_age=signin.ABSOLUTE,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def sign_out(response: Response) -> None:
    """End this browser's session, here and in its cookie."""
    name = current_app.config["HUB_COOKIE"]
    if secret := _cookie():
        with the_hub().unit_of_work() as database:
            signin.sign_out(database, secret)
    session.clear()
    response.delete_cookie(name, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")


def local(address: str | None) -> str:
    """`address` when it is a path on this site, else the front page: nobody is sent elsewhere after signing in."""
    path = address or "/"
    outside = path.startswith(("//", "/\\")) or not path.startswith("/")
    return "/" if outside or any(ord(character) < 33 or character == "\\" for character in path) else path
