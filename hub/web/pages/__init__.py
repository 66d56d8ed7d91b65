"""Pages for people: server-rendered, alive where it matters, closed to whoever may not see them."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from flask import Flask, request
from flask_babel import Babel

from hub.unit_of_work import Hub
from hub.web import streams
from hub.web.auth import current
from hub.web.pages import trouble
from hub.web.pages.frame import GLOBALS, context, pages
from hub.web.problems import show_on

VIEWS = (
    "account",
    "after_call",
    "call_desk",
    "calls",
    "card_work",
    "cards",
    "clients",
    "dial",
    "doors",
    "grading",
    "listen",
    "live",
    "mine",
    "my_day",
    "newcomers",
    "password",
    "returning",
    "search",
    "settings",
    "softphone",
)
"""Modules that add their routes to the blueprint by being imported."""
for view in VIEWS:
    import_module(f"{__name__}.{view}")

ENGLISH = "en"
CATALOGS = "web/translations"


def register(app: Flask, hub: Hub) -> None:
    """Add the pages; `HUB_STREAMS` in the configuration bounds the live desks this process feeds."""
    app.extensions["hub"] = hub
    streams.register(app, hub, app.config["HUB_STREAMS"])
    known = (ENGLISH, *(catalog.parts[-3] for catalog in Path(app.root_path, CATALOGS).glob("*/LC_MESSAGES/*.mo")))
    Babel(
        app,
        default_translation_directories=CATALOGS,
        locale_selector=lambda: _language(known),
        timezone_selector=_timezone,
    )
    app.jinja_env.globals.update(GLOBALS)
    app.context_processor(context)
    app.register_blueprint(pages)
    show_on(app, trouble.page)


def _language(known: Sequence[str]) -> str:
    """The viewer's language, a stranger's as the browser asks; English where there is no catalog of it."""
    asks = current()
    wanted = [asks.language] if asks else [tag.partition("-")[0].lower() for tag in request.accept_languages.values()]
    return next((language for language in wanted if language in known), ENGLISH)


def _timezone() -> str:
    asks = current()
    return asks.timezone if asks else "UTC"
