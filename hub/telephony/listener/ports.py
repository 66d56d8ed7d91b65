"""What a listener is given beside its doors to Hub (hub/connectors.py), and the limits it keeps."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Keeps = Callable[[Mapping[str, Any]], bool]
"""Whether the connector's interpreter reads this event; the others are not stored."""

JSON_LINES = "application/x-ndjson"
CSV = "text/csv"


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
