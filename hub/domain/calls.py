"""The words for what happens in a call. Facts in the past tense, immutable, aware UTC, free of vendor words.

`call` is the provider's id of the whole conversation; `leg` is any stable id of one phone's part in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import TypeAdapter


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class CallState(StrEnum):
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended (design: inbound uses the first four, outbound and internal the others)."""

    ANSWERED = "answered"
    MISSED = "missed"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LegOutcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Via(StrEnum):
    DIRECT = "direct"
    QUEUE = "queue"
    TRANSFER_BLIND = "transfer_blind"
    TRANSFER_ATTENDED = "transfer_attended"
    FORWARD = "forward"


class Party(StrEnum):
    """Who ended a call."""

    CLIENT = "client"
    US = "us"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something that happened to the conversation `call` at the moment `at`."""

    call: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(CallEvent):
    """The conversation began.

    `number` is the outside party as the system showed it (None: withheld, or internal), `name` what
    it sent as a name, `line` our number as shown, `extension` the one of ours who called (outbound, internal).
    `request` is the id of the click-to-call request that made it.
    """

    direction: Direction
    number: str | None = None
    name: str | None = None
    line: str | None = None
    extension: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntered(CallEvent):
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAbandoned(CallEvent):
    """The caller left the queue unanswered, by their own will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneTried(CallEvent):
    """One of our phones was called; whether it rang is said by PhoneRang."""

    leg: str
    extension: str
    via: Via = Via.DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRang(CallEvent):
    leg: str
    extension: str
    via: Via = Via.DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAnswered(CallEvent):
    """A person of ours picked up (never an IVR, a queue, voicemail or one's own click-to-call phone)."""

    leg: str
    extension: str
    via: Via = Via.DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLeft(CallEvent):
    """That phone stopped ringing, or its person left the conversation."""

    leg: str
    outcome: LegOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRang(CallEvent):
    """Outbound: the client's phone began to ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAnswered(CallEvent):
    """Outbound: the client picked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLeft(CallEvent):
    """Outbound: the client's phone stopped ringing, or the client left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkBegan(CallEvent):
    """A person of ours and the other party are together. `leg` None: the person who placed the call."""

    leg: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded(CallEvent):
    leg: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBegan(CallEvent):
    """The other party was put on hold (music, consultation); the talk goes on around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded(CallEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailLeft(CallEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingAnnounced(CallEvent):
    """The system says that it records: `reference` is its own name for the file."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen(CallEvent):
    """The system still knew of the conversation then: an end nobody reported is not before this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The conversation is over.

    `outcome` and `reason` are said where the system knows better than the events before tell.
    `certain` False: nobody reported the end, Hub closed the call; any real end replaces it.
    """

    by: Party | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    certain: bool = True


class _Codec:
    """Call events as JSON and back, by the name of their class."""

    classes: ClassVar[dict[str, TypeAdapter[CallEvent]]] = {}

    @classmethod
    def adapter(cls, name: str) -> TypeAdapter[CallEvent]:
        if not cls.classes:
            cls.classes = {kind.__name__: TypeAdapter(kind) for kind in CallEvent.__subclasses__()}
        return cls.classes[name]


def to_json(event: CallEvent) -> dict[str, Any]:
    """The event as a JSON object whose ``event`` names its class."""
    name = type(event).__name__
    fields: dict[str, Any] = _Codec.adapter(name).dump_python(event, mode="json")
    return {"event": name} | fields


def from_json(data: Mapping[str, Any]) -> CallEvent:
    """The event `to_json` wrote; KeyError or ValueError when it is none."""
    fields = dict(data)
    return _Codec.adapter(fields.pop("event")).validate_python(fields)
