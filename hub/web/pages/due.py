"""When something promised is due: one of the usual moments, or one that is named, in the viewer's own zone."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import LazyString, gettext, lazy_gettext

from hub.domain import clock
from hub.domain.errors import Invalid
from hub.web.auth import viewer

MORNING, EVENING = time(10), time(17)
USUAL: Mapping[str, LazyString] = {
    "hour": lazy_gettext("In an hour"),
    "evening": lazy_gettext("Today, 17:00"),
    "tomorrow": lazy_gettext("Tomorrow, 10:00"),
    "days": lazy_gettext("In 3 days, 10:00"),
    "week": lazy_gettext("In a week, 10:00"),
}
LAST_YEAR = 2100


def due() -> datetime:
    """The moment a form names: `due` by the clock where the viewer is, else a usual one; Invalid when it is past."""
    zone, now = ZoneInfo(viewer().timezone), clock.now()
    named = request.form.get("due", "").strip()
    moment = _named(named, zone) if named else _usual(request.form.get("when", ""), now.astimezone(zone))
    if moment <= now:
        raise Invalid(gettext("Choose a moment that is still to come."), "due")
    return moment


def _named(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(gettext("Write the moment as day and time."), "due") from error
    if not 2000 < moment.year < LAST_YEAR:
        raise Invalid(gettext("Choose a moment that is still to come."), "due")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _usual(word: str, here: datetime) -> datetime:
    def at(day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=here.tzinfo)

    match word:
        case "hour":
            return here + timedelta(hours=1)
        case "evening":
            return at(here.date(), EVENING)
        case "tomorrow":
            return at(here.date() + timedelta(days=1), MORNING)
        case "days":
            return at(here.date() + timedelta(days=3), MORNING)
        case "week":
            return at(here.date() + timedelta(days=7), MORNING)
    raise Invalid(gettext("Choose when it is due."), "due")
