"""What a conversation amounts to: its call events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome, Outcome, Via
from hub.domain.delivery import Fact
from hub.telephony.providers.zadarma import phones
from hub.telephony.providers.zadarma.conversation import Conversation, conversations


def interpret(facts: Sequence[Fact]) -> list[CallEvent]:
    """The events of every call these facts tell of."""
    return [event for told in conversations(facts) if told.began for event in Story(told, told.began).events()]


@dataclass(frozen=True)
class Story:
    told: Conversation
    began: datetime

    @property
    def call(self) -> str:
        return self.told.call

    def events(self) -> Iterator[CallEvent]:
        yield self._started()
        if self.told.direction is Direction.OUTBOUND:
            yield from self._client()
        else:
            yield from self._phones()
        yield from self._recordings()
        yield from self._ended()

    def _started(self) -> CallEvent:
        told, direction = self.told, self.told.direction
        inbound, internal = direction is Direction.INBOUND, direction is Direction.INTERNAL
        return say.CallStarted(
            call=self.call,
            at=self.began,
            direction=direction,
            number=None if internal else told.text("caller") if inbound else told.called,
            line=told.text("line") if inbound else None if internal else told.shown,
            extension=None if inbound else told.caller,
        )

    def _client(self) -> Iterator[CallEvent]:
        end, answered = self.told.ended_at, self.told.client_picked_up
        yield say.ClientRang(call=self.call, at=self.began)
        if answered:
            yield say.ClientAnswered(call=self.call, at=answered)
            yield say.TalkBegan(call=self.call, at=answered)
        if end:
            yield say.ClientLeft(call=self.call, at=end)

    # ---- our phones ----

    def _phones(self) -> Iterator[CallEvent]:
        rang = dict(self.told.rang)
        if self.told.direction is Direction.INTERNAL and (called := self.told.called):
            rang = {called: self.began}
        for phone in self._only_named() if not rang else ():
            rang[phone] = self.began
        for phone in [*rang, *(one for one in self.told.picked_up if one not in rang)]:
            yield from self._phone(phone, rang.get(phone))

    def _only_named(self) -> Iterator[str]:
        """Phones of which nothing is known but that a call that ended was theirs."""
        for end in self.told.ends:
            if phone := end.data.get("internal"):
                yield phone

    def _phone(self, phone: str, rang: datetime | None) -> Iterator[CallEvent]:
        call, leg, picked_up = self.call, f"{self.call}/{phone}", self.told.picked_up
        answered, left = picked_up.get(phone), self._left(phone)
        via = self._via(phone, rang)
        if rang:
            at = max(self.began, min(at for at in (rang, answered, left) if at))
            yield say.PhoneRang(call=call, at=at, leg=leg, extension=phone, via=via)
        if answered:
            yield say.PhoneAnswered(call=call, at=answered, leg=leg, extension=phone, via=via)
            yield say.TalkBegan(call=call, at=answered, leg=leg)
        if left and answered:
            yield say.TalkEnded(call=call, at=left, leg=leg)
        if left:
            yield say.PhoneLeft(call=call, at=left, leg=leg, outcome=self._fared(answered))

    def _left(self, phone: str) -> datetime | None:
        """Put through: when the next picked up. Rung beside others: when one of them did. Else the end."""
        order = list(self.told.picked_up)
        after = order[order.index(phone) + 1 :] if phone in order else [*self._answered_after_ringing(phone)]
        return self.told.picked_up[after[0]] if after else self.told.ended_at

    def _answered_after_ringing(self, phone: str) -> Iterator[str]:
        rang = self.told.rang.get(phone, self.began)
        return (other for other, at in self.told.picked_up.items() if at >= rang)

    def _fared(self, answered: datetime | None) -> LegOutcome:
        if answered:
            return LegOutcome.ANSWERED
        return LegOutcome.CANCELLED if self.told.picked_up or not self.told.ends else self.told.cause.leg

    def _via(self, phone: str, rang: datetime | None) -> Via:
        """Put through, when another had the client already."""
        first = next(iter(self.told.picked_up), phone)
        if phone != first and (phone in self.told.picked_up or (rang and rang > self.told.picked_up[first])):
            return Via.TRANSFER_BLIND
        return Via.DIRECT if phones.extension(phone) else Via.FORWARD

    # ---- recordings, and the end ----

    def _recordings(self) -> Iterator[CallEvent]:
        """Told at the end of the call at the latest: they are ready when it is long over."""
        for fact in self.told.facts:
            if "recording" in fact.data:
                at = min(fact.at, self.told.ended_at or fact.at)
                yield say.RecordingAnnounced(call=self.call, at=at, reference=str(fact.data["recording"]))
        if self.told.ended_at and self._is_message:
            yield say.VoicemailLeft(call=self.call, at=self.told.ended_at)

    @property
    def _is_message(self) -> bool:
        """Recorded, though none of ours took part."""
        told = self.told
        recorded = any("recording" in fact.data for fact in told.facts)
        return told.direction is Direction.INBOUND and bool(told.talked) and recorded and not told.picked_up

    def _ended(self) -> Iterator[CallEvent]:
        told = self.told
        if told.ended_at is None:
            return
        if told.picked_up or told.client_picked_up or self._is_message:
            yield say.CallEnded(call=self.call, at=told.ended_at)
            return
        inbound = told.direction is Direction.INBOUND
        cause = told.cause
        outcome: Outcome | None = None if inbound else cause.outbound
        reason = cause.inbound_reason if inbound else cause.outbound_reason
        yield say.CallEnded(call=self.call, at=told.ended_at, by=cause.by, outcome=outcome, reason=reason)
