"""Business hours: when a clock that counts working time runs. Pure, and right on days of 23 and 25 hours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any, Self
from zoneinfo import ZoneInfo

from hub.domain.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAYS = "holidays"
MIDNIGHT = 24 * 60
MAX_SHIFTS = 10
MAX_HOLIDAYS = 1000
HORIZON_DAYS = 400
"""How far ahead is looked: a line that never opens by then counts plain time, one that opens too little ends there."""

Shift = tuple[int, int]
"""Minutes of the local day, open and close; a close beyond 24 h is on the next day."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The hours of a line in its zone. `week` None: always open; a weekday without shifts is closed."""

    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...] | None = None
    holidays: frozenset[date] = frozenset()

    @classmethod
    def parse(cls, hours: Mapping[str, Any] | None, timezone: str) -> Self:
        """From ``{"mon": [["09:00", "18:00"]], "holidays": ["2026-12-25"]}``; Invalid says what is wrong.

        A missing weekday is closed, ``24:00`` is the end of a day, a close at or before its opening
        is on the next day.
        """
        zone = _zone(timezone)
        if hours is None:
            return cls(zone)
        if unknown := set(hours) - {*DAYS, HOLIDAYS}:
            raise Invalid(f"no such day: {min(unknown)!r}; expected {', '.join(DAYS)} or {HOLIDAYS}", "hours")
        week = tuple(_shifts(day, hours.get(day, [])) for day in DAYS)
        return cls(zone, week, frozenset(_holidays(hours.get(HOLIDAYS, []))))

    @classmethod
    def lenient(cls, hours: Mapping[str, Any] | None, timezone: str) -> Self:
        """Like `parse`, but what cannot be read is always open, in UTC if need be: a call is never refused for it."""
        try:
            return cls.parse(hours, timezone)
        except Invalid:
            return cls(ZoneInfo("UTC"))

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is at work at `moment` (aware)."""
        at = moment.astimezone(UTC)
        begun = takewhile(lambda span: span[0] <= at, self._open(at))
        return self.week is None or any(at < closes for _, closes in begun)

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment `minutes` of business time after `start` (aware), in UTC.

        With 0 minutes: `start`, or the next opening when closed.
        """
        cursor = start.astimezone(UTC)
        left = timedelta(minutes=minutes)
        for opens, closes in self._open(cursor):
            begins = max(opens, cursor)
            if begins >= closes:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
            cursor = closes
        opened = left < timedelta(minutes=minutes)
        return cursor if opened else cursor + left

    def _open(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans in UTC from the day before `start` (a night shift may still run), in order of opening."""
        if self.week is None:
            return
        first = start.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(HORIZON_DAYS):
            day = first + timedelta(days=offset)
            if day not in self.holidays:
                for opens, closes in self.week[day.weekday()]:
                    yield self._moment(day, opens), self._moment(day, closes)

    def _moment(self, day: date, minute: int) -> datetime:
        """Minute `minute` of the local `day` as UTC. A wall time that occurs twice is its first occurrence."""
        days, rest = divmod(minute, MIDNIGHT)
        wall = time(*divmod(rest, 60), tzinfo=self.zone)
        return datetime.combine(day + timedelta(days=days), wall).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of zones, or no name of a zone at all
        raise Invalid(f"no such time zone: {name!r}", "timezone") from error


def _shifts(day: str, pairs: Any) -> tuple[Shift, ...]:
    if not isinstance(pairs, Sequence) or isinstance(pairs, str) or len(pairs) > MAX_SHIFTS:
        raise Invalid(f'{day}: expected at most {MAX_SHIFTS} pairs like ["09:00", "18:00"]', "hours")
    return tuple(sorted(_shift(day, pair) for pair in pairs))


def _shift(day: str, pair: Any) -> Shift:
    try:
        opens, closes = (_minute(word) for word in pair)
    except (AttributeError, TypeError, ValueError) as error:
        raise Invalid(f'{day}: {pair!r} is no pair like ["09:00", "18:00"]', "hours") from error
    if opens == MIDNIGHT:
        raise Invalid(f"{day}: {pair!r} opens at the end of the day", "hours")
    return opens, closes if closes > opens else closes + MIDNIGHT


def _minute(word: str) -> int:
    hour, minute = word.split(":")
    if len(hour) != 2 or len(minute) != 2 or not (word[:2] + word[3:]).isascii():
        raise ValueError(word)
    total = int(hour) * 60 + int(minute)
    if not 0 <= total <= MIDNIGHT or int(minute) > 59:
        raise ValueError(word)
    return total


def _holidays(days: Any) -> Iterator[date]:
    if not isinstance(days, Sequence) or isinstance(days, str) or len(days) > MAX_HOLIDAYS:
        raise Invalid(f'holidays: expected at most {MAX_HOLIDAYS} dates like "2026-12-25"', "hours")
    for day in days:
        try:
            yield date.fromisoformat(day)
        except (TypeError, ValueError) as error:
            raise Invalid(f"holidays: {day!r} is no date like 2026-12-25", "hours") from error
