"""What a listener is given beside its doors to Hub (hub/connectors.py), and the limits it keeps."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

Event = Mapping[str, Any]
Keeps = Callable[[Event], bool]
"""Whether the connector's interpreter reads this event; the others are not stored."""

JSON_LINES = "application/x-ndjson"
CSV = "text/csv"


@dataclass(frozen=True, slots=True)
class Listed:
    """The system's answer to what is up: the ids of everything; None and why when it does not let us ask."""

    alive: frozenset[str] | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing a system said: perhaps an event to be stored, perhaps with it all that is up has been listed.

    `at`: when it happened, by the system's own clock, where it tells.
    """

    event: Event | None = None
    listed: Listed | None = None
    at: datetime | None = None


class Line(Protocol):
    """One logged-in conversation with a system, for one thread. Every method raises Lost when the line is gone."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def ask(self) -> None:
        """Have the system list what is up; the answer comes by `receive`."""

    def receive(self, seconds: float) -> Sequence[Heard]:
        """What has come, or comes within `seconds`; empty when nothing did."""

    def ping(self) -> None:
        """Have a silent system say something."""


class Exchange(Protocol):
    """A system that can be listened to; its text is where it is, for people and logs."""

    def connect(self, patience: float) -> Line:
        """Connect and log in, each step within `patience` seconds; Lost or LoginRefused when it does not work."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which calls began that Hub may not have heard of; aware."""

    since: datetime
    until: datetime


ReadRecords = Callable[[Window], Iterable[bytes]]
"""Call detail records of calls that began in the window, as CSV bodies; Transient when it cannot be done now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Every wait and bound of a listener; times in seconds.

    A dead holder is replaced within its lease (10 s) plus `standby`, well under 15 s.
    """

    standby: float = 2.0
    renew: float = 3.0
    answer: float = 5.0
    """Connecting, logging in, each answer to an action."""
    listing: float = 10.0
    """The list of channels after a (re)connect."""
    ping_after: float = 10.0
    dead_after: float = 10.0
    """Silence after a ping that means the line is dead."""
    first_retry: float = 0.5
    last_retry: float = 30.0
    stable: float = 10.0
    """A connection that lived so long makes the next retry a first one."""
    refused_retry: float = 180.0
    """After a wrong secret. FreePBX bans an address for several wrong logins in ten minutes."""
    linger: float = 0.05
    """How long the first line of a batch waits for company."""
    batch_lines: int = 500
    batch_bytes: int = 256 * 1024
    buffer_lines: int = 10_000
    buffer_bytes: int = 32 * 1024 * 1024
    store_retry: float = 1.0
    records_after: tuple[float, ...] = (0.0, 30.0, 300.0)
    """When call detail records are read after a gap: a PBX may write them late."""
    farewell: float = 10.0
    """How long each thread may take to end."""
    tick: float = 0.2
    """How soon a thread notices that it is over."""


@dataclass(slots=True)
class Health:
    """How it goes, written by the threads that know, read by the one that reports."""

    state: str = "connecting"
    detail: str = ""
    unstored: str = ""
    """Why events cannot be stored; empty when they can."""
    last_event: float | None = field(default=None)
    """Monotonic seconds."""

    def set(self, state: str, detail: str = "") -> None:
        self.state, self.detail = state, detail

    def reported(self) -> str:
        """The state as others see it: a line whose events cannot be stored is of no use to them."""
        return "down" if self.unstored else self.state

    def words(self) -> str:
        """For a person: what is wrong, and when something was last heard."""
        heard = self._heard() if self.state == "connected" else ""
        return "; ".join(filter(None, (heard, self.detail, self.unstored)))

    def _heard(self) -> str:
        if self.last_event is None:
            return "no event yet"
        return f"last event {time.monotonic() - self.last_event:.0f} s ago"
