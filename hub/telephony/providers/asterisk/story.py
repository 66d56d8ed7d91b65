"""One conversation told in call events: its signals in order, read with the roles already known."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome, Outcome, Party, Via
from hub.telephony.providers.asterisk import names
from hub.telephony.providers.asterisk.cast import Cast
from hub.telephony.providers.asterisk.client import Client
from hub.telephony.providers.asterisk.ending import Ending, Request
from hub.telephony.providers.asterisk.legs import Legs
from hub.telephony.providers.asterisk.people import Kind
from hub.telephony.providers.asterisk.plan import Plan
from hub.telephony.providers.asterisk.signals import BUSY_TONE, TONES, Signal, Verb
from hub.telephony.providers.asterisk.talk import CALLER, Talk
from hub.telephony.providers.asterisk.wiring import Wiring

_REWIRING = {Verb.ENTERED, Verb.LEFT}
_WHERE_CALLERS_MEET = {Verb.ENTERED, Verb.LEFT, Verb.UP, Verb.ENDED}


class Story:
    """Reads signals one by one; `events` is what they tell so far."""

    def __init__(self, cast: Cast, *, tells_who: bool = True) -> None:
        self._cast = cast
        self._call = cast.call
        self._client = Client(cast)
        self._wiring = Wiring({channel.id: channel.name for channel in cast.channels.values()})
        self._legs = Legs(self._call)
        self._talk = Talk(self._call, cast.direction, self._client.channels, self._wiring, self._seat_of)
        self._plan = Plan(cast)
        self._ending = Ending(cast, self._client, self._legs, self._plan, tells_who)
        self._dead: set[str] = set()
        self._transferred = False
        self._rewired_at: datetime | None = None
        """When somebody entered or left a bridge, not looked at yet: what happens at one instant is one change."""
        self._busy_tone = False
        self._over = False
        self.events: list[CallEvent] = []

    def tell(self, signals: Iterable[Signal]) -> list[CallEvent]:
        self._start()
        for signal in signals:
            if signal.channel not in self._dead and not self._is_aside(signal):
                if self._rewired_at and (self._rewired_at != signal.at or signal.verb not in _REWIRING):
                    self._look()
                self._read(signal)
        self._look()
        return self.events

    def _read(self, signal: Signal) -> None:
        """Each verb is read by the method of its name; what has none was read when the roles were cast."""
        if step := _STEPS.get(signal.verb):
            self.events += step(self._plan, signal)
        elif reader := _READERS.get(signal.verb):
            reader(self, signal)

    def _is_aside(self, signal: Signal) -> bool:
        """What another caller's channels do concerns this call only where the two meet."""
        return signal.channel in self._cast.aside and signal.verb not in _WHERE_CALLERS_MEET

    def _start(self) -> None:
        cast = self._cast
        parties = (*cast.clients, cast.initiator)
        started = say.CallStarted(
            call=self._call,
            at=min(party.born_at for party in parties if party),
            direction=cast.direction,
            number=names.outside_number(cast),
            name=names.caller_name(cast),
            line=names.line(cast),
            extension=cast.seats[cast.initiator.id] if cast.initiator else None,
            request=names.request(cast),
        )
        self.events.append(started)

    def _seat_of(self, channel: str) -> str | None:
        leg = self._legs.of(channel)
        if leg is not None:
            return leg.id
        return CALLER if self._cast.is_caller(channel) else None

    # What happens to phones.

    def born(self, signal: Signal) -> None:
        channel = signal.channel
        if self._cast.channels[channel].is_called and self._cast.is_phone(channel):
            self.events += self._legs.tried(signal.at, channel, self._cast.seats[channel], self._via(channel))

    def _via(self, channel: str) -> Via:
        if self._transferred:
            return Via.TRANSFER_BLIND
        if self._talk.now:
            return Via.TRANSFER_ATTENDED
        if self._cast.kinds[channel] is Kind.OUTSIDE:
            return Via.FORWARD
        return Via.QUEUE if self._plan.in_queue else Via.DIRECT

    dialled = born

    def ringing(self, signal: Signal) -> None:
        self.born(signal)
        self.events += self._client.rang(signal.at, signal.channel)
        self.events += self._legs.rang(signal.at, signal.channel)

    def up(self, signal: Signal) -> None:
        if signal.channel not in self._cast.aside:
            self.born(signal)
        self.events += self._client.answered(signal.at, signal.channel)
        self._legs.picked_up(signal.at, signal.channel)

    def dial_ended(self, signal: Signal) -> None:
        self.events += self._client.dial_ended(signal.at, signal.channel, signal.value)
        self._legs.dial_ended(signal.at, signal.channel, signal.value)

    def picked_up(self, signal: Signal) -> None:
        """Somebody else took the call of this ringing phone."""
        self._legs.dial_ended(signal.at, signal.channel, "CANCEL")

    # What happens in bridges.

    def entered(self, signal: Signal) -> None:
        self._wiring.enter(signal.channel, signal.other)
        self.events += self._legs.connected(signal.at, signal.channel)
        self._rewired_at = signal.at

    def left(self, signal: Signal) -> None:
        self._wiring.leave(signal.channel, signal.other)
        self._rewired_at = signal.at

    def _look(self) -> None:
        if self._rewired_at is not None:
            at, self._rewired_at = self._rewired_at, None
            self._rewired(at)

    def _rewired(self, at: datetime) -> None:
        groups = self._talk.groups()
        for group in groups:
            self._welcome(at, group)
        self.events += self._talk.rewired(at, groups, self._present, parted=self._transferred)
        if self._talk.last_began == at:
            self._transferred = False

    def _welcome(self, at: datetime, group: set[str]) -> None:
        """Phones nobody rang take part once they are put through: picked up, retrieved, called in by themselves."""
        for channel in sorted(group):
            if self._seat_of(channel) is None and self._cast.is_phone(channel):
                self._legs.joined(channel, self._cast.seats[channel])
                self.events += self._legs.connected(at, channel)

    def _present(self) -> set[str]:
        """Seats with a living channel."""
        present = {leg.id for leg in self._legs.all if leg.alive}
        callers = (one for one in self._cast.channels if one not in self._dead and self._cast.is_caller(one))
        return present | ({CALLER} if any(callers) else set())

    def transferred(self, signal: Signal) -> None:
        self._transferred = True
        self._rewired(signal.at)

    def held(self, signal: Signal) -> None:
        if self._takes_part(signal.channel):
            self.events += self._talk.held(signal.at, f"by {signal.channel}")

    def _takes_part(self, channel: str) -> bool:
        seat = self._seat_of(channel)
        return seat in self._talk.now or (seat is not None and self._cast.direction is Direction.INTERNAL)

    def unheld(self, signal: Signal) -> None:
        self.events += self._talk.released(signal.at, f"by {signal.channel}")

    def music(self, signal: Signal) -> None:
        internal = self._cast.direction is Direction.INTERNAL
        if signal.channel in self._client.channels or (internal and self._takes_part(signal.channel)):
            self.events += self._talk.held(signal.at, f"music {signal.channel}")

    def quiet(self, signal: Signal) -> None:
        self.events += self._talk.released(signal.at, f"music {signal.channel}")

    # How it ends.

    def asked_to_end(self, signal: Signal) -> None:
        if signal.value in TONES:
            self._busy_tone = signal.value == BUSY_TONE
            return
        if signal.channel in self._client.channels:
            self._ending.requests.append(Request(signal.at, Party.CLIENT, signal.channel))
        elif self._seat_of(signal.channel) is not None:
            self._ending.requests.append(Request(signal.at, Party.US, signal.channel))

    def ended(self, signal: Signal) -> None:
        self._dead.add(signal.channel)
        self._wiring.drop(signal.channel)
        self.events += self._talk.released(signal.at, f"by {signal.channel}")
        self.events += self._legs.ended(signal.at, signal.channel, signal.value)
        self.events += self._client.ended(signal.at, signal.channel, signal.value)
        self._rewired(signal.at)
        if not self._over and self._is_over():
            self._over = True
            self._end(signal.at)

    def _is_over(self) -> bool:
        """Inbound and after a talk when the client is gone, else when all who took part are."""
        if self._cast.direction is Direction.INBOUND or (self._client.channels and self._talk.last_began):
            return self._dead >= self._client.channels
        ours = {channel for channel, kind in self._cast.kinds.items() if kind is Kind.PERSON}
        return self._dead >= self._client.channels | ours

    def _end(self, at: datetime) -> None:
        self._phone_not_there()
        verdict = self._ending.verdict(self._talk.same_since)
        if self._plan.voicemail:
            self.events.append(say.VoicemailLeft(call=self._call, at=at))
        self.events.append(
            say.CallEnded(call=self._call, at=at, by=verdict.by, outcome=verdict.outcome, reason=verdict.reason)
        )

    @property
    def so_far(self) -> Outcome | None:
        """The outcome of a call whose end nobody tells, where what happened before decides it."""
        return self._ending.unreachable()

    def _phone_not_there(self) -> None:
        """A phone that is not registered, or does not want to be disturbed, has no channel: only the dial plan's step
        shows that it was meant, and the tone the caller hears why it was not called."""
        if self._plan.meant is not None and not self._legs.all and not self._talk.last_began:
            outcome = LegOutcome.BUSY if self._busy_tone else LegOutcome.NO_ANSWER
            self.events += self._legs.missing(*self._plan.meant, outcome)


_STEPS: Mapping[Verb, Callable[[Plan, Signal], Iterable[CallEvent]]] = {
    verb: reader for verb in Verb if (reader := getattr(Plan, verb.name.lower(), None))
}
_READERS: Mapping[Verb, Callable[[Story, Signal], None]] = {
    verb: reader for verb in Verb if (reader := getattr(Story, verb.name.lower(), None))
}
