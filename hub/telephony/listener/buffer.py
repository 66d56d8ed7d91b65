"""Between the thread that hears and the thread that stores: ordered, bounded, never blocking the hearing."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hub.connectors import OpenCall
from hub.telephony.listener.ports import Timing


class Full(Exception):
    """More was heard than can wait to be stored."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """From here on everything was heard again; what came between `since` and `at` may be missing.

    `since` None: the holder before us knows, by what it stored. `alive` are the ids of everything that
    was up when the line came back; None when the PBX did not let us ask.
    """

    since: datetime | None
    at: datetime
    alive: frozenset[str] | None

    def still_up(self, call: OpenCall) -> bool:
        return self.alive is None or not call.nodes.isdisjoint(self.alive)


class Buffer:
    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._items: deque[bytes | Resumed] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closed = False

    def put(self, *items: bytes | Resumed) -> None:
        """Add at the end, all or nothing; Full when there is no room."""
        size = sum(len(item) for item in items if isinstance(item, bytes))
        with self._changed:
            lines = len(self._items) + len(items)
            if lines > self._timing.buffer_lines or self._bytes + size > self._timing.buffer_bytes:
                raise Full
            self._items.extend(items)
            self._bytes += size
            self._changed.notify_all()

    def take(self) -> Resumed | bytes | None:
        """The next batch as one body, or the next marker; waits for it. None when closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            if not self._items:
                return None
            first = self._items[0]
            if isinstance(first, Resumed):
                self._items.popleft()
                return first
            enough = self._timing.batch_lines
            self._changed.wait_for(lambda: len(self._items) >= enough or self._closed, self._timing.linger)
            return b"".join(self._batch())

    def _batch(self) -> Iterator[bytes]:
        """Take lines from the front, up to the next marker or the size of a batch."""
        size = 0
        for _ in range(self._timing.batch_lines):
            if not self._items or isinstance(line := self._items[0], Resumed) or size >= self._timing.batch_bytes:
                return
            self._items.popleft()
            self._bytes -= len(line)
            size += len(line)
            yield line

    def close(self) -> None:
        """Nothing more will be put; what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def roomy(self) -> bool:
        """At least half of it is free."""
        with self._changed:
            lines, size = self._timing.buffer_lines, self._timing.buffer_bytes
            return 2 * len(self._items) <= lines and 2 * self._bytes <= size

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)
