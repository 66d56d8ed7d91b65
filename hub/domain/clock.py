"""Time as Hub keeps it: aware UTC inside, ISO 8601 with milliseconds and ``Z`` outside."""

from datetime import UTC, datetime, timedelta
from typing import overload


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


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
