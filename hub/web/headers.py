"""What every answer says to the browser: only our own scripts, no framing, no guessing, no storing."""

from collections.abc import Iterable

from flask import Flask, Response, g, request

from hub.unit_of_work import Hub
from hub.web.problems import request_id

DIRECTIVES = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")
NO_STORE = ("Cache-Control", "no-store")


def reach(hosts: Iterable[str]) -> None:
    """This page may also reach `hosts`: those of the phone it is itself."""
    g.hosts = [*g.get("hosts", ()), *hosts]


def _policy() -> str:
    """Only our own, and what the page was allowed to reach besides."""
    more = " ".join(["'self'", *g.get("hosts", ())])
    directives = DIRECTIVES | {"connect-src": more, "media-src": f"{more} blob:"}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def register(app: Flask, _hub: Hub) -> None:
    """Add the headers to every answer; where the public address is encrypted, browsers must never go without."""
    https = app.config["HUB_PUBLIC_URL"].startswith("https:")
    fixed = (*ALWAYS.items(), *([TRANSPORT] if https else []))

    @app.after_request
    def _add(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        always = (("Content-Security-Policy", _policy()), *fixed)
        wanted = always if request.endpoint == "static" else (*always, NO_STORE)
        for name, value in wanted:
            if name.lower() not in there:
                response.headers.add(name, value)
        response.headers["X-Request-Id"] = request_id()
        return response
