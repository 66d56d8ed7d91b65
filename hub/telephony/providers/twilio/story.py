"""From the facts of one conversation to call events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome
from hub.domain.delivery import Fact
from hub.domain.identity import PhoneNumber
from hub.telephony.providers.twilio import phones
from hub.telephony.providers.twilio.ending import Ending
from hub.telephony.providers.twilio.facts import RECORDED
from hub.telephony.providers.twilio.legs import Leg
from hub.telephony.providers.twilio.states import OUTCOMES
from hub.telephony.providers.twilio.tree import Tree


def interpret(facts: Sequence[Fact]) -> list[CallEvent]:
    """Pure, and the same for every order and repetition."""
    return list(Story(Tree(facts)).events()) if facts else []


@dataclass(frozen=True)
class Story:
    tree: Tree

    @property
    def call(self) -> str:
        return self.tree.root.id

    def events(self) -> Iterator[CallEvent]:
        ended_at = Ending(self.tree).at()
        told = [*self._start(), *self._client(ended_at), *self._phones(ended_at)]
        talked = any(isinstance(event, say.TalkBegan) for event in told)
        yield from told
        yield from self._recordings(ended_at)
        if ended_at is not None:
            by, outcome, reason = Ending(self.tree).verdict(talked=talked, message=self._has_message)
            yield say.CallEnded(call=self.call, at=ended_at, by=by, outcome=outcome, reason=reason)

    # ---- the beginning ----

    def _start(self) -> Iterator[CallEvent]:
        direction = self.tree.direction
        began = min((leg.tried_at for leg in self.tree.legs.values() if leg.tried_at), default=None)
        if direction is None or began is None:
            return  # a leg that was dialled, or a recording, of a conversation not heard of yet
        outbound = direction is Direction.OUTBOUND
        yield say.CallStarted(
            call=self.call,
            at=began,
            direction=direction,
            number=self._dialled_number() if outbound else _told(self.tree.root.text("from")),
            name=None if outbound else self.tree.root.text("name"),
            line=self._line(),
            extension=self._caller() if outbound else None,
            request=self.tree.context("request"),
        )

    def _dialled_number(self) -> str | None:
        client = self.tree.client
        dialled = client.text("to") if client else None
        return _told(self.tree.context("client") or dialled or (None if self.tree.is_placed else self._root("to")))

    def _line(self) -> str | None:
        """Our number as the client sees it."""
        if self.tree.direction is not Direction.OUTBOUND:
            return self._root("to")
        shown = self.tree.client.text("from") if self.tree.client else None
        shown = shown or (self._root("from") if self.tree.is_placed else None)
        return shown if shown and phones.is_number(shown) else None

    def _caller(self) -> str | None:
        phone = self._root("to" if self.tree.is_placed else "from")
        return phones.shown(phone) if phone else None

    def _root(self, name: str) -> str | None:
        return self.tree.root.text(name)

    # ---- the client, where we called ----

    def _client(self, ended_at: datetime | None) -> Iterator[CallEvent]:
        client = self.tree.client
        if self.tree.direction is not Direction.OUTBOUND or client is None:
            return
        left = client.ended_at or ended_at
        if client.rang_at:
            yield say.ClientRang(call=self.call, at=client.rang_at)
        if client.picked_up_at and not client.apart:
            yield say.ClientAnswered(call=self.call, at=client.picked_up_at)
            yield say.TalkBegan(call=self.call, at=client.picked_up_at)
            parted = [at for at in (left, self.tree.root.ended_at) if at]
            if parted:
                yield say.TalkEnded(call=self.call, at=min(parted))
        if left:
            yield say.ClientLeft(call=self.call, at=left)

    # ---- our phones ----

    def _phones(self, ended_at: datetime | None) -> Iterator[CallEvent]:
        for phone in self.tree.phones:
            yield from self._phone(phone, ended_at)

    def _phone(self, phone: Leg, ended_at: datetime | None) -> Iterator[CallEvent]:
        call, leg, via = self.call, phone.id, self.tree.via(phone)
        extension = phones.shown(phone.text("to") or "?")
        if phone.tried_at:
            yield say.PhoneTried(call=call, at=phone.tried_at, leg=leg, extension=extension, via=via)
        if phone.rang_at:
            yield say.PhoneRang(call=call, at=phone.rang_at, leg=leg, extension=extension, via=via)
        if phone.picked_up_at:
            yield say.PhoneAnswered(call=call, at=phone.picked_up_at, leg=leg, extension=extension, via=via)
            yield from self._talk(phone)
        if left := phone.ended_at or ended_at:
            outcome = OUTCOMES.get(phone.status or "", LegOutcome.NO_ANSWER)
            yield say.PhoneLeft(call=call, at=left, leg=leg, outcome=outcome)

    def _talk(self, phone: Leg) -> Iterator[CallEvent]:
        """From the moment they picked up, as long as both they and the client were there."""
        client = self.tree.client
        gone = client.ended_at if client else None
        if phone.apart or phone.picked_up_at is None or (gone and gone < phone.picked_up_at):
            return
        yield say.TalkBegan(call=self.call, at=phone.picked_up_at, leg=phone.id)
        if parted := [at for at in (phone.ended_at, gone) if at]:
            yield say.TalkEnded(call=self.call, at=min(parted), leg=phone.id)

    # ---- recordings ----

    def _recordings(self, ended_at: datetime | None) -> Iterator[CallEvent]:
        """Told at the end of the call at the latest: they are ready when it is long over."""
        for fact in self._recorded:
            at = min(fact.at, ended_at or fact.at)
            yield say.RecordingAnnounced(call=self.call, at=at, reference=str(fact.data["recording"]))
            if "message" in fact.data:
                yield say.VoicemailLeft(call=self.call, at=at)

    @property
    def _recorded(self) -> list[Fact]:
        return [fact for fact in self.tree.facts if fact.data["kind"] == RECORDED]

    @property
    def _has_message(self) -> bool:
        return any("message" in fact.data for fact in self._recorded)


def _told(number: str | None) -> str | None:
    """A party's number as shown; None when it was withheld."""
    return None if number is None or PhoneNumber.parse(number, "ZZ").withheld else number
