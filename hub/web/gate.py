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
LATE_SECONDS = 0.2
"""A delivery that has waited so long for a thread is sent away too: the sender's own patience is nearly over."""
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
    """A WSGI layer; `limit` deliveries are inside at the same time."""

    def __init__(self, app: "WSGIApplication", limit: int) -> None:
        self._app = app
        self._free = threading.Semaphore(limit)
        self._sent_away = 0
        self._told_at = 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(HOOKS):
            return self._app(environ, start_response)
        if _late() or not self._free.acquire(blocking=False):
            return self._send_away(start_response)
        try:
            return self._app(environ, start_response)  # a hook's answer is whole when the view returns
        finally:
            self._free.release()

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
