"""How things are said on a page: marks, lengths, moments, numbers. Every word goes through gettext.

A `Mark` is a word with a shape and a tone, for state is never told by colour alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale, get_timezone, gettext, lazy_gettext, lazy_pgettext
from markupsafe import Markup

from hub.domain import clock
from hub.domain.identity import PhoneNumber, spoken

RELATIVE = timedelta(days=1)
"""Younger moments are told as "3 min ago", older ones by date."""
BRITISH = Locale("en", "GB")
"""Whose days come before their months, and whose day has 24 hours, as in the other languages of Hub."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`icon` from the sprite, `tone` one of good, bad, warn, quiet (a CSS class)."""

    word: LazyString | str
    icon: str
    tone: str = "quiet"


DIRECTIONS: Mapping[str, Mark] = {
    "inbound": Mark(lazy_gettext("Inbound"), "arrow-down-left"),
    "outbound": Mark(lazy_gettext("Outbound"), "arrow-up-right"),
    "internal": Mark(lazy_gettext("Internal"), "arrows-horizontal"),
}
OUTCOMES: Mapping[str, Mark] = {
    "answered": Mark(lazy_gettext("Answered"), "check", "good"),
    "missed": Mark(lazy_gettext("Missed"), "x", "bad"),
    "abandoned": Mark(lazy_gettext("Left the queue"), "door-exit", "bad"),
    "voicemail": Mark(lazy_gettext("Voicemail"), "record-mail", "warn"),
    "no_answer": Mark(lazy_gettext("No answer"), "phone-off", "warn"),
    "busy": Mark(lazy_gettext("Busy"), "minus", "warn"),
    "rejected": Mark(lazy_gettext("Declined"), "ban", "warn"),
    "failed": Mark(lazy_gettext("Failed"), "alert-triangle", "bad"),
    "cancelled": Mark(lazy_gettext("Cancelled"), "arrow-back-up"),
}
STATES: Mapping[str, Mark] = {
    "ringing": Mark(lazy_gettext("Ringing"), "bell-ringing", "warn"),
    "talking": Mark(lazy_gettext("Talking"), "phone-call", "good"),
    "ended": Mark(lazy_gettext("Ended"), "phone"),
}
VIA: Mapping[str, LazyString] = {
    "direct": lazy_gettext("direct"),
    "queue": lazy_gettext("from the queue"),
    "transfer_blind": lazy_gettext("transferred"),
    "transfer_attended": lazy_gettext("transferred after a consultation"),
    "forward": lazy_gettext("forwarded"),
}
CERTAINTY: Mapping[str, Mark] = {
    "certain": Mark(lazy_gettext("certain"), "circle-check", "good"),
    "probable": Mark(lazy_gettext("probable"), "help-circle", "warn"),
    "none": Mark(lazy_gettext("unknown"), "user-question"),
    "not_applicable": Mark(lazy_gettext("not applicable"), "minus"),
}
LEAD_STATUS: Mapping[str, LazyString] = {
    "new": lazy_gettext("New"),
    "in_work": lazy_gettext("In work"),
    "qualified": lazy_gettext("Qualified"),
    "converted": lazy_gettext("Converted"),
    "rejected": lazy_gettext("Rejected"),
}
CHANNELS: Mapping[str, LazyString] = {
    "call": lazy_pgettext("noun", "Call"),
    "form": lazy_gettext("Form"),
    "mail": lazy_gettext("Letter"),
    "person": lazy_gettext("Entered by hand"),
}
HUNG_UP: Mapping[str, LazyString] = {
    "client": lazy_gettext("the client"),
    "us": lazy_gettext("us"),
    "system": lazy_gettext("the phone system"),
}
ROLES: Mapping[str, LazyString] = {
    "reception": lazy_gettext("Reception"),
    "manager": lazy_gettext("Manager"),
    "supervisor": lazy_gettext("Supervisor"),
    "administrator": lazy_gettext("Administrator"),
}


def result(call: Mapping[str, Any]) -> Mark:
    """What came of a call; while it is open, what it does."""
    return OUTCOMES.get(call["outcome"] or "") or STATES[call["state"]]


