"""The frame around every page: the blueprint, the rail's places, what templates may call."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from flask import Blueprint, current_app, request, url_for
from flask_babel import LazyString, get_locale, gettext, lazy_gettext
from sqlalchemy.orm import Session

from hub import clicks
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.dialing import BrowserPhone
from hub.domain.errors import HubError, Invalid
from hub.domain.identity import clean
from hub.people import preferences
from hub.people.preferences import CardOpens, ClickPhone, Preferences
from hub.reads.my_day import waiting
from hub.reads.ours import numbers
from hub.reads.standing import phones, to_return
from hub.unit_of_work import Hub
from hub.web import headers
from hub.web.acts import Desk
from hub.web.auth import current, viewer
from hub.web.pages import words
from hub.web.pages.dial_words import STEPS as DIAL_STEPS
from hub.web.pages.standing import Sentence, sentence
from hub.web.pages.told import tell

STATIC = Path(__file__).parent.parent / "static"
TYPED_LIMIT = 200
BIGGEST_ID = 2**31 - 1
THEMES = ("auto", "light", "dark")
RAILS = ("open", "folded")
LANGUAGES = {"en": "English", "uk": "Українська", "ru": "Русский", "lv": "Latviešu"}
"""Each in its own words, for whoever cannot read the language that is set."""

pages = Blueprint("pages", __name__)


def hub() -> Hub:
    return cast(Hub, current_app.extensions["hub"])


def desk() -> Desk:
    """Who acts here, and on what."""
    return Desk(hub(), viewer())


def for_a_part() -> bool:
    """Whether a script asks for a part of a page; a link or form that changes the whole page is as good as none."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def typed(name: str) -> str:
    """What somebody typed into a search field, as it stands in the address."""
    return clean(request.args.get(name), TYPED_LIMIT)


def chosen_card() -> int | None:
    """The card a form names; None when it names none. Invalid: such a number is no card's."""
    text = request.form.get("contact_id", "")
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > BIGGEST_ID:
        raise Invalid("no such card", "contact_id")
    return int(text)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the rail; whoever lacks the permission does not see it."""

    endpoint: str
    icon: str
    word: LazyString
    permission: Permission
    section: str
    """The endpoints of this place begin with it."""


PLACES = (
    Place("pages.live", "broadcast", lazy_gettext("Live"), Permission.TASKS_READ, "live"),
    Place("pages.my_day", "list-check", lazy_gettext("My day"), Permission.TASKS_WRITE, "my_day"),
    Place("pages.clients", "users", lazy_gettext("Clients"), Permission.LEADS_READ, "client"),
    Place("pages.calls", "phone", lazy_gettext("Calls"), Permission.CALLS_READ, "call"),
    Place("pages.settings", "settings", lazy_gettext("Settings"), Permission.CONNECTIONS_READ, "settings"),
)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the work: the rail's places with what waits there, how the phone systems are, what the viewer
    chose, and whether this browser is a phone; `lines`, for a phone: the numbers a click of one's own may call from."""

    places: list[dict[str, Any]]
    phones: list[tuple[str, Sentence]]
    preferences: Preferences
    softphone: bool
    lines: Sequence[str] = ()


def around() -> Around:
    """The frame for whoever asks; asked for once by each page that is drawn in it."""
    asks = viewer()
    with hub().reading() as session:
        counts = _counts(session, asks)
        told = [(each.name, sentence(each)) for each in phones(session)]
        chosen = preferences.of_user(session, asks.user_id)
        mine = _softphone(session, asks)
        own = numbers(session) if mine is not None else ()
    if mine is not None:
        headers.reach(mine.hosts)
    places = [_place(place, counts.get(place.endpoint)) for place in PLACES if asks.can(place.permission)]
    return Around(places=places, phones=told, preferences=chosen, softphone=mine is not None, lines=own)


def _softphone(session: Session, asks: Viewer) -> BrowserPhone | None:
    """The phone this browser is; one whose settings are wrong is none, and its connection's page says why."""
    if not asks.can(Permission.CALLS_ORIGINATE):
        return None
    try:
        found = clicks.browser_phone(hub(), session, asks)
    except HubError:
        return None
    return found and found[1]


def _counts(session: Session, asks: Viewer) -> Mapping[str, int]:
    """Work that waits, by place."""
    mine = {"pages.my_day": waiting(session, asks, clock.now())} if asks.can(Permission.TASKS_WRITE) else {}
    everybody = {"pages.live": to_return(session, asks)} if asks.can(Permission.TASKS_READ) else {}
    return mine | everybody


def _place(place: Place, count: int | None) -> dict[str, Any]:
    here = (request.endpoint or "").removeprefix("pages.")
    return {
        "endpoint": place.endpoint,
        "icon": place.icon,
        "word": place.word,
        "here": here.startswith(place.section),
        "count": count,
        "count_of": "return" if place.endpoint == "pages.live" else place.section,
    }


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; it changes with its content, so browsers may keep it for ever."""
    return url_for("static", filename=name, v=_version(name))


def fresh_key() -> str:
    """An idempotency key for one button or form: however often it is sent, it happens once."""
    return str(uuid4())


def _cookie(name: str, known: tuple[str, ...]) -> str:
    value = request.cookies.get(name, "")
    return value if value in known else known[0]


CARD_OPENS: Mapping[CardOpens, LazyString] = {
    CardOpens.ON_RING: lazy_gettext("When my phone rings"),
    CardOpens.ON_ANSWER: lazy_gettext("When I answer"),
    CardOpens.NEVER: lazy_gettext("Never"),
}

CLICK_PHONES: Mapping[ClickPhone, LazyString] = {
    ClickPhone.FIRST: lazy_gettext("My first phone"),
    ClickPhone.BROWSER: lazy_gettext("The phone in the browser"),
    ClickPhone.BROWSER_THEN_DESK: lazy_gettext("The one in the browser, else my desk phone"),
    ClickPhone.DESK: lazy_gettext("My desk phone"),
    ClickPhone.DESK_THEN_BROWSER: lazy_gettext("My desk phone, else the one in the browser"),
}


def _themes() -> list[tuple[str, str, str]]:
    return [
        ("auto", "device-desktop", gettext("As the device")),
        ("light", "sun", gettext("Light")),
        ("dark", "moon", gettext("Dark")),
    ]


GLOBALS: Mapping[str, Any] = {
    "asset": asset,
    "fresh_key": fresh_key,
    "around": around,
    "CARD_OPENS": CARD_OPENS,
    "CLICK_PHONES": CLICK_PHONES,
    **{helper.__name__: helper for helper in words.HELPERS},
    **words.TABLES,
    "DIAL_STEPS": DIAL_STEPS,
    "tell": tell,
}
"""What templates and the macros they import may call."""


def context() -> dict[str, Any]:
    """What every template knows of whoever asks."""
    asks = current()
    return {
        "me": asks,
        "my_roles": [words.ROLES[role] for role in sorted(asks.roles)] if asks else [],
        "has_calls": asks is not None and asks.user_id is not None and asks.can(Permission.CALLS_READ),
        "may_dial": asks is not None and asks.can(Permission.CALLS_ORIGINATE),
        "theme": _cookie("theme", THEMES),
        "rail": _cookie("rail", RAILS),
        "themes": _themes(),
        "language": str(get_locale()),
        "languages": LANGUAGES.items(),
        "here_now": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "now": clock.iso(clock.now()),
        "speed": clock.speed(),
    }
