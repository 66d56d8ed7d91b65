"""Calls of a script, in no phone system's words: how each is meant to go, and how the call log must show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from hub.domain.clock import iso

Entry = dict[str, Any]
"""A call under the names the call log's JSON has."""


class Ending(Enum):
    HUNG_UP = auto()
    """After a talk, by who called."""
    GAVE_UP = auto()
    """The caller did, while it rang."""
    RANG_OUT = auto()
    """The system did."""
    BUSY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedCall:
    """`picked_up`: who of `phones`; outbound there is one phone, that of who calls. `client` and `line` as +380…"""

    id: str
    at: datetime
    outbound: bool
    client: str
    line: str
    phones: Sequence[str]
    queue: str | None = None
    rings: int
    talks: int
    """Seconds; 0 when nobody picks up."""
    picked_up: str | None = None
    ending: Ending = Ending.HUNG_UP

    @property
    def answered(self) -> datetime | None:
        return self.at + timedelta(seconds=self.rings) if self.talks else None

    @property
    def end(self) -> datetime:
        return self.at + timedelta(seconds=self.rings + self.talks)


_LEFT = {Ending.GAVE_UP: "cancelled", Ending.RANG_OUT: "no_answer"}
_REASON = {Ending.GAVE_UP: "caller gave up", Ending.RANG_OUT: "ring timeout", Ending.BUSY: "busy"}
_BY = {Ending.GAVE_UP: "client", Ending.RANG_OUT: "system"}


def entry(call: ScriptedCall) -> Entry:
    """The call as the call log must show it, told by a system that does not say who of two hung up."""
    person = call.picked_up if call.talks and not call.outbound else None
    missed = "busy" if call.outbound else "missed"
    return {
        "provider_call_id": call.id,
        "direction": "outbound" if call.outbound else "inbound",
        "state": "ended",
        "outcome": "answered" if call.talks else missed,
        "reason": _REASON.get(call.ending),
        "external_number": call.client,
        "line": call.line,
        "queue": call.queue,
        "started_at": iso(call.at),
        "answered_at": iso(call.answered),
        "ended_at": iso(call.end),
        "ring_seconds": float(call.rings),
        "talk_seconds": float(call.talks),
        "hold_seconds": 0.0,
        "duration_seconds": float(call.rings + call.talks),
        "hung_up_by": _BY.get(call.ending),
        "initiated_by": call.phones[0] if call.outbound else None,
        "answered_by": person,
        "legs": [] if call.outbound else [_leg(call, phone) for phone in call.phones],
    }


def _leg(call: ScriptedCall, phone: str) -> Entry:
    picked_up = call.answered is not None and phone == call.picked_up
    return {
        "extension": phone,
        "rang_at": iso(call.at),
        "answered_at": iso(call.answered) if picked_up else None,
        "left_at": iso(call.end if picked_up or call.answered is None else call.answered),
        "outcome": "answered" if picked_up else _LEFT.get(call.ending, "cancelled"),
        "via": "queue" if call.queue else "direct",
    }
