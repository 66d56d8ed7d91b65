"""Who is who in one conversation: the client, the one of ours who called, and whose phone each channel is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub.domain.calls import Direction
from hub.telephony.providers.asterisk import people
from hub.telephony.providers.asterisk.channels import Channel
from hub.telephony.providers.asterisk.people import Channels, Kind
from hub.telephony.providers.asterisk.settings import AsteriskSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The roles. `clients` are the channels of the outside party, the oldest first; `initiator` is the channel of
    ours that called; `aside` are channels that belong to another caller whom they met (a conference)."""

    settings: AsteriskSettings
    channels: Channels
    kinds: Mapping[str, Kind]
    direction: Direction
    clients: tuple[Channel, ...]
    initiator: Channel | None
    wanted: str
    seats: Mapping[str, str]
    """For each channel of ours the number its phone's part is shown under."""
    aside: frozenset[str] = frozenset()

    @property
    def first(self) -> Channel:
        """The channel the call is known by: the client's oldest, internally the caller's."""
        known = self.clients[:1] or (self.initiator,)
        return next(channel for channel in known if channel is not None)

    @property
    def call(self) -> str:
        return self.first.linkedid or self.first.id

    def is_caller(self, channel: str) -> bool:
        """A channel of the one of ours who called, be it the first or a second line for a consultation."""
        if self.initiator is None or self.kinds.get(channel) is not Kind.PERSON:
            return False
        return self.seats[channel] == self.seats[self.initiator.id]

    def is_phone(self, channel: str) -> bool:
        """One of our phones, or an outside phone that stands in for one; not the client, not the caller."""
        if channel not in self.seats or self.is_caller(channel) or any(channel == one.id for one in self.clients):
            return False
        return self.kinds[channel] is Kind.PERSON or self.channels[channel].is_called


def casts(channels: Channels, settings: AsteriskSettings, wanted: str = "") -> Iterator[Cast]:
    """The roles of these channels, for each call they are: callers from outside who meet are a call each.

    None where no person and nobody outside takes part. `wanted`: the number a click-to-call was to reach.
    """
    kinds = {channel.id: people.kind(channel, settings) for channel in channels.values()}
    kinds |= {channel.id: Kind.OUTSIDE for channel in channels.values() if _is_marked(channel, channels)}
    ages = sorted(channels.values(), key=lambda channel: channel.age)
    outside = [channel for channel in ages if kinds[channel.id] is Kind.OUTSIDE]
    persons = [channel for channel in ages if kinds[channel.id] is Kind.PERSON]
    callers = [channel for channel in outside if not channel.is_called]
    for caller in callers:
        yield Cast(
            settings=settings,
            channels=channels,
            kinds=kinds,
            direction=Direction.INBOUND,
            clients=(caller,),
            initiator=None,
            wanted=wanted,
            seats=_seats(channels, kinds, settings, caller),
            aside=_of_others(caller, callers, channels),
        )
    if not callers and (outside or persons) and not _is_command(persons, outside, settings):
        yield _own_call(channels, kinds, settings, wanted)


def _is_command(persons: list[Channel], outside: list[Channel], settings: AsteriskSettings) -> bool:
    """One phone alone told the PBX something: listened to its mailbox, turned forwarding on."""
    return len(persons) == 1 and not outside and settings.is_feature_code(persons[0].exten)


def _of_others(caller: Channel, callers: list[Channel], channels: Channels) -> frozenset[str]:
    others = {other.linkedid for other in callers} - {caller.linkedid}
    return frozenset(channel.id for channel in channels.values() if channel.linkedid in others)


def _own_call(channels: Channels, kinds: Mapping[str, Kind], settings: AsteriskSettings, wanted: str) -> Cast:
    """A call nobody outside made: one of ours called out or a colleague, or the system called for one of ours."""
    ages = sorted(channels.values(), key=lambda channel: channel.age)
    persons = [channel for channel in ages if kinds[channel.id] is Kind.PERSON]
    called = _tried([channel for channel in ages if kinds[channel.id] is Kind.OUTSIDE])
    before = [person for person in persons if not called or person.age <= called[0].age]
    initiator = next(iter(before), None)
    clients = () if _is_forwarded(initiator, called, kinds, settings) else called
    outbound = clients or (initiator and len(persons) == 1 and _reaches_out(initiator, settings, wanted))
    return Cast(
        settings=settings,
        channels=channels,
        kinds=kinds,
        direction=Direction.OUTBOUND if outbound else Direction.INTERNAL,
        clients=clients,
        initiator=initiator,
        wanted=wanted,
        seats=_seats(channels, kinds, settings, None if outbound else initiator),
    )


def _seats(
    channels: Channels, kinds: Mapping[str, Kind], settings: AsteriskSettings, caller: Channel | None
) -> dict[str, str]:
    """`caller`: who called one of ours; an outside phone called instead of that one's is theirs."""
    seats: dict[str, str] = {}
    for channel in channels.values():
        if kinds[channel.id] is Kind.PERSON:
            seats[channel.id] = people.person(channel, settings)
        elif kinds[channel.id] is Kind.OUTSIDE:
            seats[channel.id] = people.stand_in(channel, channels, settings, caller)
    return seats


def _tried(called: list[Channel]) -> tuple[Channel, ...]:
    """The outside channels by which the client was reached; those called once he was there are somebody else."""
    reached = min((channel.up_at for channel in called if channel.up_at), default=None)
    return tuple(channel for channel in called if reached is None or channel.born_at <= reached)


def _is_forwarded(
    initiator: Channel | None, called: tuple[Channel, ...], kinds: Mapping[str, Kind], settings: AsteriskSettings
) -> bool:
    """A colleague was called, whose calls go on to an outside phone: a Local channel dialled that, not the caller."""
    if initiator is None or initiator.is_called or not called or not settings.is_extension(initiator.exten):
        return False
    return all(kinds.get(channel.dialled_by or "") is Kind.LOCAL for channel in called)


def _reaches_out(initiator: Channel, settings: AsteriskSettings, wanted: str) -> bool:
    """One of ours tried to reach an outside number without any line being taken."""
    return any(people.looks_outside(text, settings) for text in people.aims(initiator, wanted))


def _is_marked(channel: Channel, channels: Channels) -> bool:
    """The PBX says itself that this is the outside: it called in, or was dialled by an outgoing call."""
    dialler = channels.get(channel.dialled_by or "")
    return channel.marked == "inbound" or (dialler is not None and dialler.marked == "outbound")
