"""What all pushes about one conversation amount to, in whatever order they came.

Without `timestamp` the order of receipt is all there is; a push that overtook another is put where it must
have been: nothing happens before the beginning or after the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome, Outcome, Party, Via
from hub.domain.delivery import Fact

Pushes = Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Cause:
    """What a hangup's cause means while nobody talked: who ended it, the outcome of an outbound call, the reason."""

    by: Party | None = None
    outbound: Outcome = Outcome.NO_ANSWER
    inbound_reason: str | None = None
    outbound_reason: str | None = None
    leg: LegOutcome = LegOutcome.NO_ANSWER


CAUSES: Mapping[str, Cause] = {
    "normalClearing": Cause(),
    "busy": Cause(None, Outcome.BUSY, "phone busy", "busy", LegOutcome.BUSY),
    "noAnswer": Cause(Party.SYSTEM, Outcome.NO_ANSWER, "ring timeout", "no answer"),
    "congestion": Cause(Party.SYSTEM, Outcome.FAILED, "congestion", "congestion"),
    "notFound": Cause(Party.SYSTEM, Outcome.FAILED, "no such phone", "no such number"),
    "forwarded": Cause(None, Outcome.NO_ANSWER, "forwarded to another number", "forwarded to another number"),
}
GAVE_UP = {
    Direction.INBOUND: Cause(Party.CLIENT, Outcome.CANCELLED, "caller gave up", None, LegOutcome.CANCELLED),
    Direction.OUTBOUND: Cause(Party.US, Outcome.CANCELLED, None, "we gave up"),
}
"""`cancel`: whoever called did not wait for an answer."""


def interpret(facts: Sequence[Fact]) -> list[CallEvent]:
    """The events of the one call these pushes tell of."""
    parts: dict[str, list[Fact]] = {}
    for push in sorted(facts, key=lambda push: (push.at, push.data["call"], push.data["event"])):
        parts.setdefault(push.data["call"], []).append(push)
    whole = min(facts, key=lambda push: push.at).data["whole"] if facts else ""
    told = [Part.of(whole, pushes, first=place == 0) for place, pushes in enumerate(parts.values())]
    return [*(event for part in told for event in part.events()), *_end(told)]


