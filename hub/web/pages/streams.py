"""How many live desks one process feeds at once, and whether the one at the other end is still there."""

import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, current_app, stream_with_context

LOOK_EVERY = 1.0
"""Seconds after which a desk looks by itself, should nobody wake it."""
HEARTBEAT = 15.0
LIFETIME = 600.0
"""Then the browser connects anew: no stream outlives a change of code or rights for long."""


class Streams:
    """A bounded number of places; each stream holds a thread for as long as it is open."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def enter(self) -> bool:
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        self._free.release()


def stream(events: Iterator[str]) -> Response:
    """These server-sent events as an answer, when there is a place left; else 503, and the browser asks later."""
    streams: Streams = current_app.extensions["hub-streams"]
    if not streams.enter():
        return Response(status=503, headers={"Retry-After": "10"})
    answer = Response(stream_with_context(events), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(streams.leave)
    return answer


def event(name: str, data: str, cursor: object = None) -> str:
    """One server-sent event. `cursor` is where to go on when the line breaks after it."""
    lines = "".join(f"data: {line}\n" for line in data.strip().splitlines() or [""])
    return f"event: {name}\n" + ("" if cursor is None else f"id: {cursor}\n") + f"{lines}\n"


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