def duration(seconds: float | None) -> str:
    """``1:05`` or ``1:02:03``; a dash when there was none."""
    if not seconds or seconds < 0.5:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def total(seconds: float) -> str:
    """A sum of talk, ``37 h 12 min``."""
    if seconds < 60:
        return gettext("%(seconds)d s", seconds=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return gettext("%(minutes)d min", minutes=minutes)
    return gettext("%(hours)d h %(minutes)d min", hours=minutes // 60, minutes=minutes % 60)


def count(number: int) -> str:
    """``1,204`` as people write it there."""
    return format_decimal(number, locale=_locale())


def as_moment(value: datetime | str) -> datetime:
    return clock.parse_iso(value) if isinstance(value, str) else value


def _local(value: datetime | str) -> datetime:
    return as_moment(value).astimezone(get_timezone())


def _locale() -> Locale:
    """How dates, times and numbers are written for the viewer."""
    locale = get_locale()
    return BRITISH if locale is None or locale.language == "en" else locale


def _written(moment: datetime, day: str, time: str) -> str:
    """A moment in its own zone, its day and its time each by the skeleton given, joined as the language joins them."""
    locale = _locale()
    parts = (format_skeleton(skeleton, moment, locale=locale) for skeleton in (time, day))
    return str(locale.datetime_formats["medium"]).format(*parts)


def exact(value: datetime | str) -> str:
    """The whole truth of a moment, in the viewer's zone, which is named."""
    return f"{_written(_local(value), 'yMMMd', 'Hms')} ({get_timezone()})"


def short(value: datetime | str) -> str:
    """``14:05`` today, ``20 Nov, 14:05`` this year, with the year before that."""
    moment, today = _local(value), clock.now().astimezone(get_timezone())
    if moment.date() == today.date():
        return format_skeleton("Hm", moment, locale=_locale())
    return _written(moment, "MMMd" if moment.year == today.year else "yMMMd", "Hm")


def named(day: date, skeleton: str = "yMMMd") -> str:
    """``20 Nov 2026``, or what of it the skeleton names."""
    return format_skeleton(skeleton, day, locale=_locale())


def day(value: datetime | str) -> str:
    """The heading of a day on a line of time."""
    moment = _local(value)
    ago = (clock.now().astimezone(get_timezone()).date() - moment.date()).days
    if ago in (0, 1):
        return gettext("Today") if ago == 0 else gettext("Yesterday")
    written = format_date(moment, "full", locale=_locale())
    return written[0].upper() + written[1:]


def _time(value: datetime | str, words: str, *, kept: bool = False) -> Markup:
    """`kept`: the page tells the age anew while it stands open."""
    moment = as_moment(value)
    iso = clock.iso(moment)
    if kept:
        return Markup('<time datetime="{0}" title="{1}" data-ago="{0}">{2}</time>').format(iso, exact(moment), words)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, exact(moment), words)


def at(value: datetime | str | None) -> Markup:
    """A moment by the clock on the wall."""
    return Markup("–") if value is None else _time(value, short(value))


def age(value: datetime | str) -> str:
    """``3 min. ago``; older moments by date."""
    moment = as_moment(value)
    past = moment - clock.now()
    if abs(past) >= RELATIVE:
        return short(moment)
    return format_timedelta(past, add_direction=True, format="short", threshold=1, locale=get_locale())


def ago(value: datetime | str | None) -> Markup:
    """A moment as people say it; the page keeps it true while it stands open."""
    if value is None:
        return Markup("–")
    moment = as_moment(value)
    return _time(moment, age(moment), kept=abs(clock.now() - moment) < RELATIVE)


def running(value: datetime | str | None) -> Markup:
    """A clock that has been running since `value`."""
    if value is None:
        return Markup("")
    moment = as_moment(value)
    words = duration((clock.now() - moment).total_seconds()).replace("–", "0:00")
    return Markup('<span class="clock" data-since="{}">{}</span>').format(clock.iso(moment), words)


def number(e164: str | None) -> str:
    """A number as people write it."""
    return spoken(e164) if e164 else gettext("withheld")


def withheld(typed: str | None) -> bool:
    """Whether this is how phone systems write that a number is not shown (``anonymous``)."""
    return PhoneNumber.parse(typed, "ZZ").withheld


def card_name(card: Mapping[str, Any]) -> str:
    """A card's name; one that is only a number is written as numbers are."""
    name = str(card["name"])
    return spoken(name) if name.startswith("+") else name


def initials(name: str) -> str:
    """At most two letters that stand for a name; a phone for a card that has only a number."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    return "".join(letters[:2]).upper() or "#"


HELPERS = (result, duration, total, count, exact, short, day, at, ago, running, number, withheld, card_name, initials)
TABLES: Mapping[str, Mapping[str, Any]] = {
    "DIRECTIONS": DIRECTIONS,
    "OUTCOMES": OUTCOMES,
    "STATES": STATES,
    "VIA": VIA,
    "CERTAINTY": CERTAINTY,
    "LEAD_STATUS": LEAD_STATUS,
    "CHANNELS": CHANNELS,
    "HUNG_UP": HUNG_UP,
    "ROLES": ROLES,
}
