"""One connection from login to loss: ask what is up, then stamp and pass on every event that matters."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime

from hub.telephony.listener.buffer import Buffer, Resumed
from hub.telephony.listener.lines import Stamps, line
from hub.telephony.listener.ports import Health, Heard, Line, Listed, Timing
from hub.telephony.troubles import Lost


class Hearing:
    """Used by one thread. `since` is the last moment before this connection that was surely heard."""

    def __init__(self, line: Line, buffer: Buffer, health: Health, timing: Timing, since: datetime | None) -> None:
        self._line = line
        self._buffer = buffer
        self._health = health
        self._timing = timing
        self._stamps = Stamps()
        self._began = self._stamps.next()
        self._since = since and min(since, self._began)  # the system's clock may be a little ahead
        self._last = time.monotonic()
        self._pinged = False
        self._listing = False
        self._listed_by = 0.0
        self._held: list[bytes] = []
        """Lines that wait for the list of channels, so that the gap is noted before what came after it."""
        self.heard: datetime | None = since
        """The last moment of which everything is in the buffer."""

    def run(self, over: threading.Event) -> None:
        """Until `over`, or until the line is Lost; Full when the buffer takes no more."""
        self._line.ask()
        self._listing = True
        self._listed_by = time.monotonic() + self._timing.listing
        while not over.is_set():
            self._hear(self._line.receive(self._timing.tick))
            self._keep_alive()

    def _hear(self, said: Sequence[Heard]) -> None:
        if not said:
            return
        self._last, self._pinged = time.monotonic(), False
        moment = self._began
        for heard in said:
            moment = self._stamps.next(heard.at)
            self._sort(moment, heard)
        if not self._listing:
            self._buffer.put(*self._held)
            self._held.clear()
            self.heard = max(moment, self.heard or moment)

    def _sort(self, moment: datetime, heard: Heard) -> None:
        if heard.event is not None:
            self._held.append(line(moment, heard.event))
            self._health.last_event = self._last
        if heard.listed is not None and self._listing:
            self._resume(heard.listed)

    def _resume(self, listed: Listed) -> None:
        self._buffer.put(Resumed(self._since, self._began, listed.alive))
        self._listing = False
        self._health.set("connected", listed.why_not)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        silence = now - self._last
        if self._listing and now > self._listed_by:
            raise Lost(f"the PBX did not list its channels within {self._timing.listing:g} s")
        if silence > self._timing.ping_after + self._timing.dead_after:
            raise Lost(f"the PBX said nothing for {silence:.0f} s")
        if silence > self._timing.ping_after and not self._pinged:
            self._line.ping()
            self._pinged = True
