"""Time as Hub keeps it: aware UTC inside, ISO 8601 with milliseconds and ``Z`` outside."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import overload


@dataclass(frozen=True, slots=True)
class Pace:
    """Time that began at `origin` when the monotonic clock said `started`, and since passes `speed` times as fast."""

    origin: datetime
    started: float
    speed: float

    def now(self) -> datetime:
        return self.origin + timedelta(seconds=(time.monotonic() - self.started) * self.speed)


_pace: Pace | None = None
"""None: time passes as it does. Only the demo's own process ever sets another."""


def run_at(speed: float, origin: datetime | None = None) -> None:
    """From here on time in this process passes `speed` times as fast, beginning at `origin` (now); 1 and no origin:
    as it does."""
    global _pace  # noqa: PLW0603 - there is one time for all of a process; that is the point
    _pace = None if speed == 1 and origin is None else Pace(origin or datetime.now(UTC), time.monotonic(), speed)


def speed() -> float:
    """How many seconds `now` tells pass in one."""
    return _pace.speed if _pace else 1.0


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pace.now() if _pace else datetime.now(UTC)


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: datetime | None) -> str | None: ...
def iso(moment: datetime | None) -> str | None:
    """``2026-11-22T10:00:00.120Z``, or None for a moment that never came."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """An aware moment from ISO 8601; ValueError when there is no offset to trust."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time {text!r} has no offset")
    return moment.astimezone(UTC)


def seconds(span: timedelta) -> float:
    """A length in seconds, rounded to 0.1 and never negative."""
    return max(0.0, round(span.total_seconds(), 1))
