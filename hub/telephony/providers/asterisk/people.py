"""Whether a channel is one of our people, the outside world, or only plumbing; and whose phone it is."""

from collections.abc import Iterator
from enum import Enum, auto

from hub.telephony.providers.asterisk.channels import Channel
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.text import base_name, dialled_number, number, peer, technology

_PLUMBING = frozenset({"Message", "Bridge", "Announcer", "Recorder", "CBAnn", "CBRec", "Snoop", "UnicastRTP"})
"""Technologies of channels Asterisk makes for itself: announcements, recorders, instant messages."""
_SOCKETS = frozenset({"DAHDI", "Zap"})
"""Their channel names carry the number of a socket in a card, not of a person."""


class Kind(Enum):
    PERSON = auto()
    OUTSIDE = auto()
    LOCAL = auto()
    PLUMBING = auto()


def kind(channel: Channel, settings: AsteriskSettings) -> Kind:
    """What is configured decides first, then where the channel began its life, then its numbers."""
    if channel.name.startswith("Local/"):
        return Kind.LOCAL
    if technology(channel.name) in _PLUMBING:
        return Kind.PLUMBING
    context = channel.birth.context if channel.birth else ""
    if settings.is_trunk(base_name(channel.name)) or settings.is_inbound(context):
        return Kind.OUTSIDE
    return Kind.PERSON if extension(channel, settings) or settings.is_internal(context) else Kind.OUTSIDE


def extension(channel: Channel, settings: AsteriskSettings) -> str:
    """The short number of a channel: by its name, else by the first number it showed. Empty: none known."""
    return next((short for short in _short_numbers(channel) if settings.is_extension(short)), "")


def _short_numbers(channel: Channel) -> Iterator[str]:
    if technology(channel.name) not in _SOCKETS:
        yield peer(channel.name)
    yield from (number(caller.number) for caller in channel.callers)
    if user := channel.variables.get("AMPUSER"):
        yield user


def seat(channel: Channel, settings: AsteriskSettings) -> str:
    """Under which number a phone's part in a call is shown: its extension, else what was dialled to reach it."""
    return extension(channel, settings) or dialled_number(channel.dial_string) or peer(channel.name) or channel.id
