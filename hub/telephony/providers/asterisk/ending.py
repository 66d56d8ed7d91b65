"""How a conversation ended: who ended it, with what outcome, and why, in plain words."""

from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.calls import Direction, LegOutcome, Outcome, Party
from hub.telephony.providers.asterisk.cast import Cast
from hub.telephony.providers.asterisk.client import Client
from hub.telephony.providers.asterisk.legs import Legs
from hub.telephony.providers.asterisk.plan import Plan

CALLER_GAVE_UP = "caller gave up"
_FAILURES = {"CONGESTION", "CHANUNAVAIL"}
_UNKNOWN_NUMBER = {"1", "2", "3", "28"}
_NETWORK = {"27", "34", "38", "41", "42", "44", "58", "66"}


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody hung up: at the end of a talk the first of them ended it."""

    at: datetime
    party: Party
    channel: str


@dataclass(frozen=True, slots=True)
class Verdict:
    by: Party | None
    outcome: Outcome | None
    reason: str | None


@dataclass(slots=True)
class Ending:
    """Collects what decides the end; `verdict` reads it."""

    cast: Cast
    client: Client
    legs: Legs
    plan: Plan
    tells_who: bool
    """Whether the source says at all who hung up; then silence means that the system did."""
    requests: list[Request] = field(default_factory=list)

    def verdict(self, talked_from: datetime | None) -> Verdict:
        if talked_from is not None:
            return Verdict(self._who_ended(talked_from), Outcome.ANSWERED, None)
        match self.cast.direction:
            case Direction.INBOUND:
                return self._missed()
            case Direction.OUTBOUND:
                return self._unreached()
            case Direction.INTERNAL:
                return self._unanswered()

    def _who_ended(self, talked_from: datetime) -> Party | None:
        after = [request.party for request in self.requests if request.at >= talked_from]
        return after[0] if after else self._system

    @property
    def _system(self) -> Party | None:
        return Party.SYSTEM if self.tells_who else None

    def _asked(self, party: Party) -> Request | None:
        return next((request for request in self.requests if request.party is party), None)

    def _missed(self) -> Verdict:
        if self._asked(Party.CLIENT):
            outcome = Outcome.ABANDONED if self.plan.in_queue else None
            return Verdict(Party.CLIENT, outcome, None if self.plan.voicemail else CALLER_GAVE_UP)
        reason = self._phones()
        by = Party.US if reason == "declined" else self._system
        outcome = Outcome.ABANDONED if self.plan.in_queue and by is None and not self.plan.voicemail else None
        return Verdict(by, outcome, None if self.plan.voicemail else reason)

    def _phones(self) -> str:
        """What our phones did with a call nobody took."""
        legs = self.legs.all
        if any(leg.rang and leg.outcome in (None, LegOutcome.NO_ANSWER, LegOutcome.CANCELLED) for leg in legs):
            return "ring timeout" if self.tells_who else "nobody answered"
        if any(leg.outcome is LegOutcome.REJECTED for leg in legs):
            return "declined"
        if any(leg.outcome is LegOutcome.BUSY for leg in legs):
            return "phone busy"
        return "phone offline" if legs else "no phone was called"

    def _unreached(self) -> Verdict:
        gave_up = self._asked(Party.US)
        if not self.cast.clients:
            return self._never_dialled(gave_up)
        in_time = gave_up and (self.client.failed_at is None or gave_up.at <= self.client.failed_at)
        if in_time or self.client.status == "CANCEL":
            return Verdict(Party.US if gave_up else self._system, Outcome.CANCELLED, "we gave up")
        return self._network_said()

    def unreachable(self) -> Outcome | None:
        """The outcome of a call out that never got as far as calling anybody; None for every other."""
        if self.cast.direction is not Direction.OUTBOUND or self.cast.clients:
            return None
        return self._never_dialled(None).outcome

    def _never_dialled(self, gave_up: Request | None) -> Verdict:
        by = Party.US if gave_up else self._system
        if self.cast.initiator and self.cast.initiator.is_originated:
            return Verdict(by, Outcome.CANCELLED, "our phone was not picked up")
        return Verdict(by, Outcome.FAILED, "no line was taken")

    def _network_said(self) -> Verdict:
        status, cause = self.client.status, self.client.cause
        if cause == "21":
            return Verdict(Party.CLIENT, Outcome.REJECTED, "declined")
        if status == "BUSY" or cause == "17":
            return Verdict(self._system, Outcome.BUSY, "busy")
        if cause in _UNKNOWN_NUMBER:
            return Verdict(self._system, Outcome.FAILED, "no such number")
        if status in _FAILURES or cause in _NETWORK:
            return Verdict(self._system, Outcome.FAILED, "congestion")
        return Verdict(self._system, Outcome.NO_ANSWER, "no answer")

    def _unanswered(self) -> Verdict:
        gave_up = self._asked(Party.US)
        if self.plan.voicemail:
            return Verdict(Party.US if gave_up else self._system, Outcome.VOICEMAIL, None)
        if gave_up and not self._declined() and self.legs.any_called(gave_up.at):
            return Verdict(Party.US, Outcome.CANCELLED, CALLER_GAVE_UP)
        reason = self._phones()
        return Verdict(Party.US if reason == "declined" else self._system, _INTERNAL[reason], reason)

    def _declined(self) -> bool:
        legs = self.legs.all
        return bool(legs) and all(leg.outcome in (LegOutcome.REJECTED, LegOutcome.BUSY) for leg in legs)


_INTERNAL = {
    "ring timeout": Outcome.NO_ANSWER,
    "nobody answered": Outcome.NO_ANSWER,
    "declined": Outcome.REJECTED,
    "phone busy": Outcome.BUSY,
    "phone offline": Outcome.FAILED,
    "no phone was called": Outcome.FAILED,
}
