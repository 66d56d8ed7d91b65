"""The fold: everything said about one conversation, in any order and with repeats, as one call.

The events are a set; they are read in one canonical order, so every order and every repetition of
arrival gives the same call. Spans that never closed end with the call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hub.domain import calls as said
from hub.domain.calls import CallEvent, CallState, Direction, Outcome, Party
from hub.domain.clock import seconds
from hub.telephony.notes import Leg, Notes
from hub.telephony.spans import Span, shared, total, union

END_NOT_REPORTED = "end not reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A conversation with its legs, as far as the system told. Seconds are rounded to 0.1."""

    id: str
    direction: Direction
    state: CallState
    outcome: Outcome | None
    reason: str | None
    number: str | None
    name: str | None
    line: str | None
    queue: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    last_event_at: datetime
    ring_seconds: float
    talk_seconds: float
    hold_seconds: float
    duration_seconds: float
    holds: tuple[Span, ...]
    """When the other party was on hold; what `hold_seconds` is the length of."""
    hung_up_by: Party | None
    initiated_by: str | None
    answered_by: str | None
    legs: tuple[Leg, ...]
    request: str | None
    client_rang: bool
    """Outbound: whether the client's phone has begun to ring."""
    recordings: tuple[str, ...]

    @property
    def kept_recordings(self) -> tuple[str, ...]:
        """Of a talk or a message; where there was neither, nobody speaks on them."""
        return self.recordings if self.talk_seconds or self.outcome is Outcome.VOICEMAIL else ()


def fold(events: Iterable[CallEvent]) -> Call:
    """The call these events of one conversation tell of; ValueError when there are none."""
    told = sorted(set(events), key=_canonical)
    if not told:
        raise ValueError("a call needs at least one event")
    notes = Notes()
    for event in told:
        notes.hear(event)
    return _call(told, notes)


_AT_ONE_INSTANT = (
    *(said.CallStarted, said.QueueEntered, said.PhoneTried, said.PhoneRang, said.ClientRang),
    *(said.ClientAnswered, said.PhoneAnswered, said.TalkBegan, said.HoldBegan, said.HoldEnded, said.TalkEnded),
    *(said.QueueAbandoned, said.VoicemailLeft, said.PhoneLeft, said.ClientLeft, said.CallSeen, said.CallEnded),
)
_PLACE: dict[type[CallEvent], int] = {kind: place for place, kind in enumerate(_AT_ONE_INSTANT)}


def _canonical(event: CallEvent) -> tuple[datetime, int, str]:
    return (event.at, _PLACE.get(type(event), len(_PLACE)), repr(event))


def _call(told: list[CallEvent], notes: Notes) -> Call:
    end, ended_at = _end(told, notes)
    until = ended_at or told[-1].at
    direction = notes.first("direction") or _guess(notes)
    answered_at = _answered_at(notes, direction)
    started_at = min(start.at for start in notes.starts) if notes.starts else told[0].at
    talk = [span for track in notes.talks for span in track.until(until)]
    holds = union(shared(notes.hold.until(until), talk))
    legs = tuple(leg.standing(ended_at, until) for leg in notes.legs.values() if leg.extension)
    return Call(
        id=told[0].call,
        direction=direction,
        state=_state(end, notes),
        outcome=_outcome(end, notes, direction),
        reason=_reason(end),
        number=notes.first("number"),
        name=notes.first("name"),
        line=notes.first("line"),
        queue=notes.queue,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        last_event_at=told[-1].at,
        ring_seconds=total(_ringing(notes, direction, answered_at, until)),
        talk_seconds=total(talk),
        hold_seconds=total(holds),
        duration_seconds=seconds(until - started_at),
        holds=tuple(holds),
        hung_up_by=end.by if end else None,
        initiated_by=notes.first("extension"),
        answered_by=_answered_by(notes, direction),
        legs=legs,
        request=notes.first("request"),
        client_rang=notes.client_ring.ever,
        recordings=tuple(notes.recordings),
    )


def _end(told: list[CallEvent], notes: Notes) -> tuple[said.CallEnded | None, datetime | None]:
    """The end that counts and when it was: a reported one, else the last thing known before Hub closed the call."""
    reported = [end for end in notes.ends if end.certain]
    if reported:
        return reported[0], reported[0].at
    if not notes.ends:
        return None, None
    known = [event.at for event in told if not isinstance(event, said.CallEnded)]
    return notes.ends[0], max(known, default=notes.ends[0].at)


def _state(end: said.CallEnded | None, notes: Notes) -> CallState:
    if end is not None:
        return CallState.ENDED
    return CallState.TALKING if notes.talked else CallState.RINGING


def _guess(notes: Notes) -> Direction:
    """The direction while the beginning has not arrived yet."""
    outbound = notes.client_answered_at is not None or notes.client_ring.ever
    return Direction.OUTBOUND if outbound else Direction.INBOUND


def _answered_at(notes: Notes, direction: Direction) -> datetime | None:
    """When a person (inbound, internal) or the client (outbound) first answered, if anybody came to talk."""
    talks = [start for track in notes.talks if (start := track.first) is not None]
    if not talks:
        return None
    if direction is Direction.OUTBOUND:
        return notes.client_answered_at or min(talks)
    return min([*(leg.answered_at for leg in notes.legs.values() if leg.answered_at), min(talks)])


def _answered_by(notes: Notes, direction: Direction) -> str | None:
    """Whose phone first came to talk; outbound it is the client who answers."""
    if direction is Direction.OUTBOUND:
        return None
    spoke = [(start, leg.extension) for leg in notes.legs.values() if (start := leg.talk.first) and leg.extension]
    return min(spoke)[1] if spoke else None


def _outcome(end: said.CallEnded | None, notes: Notes, direction: Direction) -> Outcome | None:
    if end is None:
        return None
    if end.outcome is not None:
        return end.outcome
    if notes.talked:
        return Outcome.ANSWERED
    return _missed(notes) if direction is Direction.INBOUND else _unreached(end)


def _missed(notes: Notes) -> Outcome:
    if notes.voicemail:
        return Outcome.VOICEMAIL
    return Outcome.ABANDONED if notes.abandoned else Outcome.MISSED


def _unreached(end: said.CallEnded) -> Outcome:
    return Outcome.CANCELLED if end.by is Party.US else Outcome.NO_ANSWER


def _reason(end: said.CallEnded | None) -> str | None:
    if end is None:
        return None
    return end.reason or (None if end.certain else END_NOT_REPORTED)


def _ringing(notes: Notes, direction: Direction, answered_at: datetime | None, until: datetime) -> list[Span]:
    """Inbound and internal: our phones up to the first answer. Outbound: the client's phone."""
    if direction is Direction.OUTBOUND:
        return notes.client_ring.until(until)
    limit = min(answered_at or until, until)
    return union(span for leg in notes.legs.values() for span in leg.ringing.until(limit))
