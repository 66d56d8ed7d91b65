"""The journal for administrators: who did what and when, by person, kind and time."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from hub.domain.access import Permission
from hub.domain.identity import clean
from hub.reads import journal as reads
from hub.reads import people
from hub.reads.journal import Wanted
from hub.web.auth import needs, viewer
from hub.web.pages.forms import whole
from hub.web.pages.frame import BIGGEST_ID, hub, pages
from hub.web.pages.settings import journal_words
from hub.web.pages.settings.sections import page

ASKED = ("who", "kind", "since", "until")
PLACES: Mapping[str, tuple[str, str]] = {
    "user": ("pages.settings_user", "user_id"),
    "team": ("pages.settings_team", "team_id"),
    "line": ("pages.settings_line", "line_id"),
    "contact": ("pages.client", "contact_id"),
    "call": ("pages.call", "call_id"),
    "recording": ("pages.recording", "recording_id"),
}
"""Where the subject of an entry can be looked at."""


@pages.get("/settings/journal", endpoint="settings_journal")
@needs(Permission.JOURNAL_READ)
def journal() -> str:
    asked = {name: clean(request.args.get(name), 40) for name in ASKED}
    with hub().reading() as session:
        found = reads.entries(session, _wanted(asked), request.args.get("at"))
        users = people.users(session)
    kept = {name: value for name, value in asked.items() if value}
    return page(
        "journal",
        entries=found.items,
        what=journal_words.what,
        more=journal_words.more,
        place=_place,
        asked=asked,
        users=[(str(user["id"]), user["name"]) for user in users],
        kinds=list(journal_words.KINDS.items()),
        narrowed=bool(kept),
        older=url_for("pages.settings_journal", at=found.next, **_plain(kept)) if found.next else None,
        newest=url_for("pages.settings_journal", **_plain(kept)) if request.args.get("at") else None,
    )


def _plain(kept: Mapping[str, str]) -> dict[str, Any]:
    return dict(kept)


def _wanted(asked: Mapping[str, str]) -> Wanted:
    """What cannot be understood narrows nothing."""
    user_id = whole(asked["who"])
    kind = asked["kind"]
    return Wanted(
        user_id=user_id if isinstance(user_id, int) and user_id <= BIGGEST_ID else None,
        kinds=(kind,) if kind in journal_words.KINDS else (),
        since=_day(asked["since"], 0),
        until=_day(asked["until"], 1),
    )


def _day(text: str, later: int) -> datetime | None:
    """The beginning of a day in the viewer's zone, so many days later."""
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return datetime.combine(day, time(), ZoneInfo(viewer().timezone)) if 1970 < day.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _place(entry: reads.Entry) -> str | None:
    kind, _, key = entry.subject.partition(":")
    endpoint, name = PLACES.get(kind, ("", ""))
    try:
        values: dict[str, Any] = {name: key if kind in ("call", "recording") else int(key)}
        return url_for(endpoint, **values) if endpoint else None
    except ValueError:
        return None
