"""How many live desks one process feeds at once, and whether the one at the other end is still there."""

import socket
import threading
from collections.abc import Mapping
from typing import Any


class Streams:
    """A bounded number of places; each stream holds a thread for as long as it is open."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def enter(self) -> bool:
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        self._free.release()


def hung_up(environ: Mapping[str, Any]) -> bool:
    """Whether the browser has closed the line; else a closed desk would hold its place to the next heartbeat."""
    line: socket.socket | None = environ.get("gunicorn.socket")
    if line is None:
        return False
    try:
        return line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
