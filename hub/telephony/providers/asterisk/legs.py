"""Our phones in one call: each tried, ringing, answering and leaving, told as call events.

Several channels may stand for one phone (two devices, a queue that tries again): they are one leg
until it is answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.calls import CallEvent, LegOutcome, PhoneAnswered, PhoneLeft, PhoneRang, PhoneTried, Via

_STATUS = {
    "BUSY": LegOutcome.BUSY,
    "CANCEL": LegOutcome.CANCELLED,
    "NOANSWER": LegOutcome.NO_ANSWER,
    "CHANUNAVAIL": LegOutcome.NO_ANSWER,
    "CONGESTION": LegOutcome.NO_ANSWER,
}
_CAUSE = {"17": LegOutcome.BUSY, "21": LegOutcome.REJECTED, "26": LegOutcome.CANCELLED}
"""Hangup causes (Q.850) that say more than the dial status: a declined call ends as NOANSWER with cause 21."""


@dataclass(slots=True)
class Leg:
    """One phone's part, while its channels come and go."""

    id: str
    extension: str
    via: Via
    alive: set[str] = field(default_factory=set)
    ringing: set[str] = field(default_factory=set)
    statuses: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    up_at: datetime | None = None
    rang: bool = False
    answered: bool = False
    outcome: LegOutcome | None = None
    stopped_at: datetime | None = None
    """When it could no longer be answered."""


class Legs:
    """All legs of one call. Every method yields the events it causes."""

    def __init__(self, call: str) -> None:
        self._call = call
        self._by_channel: dict[str, Leg] = {}
        self.all: list[Leg] = []

    def of(self, channel: str) -> Leg | None:
        return self._by_channel.get(channel)

    def tried(self, at: datetime, channel: str, extension: str, via: Via) -> Iterator[CallEvent]:
        """A phone is called; trying again before it ever answered continues its leg."""
        if channel in self._by_channel:
            return
        leg = self._open(extension, via)
        if leg is None:
            leg = self._new(channel, extension, via)
            yield PhoneTried(call=self._call, at=at, leg=leg.id, extension=extension, via=via)
        self._by_channel[channel] = leg
        leg.alive.add(channel)

    def joined(self, channel: str, extension: str) -> Leg:
        """A phone of ours that nobody rang takes part: it picked up, retrieved, or called in for a consultation."""
        leg = next((leg for leg in reversed(self.all) if leg.extension == extension), None)
        leg = leg or self._new(channel, extension, Via.DIRECT)
        self._by_channel[channel] = leg
        leg.alive.add(channel)
        return leg

    def _open(self, extension: str, via: Via) -> Leg | None:
        same = (leg for leg in self.all if leg.extension == extension and leg.via is via and not leg.answered)
        return next(same, None)

    def _new(self, channel: str, extension: str, via: Via) -> Leg:
        leg = Leg(channel, extension, via)
        self.all.append(leg)
        return leg

    def rang(self, at: datetime, channel: str) -> Iterator[CallEvent]:
        leg = self._by_channel.get(channel)
        if leg is None or leg.answered or leg.up_at or channel in leg.ringing:
            return
        if not leg.ringing:
            yield PhoneRang(call=self._call, at=at, leg=leg.id, extension=leg.extension, via=leg.via)
        leg.rang = True
        leg.ringing.add(channel)

    def picked_up(self, at: datetime, channel: str) -> None:
        leg = self._by_channel.get(channel)
        if leg is not None and leg.up_at is None:
            leg.up_at = at

    def connected(self, at: datetime, channel: str) -> Iterator[CallEvent]:
        """Only being put through proves that a person answered, from the moment the phone was picked up."""
        leg = self._by_channel.get(channel)
        if leg is not None and not leg.answered:
            leg.answered = True
            leg.ringing.clear()
            yield PhoneAnswered(call=self._call, at=leg.up_at or at, leg=leg.id, extension=leg.extension, via=leg.via)

    def dial_ended(self, at: datetime, channel: str, status: str) -> None:
        leg = self._by_channel.get(channel)
        if leg is not None:
            leg.statuses.setdefault(channel, (at, status))

    def ended(self, at: datetime, channel: str, cause: str) -> Iterator[CallEvent]:
        """A channel of the leg is gone; the phone left when it was the last one."""
        leg = self._by_channel.get(channel)
        if leg is None or channel not in leg.alive:
            return
        leg.alive.discard(channel)
        leg.ringing.discard(channel)
        stopped, status = leg.statuses.get(channel, (leg.up_at or at, ""))
        leg.outcome = (
            LegOutcome.ANSWERED if leg.answered else _CAUSE.get(cause) or _STATUS.get(status, LegOutcome.NO_ANSWER)
        )
        if not leg.alive:
            leg.stopped_at = stopped
            yield PhoneLeft(call=self._call, at=at if leg.answered else stopped, leg=leg.id, outcome=leg.outcome)

    def any_called(self, at: datetime) -> bool:
        """Whether some phone could still be answered at that moment, or none was called at all."""
        stopped = [leg.stopped_at for leg in self.all]
        return not stopped or any(moment is None or moment >= at for moment in stopped)

    def missing(self, at: datetime, extension: str, outcome: LegOutcome) -> Iterator[CallEvent]:
        """A phone that was meant but not even tried."""
        leg = self._new(f"{self._call}:{extension}", extension, Via.DIRECT)
        leg.outcome = outcome
        yield PhoneTried(call=self._call, at=at, leg=leg.id, extension=extension)
        yield PhoneLeft(call=self._call, at=at, leg=leg.id, outcome=outcome)
