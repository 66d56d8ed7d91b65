"""One call on one line of time: a lane for each phone, with bars in thousandths of the call's length."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.domain import clock

WIDTH = 1000
TRANSFERS = ("transfer_blind", "transfer_attended", "forward")
NARROWEST = 4
"""A second of ringing in an hour of talk must still be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`kind` ring, talk or hold; `x` and `width` of `WIDTH`; `seconds` for those who read it."""

    kind: str
    x: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One phone of ours; `leg` as in the call's JSON, None for the one who placed the call."""

    extension: str
    user_id: int | None
    bars: tuple[Bar, ...]
    leg: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    seconds: float

    def bar(self, kind: str, begin: datetime, end: datetime) -> Bar:
        offset = (begin - self.start).total_seconds() / self.seconds * WIDTH
        length = (end - begin).total_seconds()
        width = max(NARROWEST, length / self.seconds * WIDTH)
        x = min(max(0.0, offset), WIDTH - NARROWEST)
        return Bar(kind=kind, x=round(x, 1), width=round(min(width, WIDTH - x), 1), seconds=length)


Span = tuple[datetime, datetime]


def lanes(call: Mapping[str, Any], holds: Sequence[tuple[str, str]], now: datetime) -> list[Lane]:
    """The lanes of a call as its JSON tells it, and when its client was on hold; an open call reaches until `now`."""
    start = clock.parse_iso(call["started_at"])
    end = end_of(call, now)
    scale = _Scale(start, max((end - start).total_seconds(), 1.0))
    held = [(clock.parse_iso(begin), clock.parse_iso(until)) for begin, until in holds]
    return [*_caller(call, scale, held, end), *(_leg(leg, scale, held, end) for leg in call["legs"])]


def end_of(call: Mapping[str, Any], now: datetime) -> datetime:
    """Where the line of time of a call ends; that of an open one, now."""
    return _moment(call["ended_at"]) or max(now, clock.parse_iso(call["started_at"]))


def _moment(text: str | None) -> datetime | None:
    return clock.parse_iso(text) if text else None


def _caller(call: Mapping[str, Any], scale: _Scale, held: Sequence[Span], end: datetime) -> Iterator[Lane]:
    """Whoever of us placed the call has a lane too: the other side's ringing, then the talk."""
    if (caller := call["initiated_by"]) is None:
        return
    answered = _moment(call["answered_at"])
    bars = [scale.bar("ring", scale.start, answered or end)]
    if answered:
        bars += _talk(scale, answered, _handed_over(call) or end, held)
    yield Lane(extension=caller["extension"], user_id=caller["user_id"], bars=tuple(bars))


def _handed_over(call: Mapping[str, Any]) -> datetime | None:
    """When somebody else took the call over from the one who placed it."""
    taken = (leg["answered_at"] for leg in call["legs"] if leg["via"] in TRANSFERS and leg["answered_at"])
    return _moment(min(taken, default=None))


def _talk(scale: _Scale, begin: datetime, end: datetime, held: Sequence[Span]) -> Iterator[Bar]:
    """A talk, and over it the stretches of it the client spent on hold."""
    yield scale.bar("talk", begin, end)
    for since, until in held:
        if since < end and until > begin:
            yield scale.bar("hold", max(since, begin), min(until, end))


def _leg(leg: Mapping[str, Any], scale: _Scale, held: Sequence[Span], end: datetime) -> Lane:
    rang, answered, left = (_moment(leg[name]) for name in ("rang_at", "answered_at", "left_at"))
    bars = []
    if rang:
        bars.append(scale.bar("ring", rang, answered or left or end))
    if answered:
        bars += _talk(scale, answered, left or end, held)
    return Lane(extension=leg["extension"], user_id=leg["user_id"], bars=tuple(bars), leg=leg)
