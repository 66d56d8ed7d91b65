"""The bytes a listener stores: the same JSON lines that captured events are kept in."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.connectors import OpenCall
from hub.domain import clock
from hub.telephony.listener.buffer import Resumed

MICROSECOND = timedelta(microseconds=1)


LATE, AHEAD = timedelta(minutes=1), timedelta(seconds=5)
"""How long ago, and how soon, a system may say that something happened before its clock is not believed.

In seconds of machines: where time passes faster, what is a moment late is later.
"""


class Stamps:
    """When things happened, aware UTC: by the system's own time where it tells one, for its words may have waited.

    Otherwise the moment of receipt, strictly increasing and never slower than time itself: when the machine's clock is
    set back, time goes on from the last stamp, so that no length is negative.
    """

    def __init__(self) -> None:
        self._received = self._last = clock.now()
        self._ticked = time.monotonic()

    def next(self, told: datetime | None = None) -> datetime:
        received = self._receive()
        if told is not None and _believable(told, received):
            return told
        self._last = max(received, self._last + MICROSECOND)
        return self._last

    def _receive(self) -> datetime:
        ticked = time.monotonic()
        elapsed = timedelta(seconds=ticked - self._ticked)
        self._received = max(clock.now(), self._received + elapsed)
        self._ticked = ticked
        return self._received


def _believable(told: datetime, received: datetime) -> bool:
    return received - LATE * clock.speed() < told < received + AHEAD * clock.speed()


def line(at: datetime, event: Mapping[str, Any]) -> bytes:
    """One event as it is stored: ``{"at": "…Z", "event": {…}}``."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return json.dumps({"at": moment, "event": event}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def gaps(resumed: Resumed, since: datetime, calls: Iterable[OpenCall]) -> bytes:
    """A line for each call that was open when the line was lost: from when to when, and whether it is still up."""
    return b"".join(line(resumed.at, _gap(resumed, since, call)) for call in calls)


def _gap(resumed: Resumed, since: datetime, call: OpenCall) -> dict[str, str]:
    return {
        "Event": "HubGap",
        "From": since.isoformat(timespec="microseconds"),
        "To": resumed.at.isoformat(timespec="microseconds"),
        "Linkedid": call.id,
        "Alive": "yes" if resumed.still_up(call) else "no",
    }
