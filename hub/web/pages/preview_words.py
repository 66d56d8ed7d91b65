"""What is known of a caller, in words: where the number is from, what happened last, why two cards may be meant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from babel import Locale
from flask_babel import get_locale, get_timezone, gettext, ngettext

from hub.domain import clock
from hub.domain.identity import origin_of
from hub.reads.previews import EarlierCall, KnownCard
from hub.web.pages import words
from hub.web.pages.people_in_calls import Speaker

UNANSWERED = frozenset({"missed", "abandoned", "rejected", "no_answer", "busy", "failed", "cancelled"})


def country(e164: str | None) -> str:
    """``Ukraine, mobile``; empty when nothing is known of the number."""
    origin = origin_of(e164) if e164 else None
    if origin is None:
        return ""
    locale = get_locale() or Locale("en")
    name = str(locale.territories.get(origin.region, origin.region))
    return gettext("%(country)s, mobile", country=name) if origin.mobile else name


def last_contact(earlier: Sequence[EarlierCall], speaker: Speaker) -> str:
    """``called twice yesterday, nobody answered``; empty when there was no call before."""
    if not earlier:
        return ""
    last = earlier[0]
    when = _when(last.at)
    if last.outcome == "voicemail":
        return gettext("left a message %(when)s", when=when)
    if last.outcome not in UNANSWERED:
        return _talked(last, speaker, when)
    alike = list(takewhile(lambda call: _same(call, last), earlier))
    return _called(len(alike), when) if last.direction == "inbound" else _we_called(len(alike), when)


def _same(call: EarlierCall, last: EarlierCall) -> bool:
    """The same way, on the same day, and nobody answered either."""
    way = call.direction == last.direction and call.outcome in UNANSWERED
    return way and _day(call.at) == _day(last.at)


def _talked(call: EarlierCall, speaker: Speaker, when: str) -> str:
    length = words.duration(call.talk_seconds)
    if call.extension is None:
        return gettext("talked %(length)s %(when)s", length=length, when=when)
    who = speaker.person({"user_id": call.user_id, "extension": call.extension})
    return gettext("talked %(length)s with %(who)s %(when)s", length=length, who=who, when=when)


def _called(times: int, when: str) -> str:
    if times == 2:
        return gettext("called twice %(when)s, nobody answered", when=when)
    return ngettext(
        "called %(when)s, nobody answered", "called %(num)s times %(when)s, nobody answered", times, when=when
    )


def _we_called(times: int, when: str) -> str:
    if times == 2:
        return gettext("we called twice %(when)s, no answer", when=when)
    return ngettext("we called %(when)s, no answer", "we called %(num)s times %(when)s, no answer", times, when=when)


def _day(moment: datetime) -> object:
    return moment.astimezone(get_timezone()).date()


def _when(moment: datetime) -> str:
    """``today``, ``yesterday``, ``on 20 November``: as it stands within a sentence."""
    local, today = moment.astimezone(get_timezone()), clock.now().astimezone(get_timezone())
    ago = (today.date() - local.date()).days
    if ago in (0, 1):
        return gettext("today") if ago == 0 else gettext("yesterday")
    return gettext("on %(date)s", date=words.named(local.date(), "MMMMd" if local.year == today.year else "yMMMMd"))


def proof(talk: Mapping[str, Any], speaker: Speaker) -> str:
    """``talked 2:14 with Anna, 10:42``, or that they talk right now."""
    person = talk["answered_by"] if talk["direction"] == "inbound" else talk["initiated_by"]
    who = speaker.person(person) if person else gettext("a colleague")
    if talk["ended_at"] is None:
        return gettext("%(who)s talks with them now", who=who)
    length = words.duration(talk["talk_seconds"])
    return gettext("talked %(length)s with %(who)s, %(at)s", length=length, who=who, at=words.short(talk["started_at"]))


def reasons(card: KnownCard, speaker: Speaker) -> str:
    """Why this card may be meant, and what sets it apart from the other: for whoever has to choose."""
    return " · ".join(_reasons(card, speaker))


def _reasons(card: KnownCard, speaker: Speaker) -> Iterator[str]:
    yield gettext("has this number") if card.exact else gettext("its number ends in the same nine digits")
    if card.lead_status:
        yield gettext("open lead: %(status)s", status=words.LEAD_STATUS[card.lead_status])
    if card.last_contact_at:
        yield gettext("last contact %(when)s", when=_when(card.last_contact_at))
    if owner := speaker.user_name(card.owner_id):
        yield gettext("owner %(name)s", name=owner)
