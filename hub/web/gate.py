"""The gate before /hooks/: so many deliveries at once and no more; the others are sent away before they cost anything.

A phone system that is told 503 with `Retry-After` sends again, one that waits in a queue gives up and has lost its
event. The server's pool must have more threads than the gate lets in: those answer pages and the API, and refuse.
"""

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from hub.web.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOOKS = "/hooks/"
RETRY_SECONDS = 1
WAIT_SECONDS = 0.1
"""How long half as many more may wait for a place: a burst is no overload."""
LATE_SECONDS = 0.1
"""With half the places taken, a delivery that waited so long for a thread is sent away too: refusing is behind."""
TOLD_EVERY = 1.0
"""Seconds between two lines in the log about deliveries sent away: an overload must not fill the disk too."""
FULL = Problem(status=503, code="unavailable", detail="more is delivered than can be taken; send it again")

log = structlog.get_logger()

_thread = threading.local()


def waits_since(moment: float) -> None:
    """The server's word, before the application is called in the same thread: when the request came (monotonic)."""
    _thread.waits_since = moment


def _late() -> bool:
    moment: float | None = getattr(_thread, "waits_since", None)
    return moment is not None and time.monotonic() - moment > LATE_SECONDS


class Gate:
    """A WSGI layer; `limit` deliveries are inside at the same time, half as many wait for a moment."""

    def __init__(self, app: "WSGIApplication", limit: int) -> None:
        self._app = app
        self._limit = limit
        self._inside = 0
        self._waiting = 0
        self._left = threading.Condition()
        self._sent_away = 0
        self._told_at = 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(HOOKS):
            return self._app(environ, start_response)
        if not self._enter():
            return self._send_away(start_response)
        try:
            return self._app(environ, start_response)  # a hook's answer is whole when the view returns
        finally:
            self._leave()

    def _enter(self) -> bool:
        late = _late()
        with self._left:
            if late and self._inside >= self._limit / 2:
                return False
            if self._inside >= self._limit and not self._wait():
                return False
            self._inside += 1
            return True

    def _leave(self) -> None:
        with self._left:
            self._inside -= 1
            self._left.notify()

    def _wait(self) -> bool:
        """Whether a place became free in time."""
        if self._waiting >= self._limit / 2:
            return False
        self._waiting += 1
        free = self._left.wait_for(lambda: self._inside < self._limit, WAIT_SECONDS)
        self._waiting -= 1
        return free

    def _send_away(self, start_response: "StartResponse") -> Iterable[bytes]:
        self._tell()
        request_id = uuid4().hex
        body = FULL.document(request_id)
        headers = [
            ("Content-Type", MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_SECONDS)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", request_id),
        ]
        start_response(f"{FULL.status} {FULL.title}", headers)
        return [body]

    def _tell(self) -> None:
        """Two threads at once may count one too few: it is a word for people, not a measure."""
        self._sent_away += 1
        if time.monotonic() - self._told_at >= TOLD_EVERY:
            self._told_at, sent_away, self._sent_away = time.monotonic(), self._sent_away, 0
            log.warning("more is delivered than can be taken", sent_away=sent_away)
