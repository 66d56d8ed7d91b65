"""Pages for people: server-rendered, alive where it matters, closed to whoever may not see them."""

from flask import Flask
from flask_babel import Babel

from hub.unit_of_work import Hub
from hub.web.auth import current
from hub.web.pages import (
    after_call,
    call_desk,
    calls,
    card_work,
    cards,
    clients,
    dial,
    doors,
    live,
    mine,
    my_day,
    newcomers,
    returning,
    settings,
    softphone,
    trouble,
)
from hub.web.pages.frame import GLOBALS, context, pages
from hub.web.pages.streams import Streams
from hub.web.problems import show_on

VIEWS = (
    after_call,
    call_desk,
    calls,
    card_work,
    cards,
    clients,
    dial,
    doors,
    live,
    mine,
    my_day,
    newcomers,
    returning,
    settings,
    softphone,
)
"""Each adds its routes to the blueprint when imported."""
STREAMS = 12
ENGLISH = "en"


def register(app: Flask, hub: Hub) -> None:
    """Add the pages; `HUB_STREAMS` in the configuration bounds the live desks this process feeds."""
    app.extensions["hub"] = hub
    app.extensions["hub-streams"] = Streams(app.config.get("HUB_STREAMS", STREAMS))
    babel = Babel(app, locale_selector=lambda: _language(babel), timezone_selector=_timezone)
    app.jinja_env.globals.update(GLOBALS)
    app.context_processor(context)
    app.register_blueprint(pages)
    show_on(app, trouble.page)


def _language(babel: Babel) -> str:
    """The viewer's language, once there are words in it: half-translated pages help nobody."""
    asks = current()
    known = {str(locale) for locale in babel.list_translations()}
    return asks.language if asks and asks.language in known else ENGLISH


def _timezone() -> str:
    asks = current()
    return asks.timezone if asks else "UTC"
