"""All facts of one conversation as call events, in whatever order they came."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome, Via
from hub.domain.clock import parse_iso
from hub.domain.delivery import Fact
from hub.telephony.providers.freeswitch import causes, ending
from hub.telephony.providers.freeswitch.legs import Leg, legs
from hub.telephony.providers.freeswitch.roles import Roles, cast
from hub.telephony.providers.freeswitch.settings import FreeSwitchSettings


def interpret(facts: Sequence[Fact], settings: FreeSwitchSettings) -> list[CallEvent]:
    """The events of the one call these facts tell of; none for a command to the switch (``*97``)."""
    told = legs(facts, settings)
    roles = cast(told)
    if roles is None or _is_command(roles):
        return []
    story = Story(roles, tuple(told.values()))
    gaps = [fact for fact in facts if "gap" in fact.data]
    return [*story.events(), *story.unreported_end(gaps)]


def _is_command(roles: Roles) -> bool:
    return roles.root.ours and roles.root.text("dialled").startswith("*") and not (roles.phones or roles.clients)


@dataclass(frozen=True)
class Story:
    roles: Roles
    legs: tuple[Leg, ...]

    @property
    def call(self) -> str:
        return self.roles.root.id

    @cached_property
    def handed_on(self) -> list[tuple[datetime, str]]:
        """When and how the conversation was transferred, in order."""
        return sorted({one for leg in self.legs for one in leg.transfers})

    def events(self) -> Iterator[CallEvent]:
        yield from self._began()
        yield from self._queued()
        if self.roles.direction is Direction.OUTBOUND:
            yield from self._client()
        for phone in self.roles.phones:
            yield from self._phone(phone)
        yield from self._beside()
        yield from self._ended()

    def _began(self) -> Iterator[CallEvent]:
        root = self.roles.root
        if root.born is None:
            return
        inbound = self.roles.direction is Direction.INBOUND
        yield say.CallStarted(
            call=self.call,
            at=root.born,
            direction=self.roles.direction,
            number=self._number(),
            name=root.text("name") if inbound and root.text("name") != root.party else None,
            line=self._line(),
            extension=None if inbound else (root.party if root.ours else None),
            request=root.text("request") or None,
        )

    def _number(self) -> str | None:
        root, direction = self.roles.root, self.roles.direction
        if direction is Direction.INTERNAL:
            return None
        if direction is Direction.INBOUND:
            return root.party or None
        called = (leg.party for leg in self.roles.clients)
        dialled = root.text("dialled") if root.inward else ""
        return root.text("number") or next(filter(None, called), None) or dialled or None

    def _line(self) -> str | None:
        root, settings = self.roles.root, self.roles.root.settings
        if self.roles.direction is Direction.INBOUND:
            return settings.line(root.text("dialled")) or None
        shown = (leg.text("caller") for leg in self.roles.clients)
        return next((settings.line(one) for one in shown if one and not settings.is_extension(one)), None)

    def _queued(self) -> Iterator[CallEvent]:
        root = self.roles.root
        if not root.text("queue") or root.born is None:
            return
        yield say.QueueEntered(call=self.call, at=root.times.get("queued", root.born), queue=root.text("queue"))
        if root.text("queue_cause") == "cancel" and root.ended:
            yield say.QueueAbandoned(call=self.call, at=root.ended)

    def _client(self) -> Iterator[CallEvent]:
        """The outside party of a call we made, and the talk of whoever made it."""
        caller = self.roles.root
        for leg in self.roles.clients:
            answered, ended = self._picked_up(leg), self._gone(leg)
            if leg.rang:
                yield say.ClientRang(call=self.call, at=leg.rang)
            if answered:
                yield say.ClientAnswered(call=self.call, at=answered)
                yield say.TalkBegan(call=self.call, at=leg.together or answered)
                over = min(filter(None, (ended, caller.ended)), default=None)
                if over:
                    yield say.TalkEnded(call=self.call, at=over)
            if ended:
                yield say.ClientLeft(call=self.call, at=ended)

    def _phone(self, leg: Leg) -> Iterator[CallEvent]:
        if leg.born is None and leg.whole:
            return
        via, at = self._via(leg), leg.born or self.roles.root.born
        answered, ended = self._picked_up(leg), self._gone(leg)
        if at is not None:
            yield say.PhoneTried(call=self.call, at=at, leg=leg.id, extension=leg.party, via=via)
        if leg.rang:
            yield say.PhoneRang(call=self.call, at=leg.rang, leg=leg.id, extension=leg.party, via=via)
        if answered:
            yield say.PhoneAnswered(call=self.call, at=answered, leg=leg.id, extension=leg.party, via=via)
            yield from self._talk(leg, answered, ended)
        if ended:
            outcome = LegOutcome.ANSWERED if answered else causes.phone(leg.text("cause"))[0]
            yield say.PhoneLeft(call=self.call, at=ended, leg=leg.id, outcome=outcome)

    def _talk(self, leg: Leg, answered: datetime, ended: datetime | None) -> Iterator[CallEvent]:
        began: datetime | None = leg.together or answered
        if leg.id in self.roles.consulting:  # until the client is put through, colleagues talk among themselves
            began = next((max(at, answered) for at, _ in self.handed_on if ended is None or at <= ended), None)
        if began is not None:
            yield say.TalkBegan(call=self.call, at=began, leg=leg.id)
            if ended:
                yield say.TalkEnded(call=self.call, at=ended, leg=leg.id)

    def _picked_up(self, leg: Leg) -> datetime | None:
        """Of a leg that was only heard of: when the leg that called it was put through to it."""
        if leg.whole:
            return leg.answered
        root = self.roles.root
        return root.times.get("bridged") if root.text("bridge") == leg.id else None

    def _gone(self, leg: Leg) -> datetime | None:
        return leg.ended if leg.whole else self.roles.root.ended

    def _via(self, leg: Leg) -> Via:
        if leg.id in self.roles.consulting:
            return Via.TRANSFER_ATTENDED
        if leg.text("queue") or self.roles.root.text("queue"):
            return Via.QUEUE
        if any(how == "bl_xfer" and leg.born and at <= leg.born for at, how in self._sent_on()):
            return Via.TRANSFER_BLIND
        return Via.DIRECT if leg.ours else Via.FORWARD

    def _sent_on(self) -> list[tuple[datetime, str]]:
        """Transfers after somebody had answered; before that the dial plan is only finding its way."""
        talked = [at for leg in (*self.roles.phones, *self.roles.clients) if (at := leg.together)]
        return [one for one in self.handed_on if talked and one[0] >= min(talked).replace(microsecond=0)]

    def _beside(self) -> Iterator[CallEvent]:
        """Hold, recordings, a message left."""
        root, began = self.roles.root, self.roles.root.born
        for leg in self.legs:
            for since, until in leg.held():
                yield say.HoldBegan(call=self.call, at=since)
                if until:
                    yield say.HoldEnded(call=self.call, at=until)
            if began:
                for file in leg.recordings:
                    yield say.RecordingAnnounced(call=self.call, at=began, reference=file)
        if self._message and root.ended:
            yield say.VoicemailLeft(call=self.call, at=root.ended)

    @property
    def _message(self) -> bool:
        return any(leg.text("left_word") for leg in self.legs)

    @property
    def _talked(self) -> bool:
        people = self.roles.clients if self.roles.direction is Direction.OUTBOUND else self.roles.phones
        return any(self._picked_up(leg) for leg in people)

    def _ended(self) -> Iterator[CallEvent]:
        at = ending.ended_at(self.roles)
        if at is not None:
            by, outcome, reason = ending.verdict(self.roles, talked=self._talked, message=self._message)
            yield say.CallEnded(call=self.call, at=at, by=by, outcome=outcome, reason=reason)

    def unreported_end(self, gaps: Sequence[Fact]) -> Iterator[CallEvent]:
        """How far an open call is known to have lived, and its end when the switch no longer knows it after a gap."""
        later = [gap for gap in gaps if gap.at >= max((leg.seen for leg in self.legs if leg.seen), default=gap.at)]
        if not later or ending.ended_at(self.roles):
            return
        last = max(later, key=lambda gap: gap.at)
        if last.data["alive"]:
            yield say.CallSeen(call=self.call, at=last.at)
        else:
            yield say.CallSeen(call=self.call, at=parse_iso(last.data["since"]))
            yield say.CallEnded(call=self.call, at=last.at, certain=False)
