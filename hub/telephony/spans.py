"""Stretches of time: began, ended, and what several of them cover together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.clock import seconds

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Track:
    """Something that is on or off; saying it twice changes nothing."""

    began: datetime | None = None
    closed: list[Span] = field(default_factory=list)

    def begin(self, at: datetime) -> None:
        if self.began is None:
            self.began = at

    def end(self, at: datetime) -> None:
        if self.began is not None:
            self.closed.append((self.began, at))
            self.began = None

    @property
    def first(self) -> datetime | None:
        """When it first began."""
        return self.closed[0][0] if self.closed else self.began

    @property
    def ever(self) -> bool:
        return self.began is not None or bool(self.closed)

    def until(self, limit: datetime) -> list[Span]:
        """All stretches, cut at `limit`; one still on ends there."""
        known = [*self.closed, (self.began, limit)] if self.began is not None else self.closed
        return [(start, min(end, limit)) for start, end in known if start < limit]


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def shared(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """The time that is in both."""
    others = list(right)
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in others)
    return [(start, end) for start, end in pairs if start < end]


def total(spans: Iterable[Span]) -> float:
    """How much time the stretches cover, in seconds rounded to 0.1; overlaps count once."""
    lengths = [end - start for start, end in union(spans)]
    return seconds(sum(lengths[1:], start=lengths[0])) if lengths else 0.0
