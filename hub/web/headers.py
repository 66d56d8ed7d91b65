"""What every answer says to the browser: only our own scripts, no framing, no guessing, no storing."""

from flask import Flask, Response, request

from hub.unit_of_work import Hub
from hub.web.problems import request_id

DIRECTIVES = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{name} {value}" for name, value in DIRECTIVES.items())
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
TRANSPORT = "max-age=31536000"


def register(app: Flask, _hub: Hub) -> None:
    """Add the headers to every answer; where the public address is encrypted, browsers must never go without."""
    https = app.config["HUB_PUBLIC_URL"].startswith("https:")

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", TRANSPORT)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = request_id()
        return response
