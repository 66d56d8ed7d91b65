"""What the events of one conversation say, noted leg by leg and track by track; the fold reads it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.domain import calls as said
from hub.domain.calls import CallEvent, LegOutcome, Via
from hub.telephony.spans import Track, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One phone's part in a call. `rang_at` None: it was tried but did not ring."""

    id: str
    extension: str
    via: Via
    rang_at: datetime | None
    answered_at: datetime | None
    left_at: datetime | None
    outcome: LegOutcome | None
    talk_seconds: float


@dataclass(slots=True)
class LegNotes:
    id: str
    extension: str = ""
    via: Via = Via.DIRECT
    ringing: Track = field(default_factory=Track)
    talk: Track = field(default_factory=Track)
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    left_at: datetime | None = None
    outcome: LegOutcome | None = None

    def hear(self, event: CallEvent) -> None:
        match event:
            case said.PhoneTried(extension=extension, via=via):
                self._introduce(extension, via)
            case said.PhoneRang(at=at, extension=extension, via=via):
                self._introduce(extension, via)
                self._rang(at)
            case said.PhoneAnswered(at=at, extension=extension, via=via):
                self._introduce(extension, via)
                self.ringing.end(at)
                self.answered_at = self.answered_at or at
            case said.PhoneLeft(at=at, outcome=outcome):
                self._left(at, outcome)

    def _introduce(self, extension: str, via: Via) -> None:
        if not self.extension:
            self.extension, self.via = extension, via

    def _rang(self, at: datetime) -> None:
        if self.answered_at is None:
            self.ringing.begin(at)
            self.rang_at = self.rang_at or at

    def _left(self, at: datetime, outcome: LegOutcome) -> None:
        self.ringing.end(at)
        self.talk.end(at)
        self.left_at, self.outcome = at, outcome

    def standing(self, end: datetime | None, until: datetime) -> Leg:
        """This leg as it stands; a call that is over leaves no leg open."""
        outcome = self.outcome or (LegOutcome.NO_ANSWER if end else None)
        return Leg(
            id=self.id,
            extension=self.extension,
            via=self.via,
            rang_at=self.rang_at,
            answered_at=self.answered_at,
            left_at=self.left_at or end,
            outcome=LegOutcome.ANSWERED if outcome and self.answered_at else outcome,
            talk_seconds=total(self.talk.until(until)),
        )


@dataclass(slots=True)
class Notes:
    """What was said so far, sorted by what it is about."""

    starts: list[said.CallStarted] = field(default_factory=list)
    ends: list[said.CallEnded] = field(default_factory=list)
    legs: dict[str, LegNotes] = field(default_factory=dict)
    caller_talk: Track = field(default_factory=Track)
    hold: Track = field(default_factory=Track)
    client_ring: Track = field(default_factory=Track)
    client_answered_at: datetime | None = None
    queue: str | None = None
    abandoned: bool = False
    voicemail: bool = False
    recordings: dict[str, None] = field(default_factory=dict)

    def hear(self, event: CallEvent) -> None:
        match event:
            case said.PhoneTried() | said.PhoneRang() | said.PhoneAnswered() | said.PhoneLeft():
                self._leg(event.leg).hear(event)
            case said.TalkBegan(at=at, leg=leg):
                self._talk(leg).begin(at)
            case said.TalkEnded(at=at, leg=leg):
                self._talk(leg).end(at)
            case said.CallStarted():
                self.starts.append(event)
            case said.CallEnded():
                self.ends.append(event)
            case said.HoldBegan(at=at):
                self.hold.begin(at)
            case said.HoldEnded(at=at):
                self.hold.end(at)
            case _:
                self._hear_of_client(event)

    def _hear_of_client(self, event: CallEvent) -> None:
        match event:
            case said.ClientRang(at=at):
                self._client_rang(at)
            case said.ClientAnswered(at=at):
                self.client_ring.end(at)
                self.client_answered_at = self.client_answered_at or at
            case said.ClientLeft(at=at):
                self.client_ring.end(at)
            case _:
                self._hear_of_place(event)

    def _hear_of_place(self, event: CallEvent) -> None:
        match event:
            case said.QueueEntered(queue=queue):
                self.queue = self.queue or queue
            case said.QueueAbandoned():
                self.abandoned = True
            case said.VoicemailLeft():
                self.voicemail = True
            case said.RecordingAnnounced(reference=reference):
                self.recordings.setdefault(reference)

    def _client_rang(self, at: datetime) -> None:
        if self.client_answered_at is None:
            self.client_ring.begin(at)

    def _leg(self, leg: str) -> LegNotes:
        return self.legs.setdefault(leg, LegNotes(leg))

    def _talk(self, leg: str | None) -> Track:
        return self.caller_talk if leg is None else self._leg(leg).talk

    @property
    def talks(self) -> list[Track]:
        return [self.caller_talk, *(leg.talk for leg in self.legs.values())]

    @property
    def talked(self) -> bool:
        return any(talk.ever for talk in self.talks)

    def first(self, name: str) -> Any:
        """The first value any start gives for this field."""
        return next((value for start in self.starts if (value := getattr(start, name)) is not None), None)
