"""The bytes a listener stores: the same JSON lines that captured events are kept in."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.connectors import OpenCall
from hub.domain import clock
from hub.telephony.ami import Block
from hub.telephony.listener.buffer import Resumed

MICROSECOND = timedelta(microseconds=1)


class Stamps:
    """Moments of receipt: aware UTC, strictly increasing, never slower than time itself.

    When the machine's clock is set back, time goes on from the last stamp, so that no length is negative.
    """

    def __init__(self) -> None:
        self._last = clock.now()
        self._ticked = time.monotonic()

    def next(self) -> datetime:
        ticked = time.monotonic()
        elapsed = max(timedelta(seconds=ticked - self._ticked), MICROSECOND)
        self._last = max(clock.now(), self._last + elapsed)
        self._ticked = ticked
        return self._last


def line(at: datetime, event: Mapping[str, Any]) -> bytes:
    """One event as it is stored: ``{"at": "…Z", "event": {…}}``."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return json.dumps({"at": moment, "event": event}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def gaps(resumed: Resumed, since: datetime, calls: Iterable[OpenCall]) -> bytes:
    """A line for each call that was open when the line was lost: from when to when, and whether it is still up."""
    return b"".join(line(resumed.at, _gap(resumed, since, call)) for call in calls)


def _gap(resumed: Resumed, since: datetime, call: OpenCall) -> Block:
    return {
        "Event": "HubGap",
        "From": since.isoformat(timespec="microseconds"),
        "To": resumed.at.isoformat(timespec="microseconds"),
        "Linkedid": call.id,
        "Alive": "yes" if resumed.still_up(call) else "no",
    }
