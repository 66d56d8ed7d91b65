"""What becomes of a line's calls, in sentences: whom they ring, what is recorded, when it is open."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from babel.lists import format_list
from flask_babel import LazyString, get_locale, gettext, lazy_gettext, ngettext

from hub.domain.routing import RecordRule, Route
from hub.reads.people import LineShape
from hub.reads.routing import Rung
from hub.web.pages.people_in_calls import Speaker

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RECORDING: Mapping[RecordRule, LazyString] = {
    RecordRule.NEVER: lazy_gettext("No"),
    RecordRule.ANNOUNCED: lazy_gettext("Yes, announced first"),
    RecordRule.ALWAYS: lazy_gettext("Yes, without an announcement"),
}


def whom(line: LineShape, rung: Rung, speaker: Speaker) -> str:
    """``Rings the client's own manager first, then Anna and Boris, each time for 20 seconds, then takes a message``."""
    words = {"people": _people(rung, speaker), "time": seconds(line["ring_seconds"])}
    if not rung.users:
        return gettext("Rings nobody: no phone here is anybody's. The phone system does as it is set up.")
    match line["owner_first"], line["voicemail"]:
        case True, True:
            return gettext(
                "Rings the client's own manager first, then %(people)s, each time for %(time)s, then takes a message",
                **words,
            )
        case True, False:
            return gettext("Rings the client's own manager first, then %(people)s, each time for %(time)s", **words)
        case False, True:
            return gettext("Rings %(people)s for %(time)s, then takes a message", **words)
    return gettext("Rings %(people)s for %(time)s", **words)


def _people(rung: Rung, speaker: Speaker) -> str:
    return gettext("everybody with a phone") if rung.everybody else named(rung.users, speaker)


def named(user_ids: Iterable[int], speaker: Speaker) -> str:
    """``Anna and Boris``."""
    return format_list([speaker.user_name(user) or "–" for user in user_ids], locale=get_locale())


def phoneless(rung: Rung, speaker: Speaker) -> str | None:
    """Who is named but cannot be rung."""
    if not rung.phoneless:
        return None
    people, count = named(rung.phoneless, speaker), len(rung.phoneless)
    return ngettext("%(people)s has no phone here", "%(people)s have no phone here", count, people=people)


def seconds(count: int) -> str:
    return ngettext("%(num)s second", "%(num)s seconds", count)


def recorded(line: LineShape) -> Iterator[str]:
    """A sentence for each direction of which something is recorded; one sentence when nothing is."""
    told = RecordRule.ANNOUNCED
    inbound, outbound = line["record_inbound"], line["record_outbound"]
    if inbound != RecordRule.NEVER:
        yield gettext("Incoming calls, the caller is told first") if inbound == told else gettext("Incoming calls")
    if outbound != RecordRule.NEVER:
        yield gettext("Outgoing calls, the client is told first") if outbound == told else gettext("Outgoing calls")
    if inbound == outbound == RecordRule.NEVER:
        yield gettext("Nothing")


def steps(route: Route, speaker: Speaker, owners: Mapping[str, int]) -> Iterator[str]:
    """What would happen to a call, one step after the other; `owners` says whose a phone is."""
    time = seconds(route.ring_seconds)
    for stage in route.stages:
        phones = [_phone(phone, speaker, owners) for phone in stage]
        yield gettext("Rings %(people)s for %(time)s", people=format_list(phones, locale=get_locale()), time=time)
    if not route.stages:
        yield gettext("Hub would name nobody: the phone system does as it is set up")
    elif route.voicemail:
        yield gettext("Takes a message, where Hub leads the call")
    else:
        yield gettext("Goes on as the phone system is set up")


def _phone(phone: str, speaker: Speaker, owners: Mapping[str, int]) -> str:
    name = speaker.user_name(owners.get(phone))
    return f"{name} ({phone})" if name else phone


def hours(line: Mapping[str, Any]) -> list[str]:
    """``Mon–Fri 09:00–18:00``: days that are alike stand together."""
    if line["hours"] is None:
        return [gettext("always")]
    told: list[tuple[list[str], str]] = []
    for day in DAYS:
        spans = ", ".join("–".join(span) for span in line["hours"].get(day, []))
        if told and told[-1][1] == spans:
            told[-1][0].append(day)
        else:
            told.append(([day], spans))
    return [f"{_days(days)} {spans}" for days, spans in told if spans] or [gettext("never")]


def _days(days: list[str]) -> str:
    words_of = {
        "mon": gettext("Mon"),
        "tue": gettext("Tue"),
        "wed": gettext("Wed"),
        "thu": gettext("Thu"),
        "fri": gettext("Fri"),
        "sat": gettext("Sat"),
        "sun": gettext("Sun"),
    }
    first, last = words_of[days[0]], words_of[days[-1]]
    return first if len(days) == 1 else f"{first}–{last}"