def _end(parts: Sequence["Part"]) -> Iterator[CallEvent]:
    """A conversation handed on under another id ends with its last part."""
    ends = [part.end for part in parts]
    if parts and None not in ends:
        last = max(parts, key=lambda part: part.end or part.began)
        talked = any(part.answered for part in parts)
        cause = last.cause
        outbound = parts[0].direction is Direction.OUTBOUND
        yield say.CallEnded(
            call=last.call,
            at=last.end or last.began,
            by=None if talked else cause.by,
            outcome=cause.outbound if outbound and not talked else None,
            reason=None if talked else cause.outbound_reason if outbound else cause.inbound_reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What was pushed under one callId. `first`: it began the conversation, later ones are transfers of it."""

    call: str
    first: bool
    began: datetime
    answered: datetime | None
    end: datetime | None
    new: Mapping[str, Any]
    answer: Mapping[str, Any]
    hangup: Mapping[str, Any]

    @classmethod
    def of(cls, call: str, pushes: Pushes, *, first: bool) -> "Part":
        new, answer, hangup = (_first(pushes, event) for event in ("newCall", "answer", "hangup"))
        began, end = min(push.at for push in pushes), hangup.at if hangup else None
        talked = hangup.data.get("talked") if hangup else None
        answered = answer.at if answer else None
        if talked and end and hangup:
            answered = end - timedelta(seconds=talked)
        if answered is not None:
            answered = max(began, min(answered, end or answered))
        return cls(
            call=call,
            first=first,
            began=began,
            answered=answered,
            end=end,
            new=new.data if new else {},
            answer=answer.data if answer else {},
            hangup=hangup.data if hangup else {},
        )

    @property
    def known(self) -> Mapping[str, Any]:
        """The push that tells most about who calls whom."""
        return self.new or self.answer or self.hangup

    @property
    def direction(self) -> Direction:
        return Direction.OUTBOUND if self.known.get("direction") == "out" else Direction.INBOUND

    @property
    def cause(self) -> Cause:
        word = self.hangup.get("cause", "")
        return GAVE_UP[self.direction] if word == "cancel" else CAUSES.get(word, CAUSES["normalClearing"])

    def events(self) -> Iterator[CallEvent]:
        if self.first:
            yield self._started()
        if queue := self.new.get("queue"):
            yield say.QueueEntered(call=self.call, at=self.began, queue=queue)
        yield from self._outbound() if self.direction is Direction.OUTBOUND else self._inbound()
        for push in (self.new, self.answer, self.hangup):
            if reference := push.get("recordingUrl"):
                yield say.RecordingAnnounced(call=self.call, at=self.end or self.began, reference=reference)

    def _started(self) -> CallEvent:
        outbound = self.direction is Direction.OUTBOUND
        ours, theirs = ("from", "to") if outbound else ("to", "from")
        return say.CallStarted(
            call=self.call,
            at=self.began,
            direction=self.direction,
            number=self.known.get(theirs),
            line=self.known.get(ours),
            extension=self._who(self.new) or self._who(self.answer) if outbound else None,
            request=self.known.get("request"),
        )

    def _outbound(self) -> Iterator[CallEvent]:
        yield say.ClientRang(call=self.call, at=self.began)
        if self.answered is not None:
            yield say.ClientAnswered(call=self.call, at=self.answered)
            yield say.TalkBegan(call=self.call, at=self.answered)
        if self.end is not None:
            yield say.ClientLeft(call=self.call, at=self.end)

    def _inbound(self) -> Iterator[CallEvent]:
        via = self._via()
        for phone in self.new.get("phones", ()):
            yield say.PhoneRang(call=self.call, at=self.began, leg=self._leg(phone), extension=phone, via=via)
        if self.answered is not None:
            yield from self._picked_up(self.answered, via)
        elif self.end is not None:
            for phone in self.new.get("phones", ()):
                yield say.PhoneLeft(call=self.call, at=self.end, leg=self._leg(phone), outcome=self.cause.leg)

    def _picked_up(self, at: datetime, via: Via) -> Iterator[CallEvent]:
        who = self._who(self.answer) or self.hangup.get("answeringNumber") or self._only_one()
        if who:
            yield say.PhoneAnswered(call=self.call, at=at, leg=self._leg(who), extension=who, via=via)
        yield say.TalkBegan(call=self.call, at=at, leg=self._leg(who) if who else None)
        for phone in _without(self.new.get("phones", ()), who):
            yield say.PhoneLeft(call=self.call, at=at, leg=self._leg(phone), outcome=LegOutcome.CANCELLED)
        if self.end is not None:
            yield say.TalkEnded(call=self.call, at=self.end, leg=self._leg(who) if who else None)
            if who:
                yield say.PhoneLeft(call=self.call, at=self.end, leg=self._leg(who), outcome=LegOutcome.ANSWERED)

    def _via(self) -> Via:
        if not self.first:
            return Via.TRANSFER_BLIND
        return Via.QUEUE if self.new.get("queue") else Via.DIRECT

    def _leg(self, phone: str) -> str:
        return f"{self.known['call']}/{phone}"

    def _only_one(self) -> str | None:
        """One phone rang and somebody answered: it was that one."""
        phones = self.new.get("phones", ())
        return phones[0] if len(phones) == 1 else None

    @staticmethod
    def _who(push: Mapping[str, Any]) -> str | None:
        return push.get("answeringNumber") or next(iter(push.get("phones", ())), None)


def _first(pushes: Pushes, event: str) -> Fact | None:
    return next((push for push in pushes if push.data["event"] == event), None)


def _without(phones: Iterable[str], one: str | None) -> list[str]:
    return [phone for phone in phones if phone != one]
