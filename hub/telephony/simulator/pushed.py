"""Calls of a phone system that tells three things about each: what it tells, and what is meant by it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.domain.clock import iso

Push = Mapping[str, Any]
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedCall:
    """A call as it is meant to go. `picked_up`: who of `phones`; outbound there is one phone, that of who calls."""

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
    cause: str = "normalClearing"

    @property
    def answered(self) -> datetime | None:
        return self.at + timedelta(seconds=self.rings) if self.talks else None

    @property
    def end(self) -> datetime:
        return self.at + timedelta(seconds=self.rings + self.talks)

    def pushes(self) -> Iterator[tuple[datetime, Push]]:
        """What is told of it, and when it should be."""
        direction, ours = ("out", self.line) if self.outbound else ("in", self.client)
        theirs = self.client if self.outbound else self.line
        new = {"direction": direction, "from": ours, "to": theirs, "user": list(self.phones)}
        yield self.at, self._push("newCall", self.at, new | ({"queue": self.queue} if self.queue else {}))
        if self.answered is not None:
            yield self.answered, self._push("answer", self.answered, {"user": [self.picked_up or self.phones[0]]})
        yield self.end, self._push("hangup", self.end, {"cause": self.cause})

    def _push(self, event: str, at: datetime, fields: Push) -> Push:
        return {"event": event, "callId": self.id, "timestamp": iso(at), **fields}


_LEFT = {"cancel": "cancelled", "noAnswer": "no_answer"}
_REASON = {"cancel": "caller gave up", "noAnswer": "ring timeout", "busy": "busy"}
_BY = {"cancel": "client", "noAnswer": "system"}


def entry(call: PushedCall) -> Entry:
    """The call as the call log must show it."""
    person = call.picked_up if call.talks and not call.outbound else None
    missed = "busy" if call.outbound else "missed"
    return {
        "provider_call_id": call.id,
        "direction": "outbound" if call.outbound else "inbound",
        "state": "ended",
        "outcome": "answered" if call.talks else missed,
        "reason": _REASON.get(call.cause),
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
        "hung_up_by": _BY.get(call.cause),
        "initiated_by": call.phones[0] if call.outbound else None,
        "answered_by": person,
        "legs": [] if call.outbound else [_leg(call, phone) for phone in call.phones],
    }


def _leg(call: PushedCall, phone: str) -> Entry:
    picked_up = call.answered is not None and phone == call.picked_up
    return {
        "extension": phone,
        "rang_at": iso(call.at),
        "answered_at": iso(call.answered) if picked_up else None,
        "left_at": iso(call.end if picked_up or call.answered is None else call.answered),
        "outcome": "answered" if picked_up else _LEFT.get(call.cause, "cancelled"),
        "via": "queue" if call.queue else "direct",
    }
