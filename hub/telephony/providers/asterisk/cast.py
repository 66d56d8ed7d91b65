"""Who is who in one conversation: the client, the one of ours who called, and how they knew each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub.domain.calls import Direction
from hub.telephony.providers.asterisk import people
from hub.telephony.providers.asterisk.channels import REQUEST_VARIABLE, Channel
from hub.telephony.providers.asterisk.people import Kind
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.text import dialled_number, number

_SHORTEST_OUTSIDE = 7
"""Digits from which something dialled in vain is taken for an outside number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The roles. `clients` are the channels of the outside party, the oldest first."""

    direction: Direction
    channels: Mapping[str, Channel]
    kinds: Mapping[str, Kind]
    clients: tuple[Channel, ...]
    initiator: Channel | None
    number: str | None
    name: str | None
    line: str | None
    request: str | None

    @property
    def call(self) -> str:
        """The conversation's id: the linked id of the client's oldest channel, internally of the caller's."""
        first = self.clients[0] if self.clients else self.initiator
        return (first.linkedid or first.id) if first else ""


def cast(channels: Mapping[str, Channel], settings: AsteriskSettings, wanted: str = "") -> Cast | None:
    """The roles of these channels; None when no person and nobody outside takes part.

    `wanted` is the number a click-to-call was to reach.
    """
    kinds = {channel.id: people.kind(channel, settings) for channel in channels.values()}
    kinds |= {channel.id: Kind.OUTSIDE for channel in channels.values() if _is_marked(channel, channels)}
    ages = sorted(channels.values(), key=lambda channel: channel.age)
    outside = [channel for channel in ages if kinds[channel.id] is Kind.OUTSIDE]
    persons = [channel for channel in ages if kinds[channel.id] is Kind.PERSON]
    if not outside and not persons:
        return None
    casting = _Casting(settings, channels, outside, persons, wanted)
    return Cast(
        direction=casting.direction,
        channels=channels,
        kinds=kinds,
        clients=casting.clients,
        initiator=casting.initiator,
        number=casting.number or None,
        name=casting.name or None,
        line=casting.line or None,
        request=_first(channel.variables.get(REQUEST_VARIABLE, "") for channel in ages) or None,
    )


def _is_marked(channel: Channel, channels: Mapping[str, Channel]) -> bool:
    """The PBX says itself that this is the outside: it called in, or was dialled by an outgoing call."""
    dialler = channels.get(channel.dialled_by or "")
    return channel.marked == "inbound" or (dialler is not None and dialler.marked == "outbound")


class _Casting:
    """The questions in the order they are answered."""

    def __init__(
        self,
        settings: AsteriskSettings,
        channels: Mapping[str, Channel],
        outside: list[Channel],
        persons: list[Channel],
        wanted: str,
    ) -> None:
        self.settings = settings
        self.channels = channels
        self.persons = persons
        self.callers = [channel for channel in outside if not channel.is_called]
        self.called = [channel for channel in outside if channel.is_called]
        self.wanted = wanted
        self.clients = self._clients()
        self.initiator = self._initiator()
        self.direction = self._direction()
        self.number = self._number()
        self.name = self._name()
        self.line = self._line()

    def _clients(self) -> tuple[Channel, ...]:
        """Whoever called us from outside; else whom we called: the first, and those tried in its place."""
        return tuple(self.callers[:1] or self.called)

    def _initiator(self) -> Channel | None:
        if self.callers:
            return None
        before = [one for one in self.persons if not self.clients or one.age <= self.clients[0].age]
        return before[0] if before else None

    def _direction(self) -> Direction:
        if self.callers:
            return Direction.INBOUND
        return Direction.OUTBOUND if self.clients or self._meant() else Direction.INTERNAL

    def _meant(self) -> str:
        """The outside number somebody tried to reach without any line being taken."""
        if self.initiator is None or len(self.persons) > 1:
            return ""
        exten = self.initiator.exten
        tried = [self.wanted, *self._shown_numbers(self.initiator)] if self.initiator.is_originated else [exten]
        return _first(number(text) for text in tried if _looks_outside(text, self.settings))

    def _number(self) -> str:
        if self.direction is Direction.INBOUND:
            return self._caller_number(self.clients[0])
        if not self.clients:
            return self._meant()
        client = self.clients[0]
        shown = (text for text in self._shown_numbers(client) if text != client.showed)
        return dialled_number(client.dial_string) or _first(shown) or self._typed()

    def _typed(self) -> str:
        typed = self.initiator.exten if self.initiator else ""
        return self.wanted or (typed if _looks_outside(typed, self.settings) else "")

    def _caller_number(self, client: Channel) -> str:
        hidden = any(caller.hidden for caller in client.callers)
        return "" if hidden else _first(self._shown_numbers(client))

    def _shown_numbers(self, channel: Channel) -> Iterator[str]:
        return (number(caller.number) for caller in channel.callers)

    def _name(self) -> str:
        """What the caller sent as a name; a number copied into the name is none."""
        if self.direction is not Direction.INBOUND:
            return ""
        return _first(caller.name for caller in self.clients[0].callers if not _is_number(caller.name))

    def _line(self) -> str:
        shown = self._called_line() if self.direction is Direction.INBOUND else self._showed_line()
        return self.settings.line(shown) if shown else ""

    def _called_line(self) -> str:
        client = self.clients[0]
        did = client.variables.get("FROM_DID", "")
        return _first(text for text in (did, client.exten) if _digits(text) >= 3)

    def _showed_line(self) -> str:
        showed = [client.showed for client in self.clients]
        return _first(number(text) for text in showed if text and not self.settings.is_extension(text))


def _first(texts: Iterator[str]) -> str:
    return next((text for text in texts if text), "")


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _is_number(name: str) -> bool:
    return not any(character.isalpha() for character in name)


def _looks_outside(text: str, settings: AsteriskSettings) -> bool:
    return not settings.is_extension(text) and _digits(text) >= _SHORTEST_OUTSIDE and _is_number(text)
