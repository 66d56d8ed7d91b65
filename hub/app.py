"""The web application: the API, the pages, the webhooks and the health checks, on one Hub."""

from flask import Flask

from hub.unit_of_work import Hub
from hub.web import api, auth, headers, health, hooks, lines, metrics, pages, problems
from hub.web.gate import Gate
from hub.web.pages.settings.doctor import EXAMINATION, Examination

MAX_BODY = 256 * 1024


def create_app(
    hub: Hub,
    *,
    secret: str,
    public_url: str,
    streams: int,
    deliveries: int = 12,
    examine: Examination | None = None,
) -> Flask:
    """A WSGI application; `secret` signs cookies, `streams` bounds the open live desks, `deliveries` those at once.

    `examine`: what the page of the doctor asks; a Hub without it tells to run `hub doctor`.
    """
    app = Flask("hub", template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=secret,
        MAX_CONTENT_LENGTH=MAX_BODY,
        HUB_PUBLIC_URL=public_url.rstrip("/"),
        HUB_STREAMS=streams,
    )
    app.extensions["hub"] = hub
    app.extensions[EXAMINATION] = examine
    for part in (lines, problems, headers, auth, health, metrics, hooks, api, pages):
        part.register(app, hub)
    app.wsgi_app = Gate(app.wsgi_app, deliveries)  # type: ignore[method-assign]  # as Flask's manual has it
    return app
