"""One open connection to a browser, on which only the server speaks."""

import asyncio
import random
import time
from typing import cast

from hub.domain.access import Viewer
from hub.people.credentials import Credential
from hub.web.streams.desk import Desk

HEARTBEAT = 15.0
LIFETIME = 600.0
"""Then the browser connects anew: no line outlives a change of code for long."""
SPREAD = 60.0
"""So that those who came together do not all come again together."""
UNREAD = 1 << 20
"""Bytes a browser may leave unread; one that sleeps is let go, and reads on where it was when it wakes."""


class Line(asyncio.Protocol):
    """`viewer` is who was at the other end when rights were last looked up, None for nobody any more."""

    def __init__(self, desk: Desk, credential: Credential, viewer: Viewer) -> None:
        self.desk = desk
        self.credential = credential
        self.viewer: Viewer | None = viewer
        self.fresh = True
        self.gone = asyncio.Event()
        self._ends_at = time.monotonic() + LIFETIME + random.uniform(0, SPREAD)  # noqa: S311 - no secret
        self._spoken = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone.set()

    def say(self, words: bytes) -> None:
        """What cannot be sent at once is kept for a while."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(words)
        self._spoken = time.monotonic()
        if self._transport.get_write_buffer_size() > UNREAD:
            self._transport.abort()

    def keep(self) -> None:
        """Say something when nothing was said for long; end when it is time."""
        now = time.monotonic()
        if now > self._ends_at or self.desk.over:
            self.close()
        elif now - self._spoken > HEARTBEAT:
            self.say(b": still here\n\n")

    def close(self) -> None:
        """After what was said has been sent."""
        if self._transport is not None:
            self._transport.close()
