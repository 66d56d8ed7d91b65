"""Whether a channel is one of our people, the outside world, or only plumbing; and whose phone it is."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from hub.telephony.providers.asterisk.channels import Channel
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.text import (
    base_name,
    dialled_number,
    digits,
    is_number,
    number,
    peer,
    technology,
)

Channels = Mapping[str, Channel]

_PLUMBING = frozenset(
    {"Message", "Bridge", "Announcer", "Recorder", "CBAnn", "CBRec", "Snoop", "Surrogate"}
    | {"UnicastRTP", "MulticastRTP", "AudioSocket", "WebSocket"}
)
"""Technologies of channels Asterisk makes for itself or for machines: announcements, recorders, speech robots."""
_SOCKETS = frozenset({"DAHDI", "Zap"})
"""Their channel names carry the number of a socket in a card, not of a person."""
_FOR_WHOM = re.compile(r"(?:[A-Z]+-)?(\d+)@")
"""Local channels name the extension they stand for; FreePBX's follow-me puts letters before it (FMPR-101@…)."""
_FORWARDING = {"ext-local", "from-did-direct", "ext-findmefollow", "followme-check"}
"""Contexts in which FreePBX calls an extension's phone, or what stands in for it."""
_SHORTEST_OUTSIDE = 7


class Kind(Enum):
    PERSON = auto()
    OUTSIDE = auto()
    LOCAL = auto()
    PLUMBING = auto()


def kind(channel: Channel, settings: AsteriskSettings) -> Kind:
    """What is configured decides first, then where the channel began its life, then its numbers.

    Of a channel that shows none of this, having named the trunks says that it is a phone.
    """
    if channel.name.startswith("Local/"):
        return Kind.LOCAL
    if technology(channel.name) in _PLUMBING:
        return Kind.PLUMBING
    context = channel.birth.context if channel.birth else ""
    if settings.is_trunk(base_name(channel.name)) or settings.is_inbound(context):
        return Kind.OUTSIDE
    if _leads_on(channel, settings) or _comes_in(channel, settings):
        return Kind.OUTSIDE
    if extension(channel, settings) or settings.is_internal(context):
        return Kind.PERSON
    return Kind.PERSON if settings.trunks and not _shows_outside_number(channel) else Kind.OUTSIDE


def _shows_outside_number(channel: Channel) -> bool:
    return any(digits(number(caller.number)) >= _SHORTEST_OUTSIDE for caller in channel.callers)


def _leads_on(channel: Channel, settings: AsteriskSettings) -> bool:
    """It was dialled for a number behind it: ``112@operator``, ``operator/112``."""
    name, string = peer(channel.name), channel.dial_string
    behind = string.removesuffix(f"@{name}") if string.endswith(f"@{name}") else string.removeprefix(f"{name}/")
    if not name or behind == string or not behind.removeprefix("+").isdecimal():
        return False
    return digits(behind) >= _SHORTEST_OUTSIDE or not settings.is_extension(name)


def _comes_in(channel: Channel, settings: AsteriskSettings) -> bool:
    """It shows an outside number and wants one of our lines, from a context that is not our phones'."""
    birth = channel.birth
    if birth is None or channel.is_called or settings.is_internal(birth.context) or not settings.is_line(birth.exten):
        return False
    shown = number(birth.number)
    return digits(shown) >= _SHORTEST_OUTSIDE and not settings.is_line(shown)


def extension(channel: Channel, settings: AsteriskSettings) -> str:
    """The short number of a channel: by its name, else by the first number it showed. Empty: none known."""
    return next((short for short in _short_numbers(channel) if settings.is_extension(short)), "")


def _short_numbers(channel: Channel) -> Iterator[str]:
    if technology(channel.name) not in _SOCKETS:
        yield peer(channel.name)
    yield from (number(caller.number) for caller in channel.callers)
    # FreePBX notes the user on the channel that calls; channels it dials inherit the note.
    if not channel.is_called:
        yield channel.variables.get("AMPUSER", "")


def person(channel: Channel, settings: AsteriskSettings) -> str:
    """Under which number a phone of ours is shown."""
    return extension(channel, settings) or peer(channel.name) or channel.id


def stand_in(channel: Channel, channels: Channels, settings: AsteriskSettings, caller: Channel | None) -> str:
    """Under which number an outside phone is shown that takes part in place of one of ours: the extension it stands
    in for (the one `caller` was to reach), else the number dialled to reach it."""
    instead = _stands_for(channel, channels, settings) or (caller and _meant(channel, caller, channels, settings))
    return instead or dialled_number(channel.dial_string) or peer(channel.name) or channel.id


def _stands_for(channel: Channel, channels: Channels, settings: AsteriskSettings) -> str:
    dialler = channels.get(channel.dialled_by or "")
    named = _FOR_WHOM.match(peer(dialler.name)) if dialler and dialler.name.startswith("Local/") else None
    return named.group(1) if named and settings.is_extension(named.group(1)) else ""


def _meant(channel: Channel, caller: Channel, channels: Channels, settings: AsteriskSettings) -> str:
    """The extension `caller` dialled, or the dial plan had come to, when this outside phone was called instead.
    Empty when there was none, or somebody there had the call before and handed it on."""
    if settings.is_extension(caller.exten) and not settings.is_inbound(caller.birth.context if caller.birth else ""):
        return caller.exten
    reached = (
        short
        for at, context, short in reversed(caller.reached)
        if at <= channel.born_at and context in _FORWARDING and settings.is_extension(short)
    )
    short = next(reached, "")
    there = (one for one in channels.values() if one.up_at and one.up_at <= channel.born_at)
    return "" if any(extension(one, settings) == short for one in there if one is not caller) else short


def aims(initiator: Channel, wanted: str) -> list[str]:
    """What one of ours meant to reach: a phone the system called first shows it, any other dialled it."""
    if not initiator.is_originated:
        return [initiator.exten]
    return [wanted, *(number(caller.number) for caller in initiator.callers)]


def looks_outside(text: str, settings: AsteriskSettings) -> bool:
    """Whether something dialled in vain was meant for the outside."""
    return not settings.is_extension(text) and digits(text) >= _SHORTEST_OUTSIDE and is_number(text)
