"""The exchange: calls as they are held, what is notified of them, and their rows in the statistics.

It looks back: a call that is told now ended now, and began as long ago as it took. So whoever takes the receipt for
the moment something happened, without minding how long was talked, is wrong.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

KEY, SECRET = "0123456789abcdef0123", "the secret of an invented account"
LINE = "442079460000"
ZONE = ZoneInfo("Europe/Kyiv")
Fields = dict[str, str]


def wall(at: datetime) -> str:
    """A moment on the account's wall clock."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class Row:
    """One line of the statistics."""

    call: str
    began: datetime
    sip: str
    clid: str
    destination: str
    disposition: str
    seconds: int
    recording: str = ""

    def shown(self) -> Mapping[str, object]:
        return {
            "call_id": self.recording or f"{self.began.timestamp()}",
            "sip": self.sip,
            "callstart": wall(self.began),
            "clid": self.clid,
            "destination": self.destination,
            "disposition": self.disposition,
            "seconds": self.seconds,
            "is_recorded": "true" if self.recording else "false",
            "pbx_call_id": self.call,
        }


@dataclass
class Exchange:
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rows: list[Row] = field(default_factory=list)
    online: set[str] = field(default_factory=lambda: {"101", "102", "103"})
    ordered: list[tuple[str, str]] = field(default_factory=list)
    """Callbacks that were asked for: whose phone, which number."""
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def call_id(self, way: str) -> str:
        return f"{way}_{next(self._serial):040x}"

    def recording_id(self) -> str:
        return f"{int(self.clock().timestamp())}.{next(self._serial):07d}"

    def began(self, seconds: int) -> datetime:
        """When a call began that took so long and ends now."""
        return (self.clock() - timedelta(seconds=seconds)).replace(microsecond=0)

    def between(self, start: str, end: str) -> Iterator[Row]:
        """Rows of calls that began in that time of the wall clock."""
        return (row for row in self.rows if start <= wall(row.began) <= end)
