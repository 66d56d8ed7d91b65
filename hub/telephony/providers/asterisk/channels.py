"""The channels of one conversation, each with what all its signals together tell of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.telephony.providers.asterisk.signals import Birth, Signal, Verb
from hub.telephony.providers.asterisk.text import base_name
from hub.telephony.providers.asterisk.times import epoch_near

REQUEST_VARIABLE = "HUB_CALL_ID"
"""The variable a click-to-call carries: its value is the id of the request."""
_DOWN = "0"
_NOWHERE = ("", "s")


@dataclass(slots=True)
class CallerId:
    """What a channel showed as its caller id at some moment."""

    number: str
    name: str = ""
    hidden: bool = False


@dataclass(slots=True)
class Channel:
    """One leg as Asterisk knows it. `seen_at` is when it was first heard of."""

    id: str
    seen_at: datetime
    name: str
    linkedid: str
    birth: Birth | None = None
    dialled_by: str | None = None
    """The channel that dialled it; empty when the system did (click-to-call); None: nobody is known to have."""
    dial_string: str = ""
    showed: str = ""
    """The caller id our side showed when it dialled this channel."""
    up_at: datetime | None = None
    callers: list[CallerId] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    reached: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When it came to which context and short number of the dial plan."""
    marked: str = ""
    """What kind of call the PBX itself says it made: inbound, outbound."""

    @property
    def is_called(self) -> bool:
        """Somebody rang it; it did not call by itself."""
        if self.dialled_by is not None or self.birth is None:
            return self.dialled_by is not None or self.id != self.linkedid
        # Some drivers make a phone's own channel before it is off the hook; then it knows where it wants to go.
        return self.birth.state == _DOWN and (self.id != self.linkedid or self.birth.exten in _NOWHERE)

    @property
    def is_originated(self) -> bool:
        """The system itself started the conversation with this channel."""
        return self.is_called and self.id == self.linkedid

    @property
    def born_at(self) -> datetime:
        """When it came to be; where that was not heard, its id tells: Asterisk's begin with the epoch."""
        return self.seen_at if self.birth else epoch_near(self.id, self.seen_at) or self.seen_at

    @property
    def exten(self) -> str:
        return self.birth.exten if self.birth else ""

    @property
    def age(self) -> tuple[datetime, str]:
        """Sorts channels, the oldest first."""
        return (self.born_at, self.id)


def gather(signals: Sequence[Signal]) -> dict[str, Channel]:
    """Every channel the signals (in order) speak of, by its unique id."""
    channels: dict[str, Channel] = {}
    for signal in signals:
        if not signal.channel:
            continue
        channel = channels.get(signal.channel)
        if channel is None:
            channel = Channel(signal.channel, signal.at, signal.name, signal.linkedid)
            channels[signal.channel] = channel
        _learn(channel, signal)
    for signal in signals:
        if signal.verb is Verb.ORIGINATED:
            _learn_originated(channels.values(), signal)
    return channels


def _learn_originated(channels: Iterable[Channel], signal: Signal) -> None:
    """The answer to an Originate names the channel the system called, or as much as it was told of it."""
    for channel in channels:
        unheard = channel.birth is None and channel.dialled_by is None and channel.id == channel.linkedid
        if unheard and (channel.name == signal.name or base_name(channel.name) == signal.name):
            channel.dialled_by = ""


def _learn(channel: Channel, signal: Signal) -> None:
    match signal.verb:
        case Verb.BORN if channel.birth is None:
            channel.birth = Birth(*signal.about)
            channel.callers.insert(0, CallerId(channel.birth.number, channel.birth.caller))
        case Verb.CALLER_ID:
            shown, name, presentation = signal.about
            channel.callers.append(CallerId(shown, name, "Prohib" in presentation))
        case Verb.UP if channel.up_at is None:
            channel.up_at = signal.at
        case Verb.VARIABLE:
            channel.variables.setdefault(signal.other, signal.value)
        case Verb.REACHED:
            channel.reached.append((signal.at, signal.other, signal.value))
        case Verb.MARKED:
            channel.marked = signal.value
        case Verb.DIALLED:
            _learn_dial(channel, signal)


def _learn_dial(channel: Channel, signal: Signal) -> None:
    if channel.dialled_by:
        return
    channel.dialled_by = signal.other
    channel.dial_string = signal.value
    called, showed = signal.about
    channel.showed = showed
    channel.callers.append(CallerId(called))
