"""Storing what was heard: in order, in batches, each until it is stored."""

import threading
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import structlog

from hub.connectors import Intake
from hub.telephony.listener.backfill import Backfill
from hub.telephony.listener.buffer import Buffer, Resumed
from hub.telephony.listener.lines import gaps
from hub.telephony.listener.ports import JSON_LINES, Health, Timing, Window

log = structlog.get_logger()
T = TypeVar("T")


class Keeping:
    """Used by one thread. What cannot be stored before `over` is not stored: the next holder finds it missing."""

    def __init__(self, intake: Intake, buffer: Buffer, backfill: Backfill, health: Health, timing: Timing) -> None:
        self._intake = intake
        self._buffer = buffer
        self._backfill = backfill
        self._health = health
        self._timing = timing
        self._session = uuid4().hex
        self._count = 0

    def run(self, over: threading.Event) -> None:
        """Until the buffer is closed and empty, or `over` and the database takes nothing."""
        try:
            while (item := self._buffer.take()) is not None:
                if isinstance(item, Resumed):
                    self._recover(item, over)
                else:
                    self._store(item, over)
        except _GivenUp:
            log.warning("stopped with events not stored; the next holder finds them missing", lines=len(self._buffer))

    def _store(self, body: bytes, over: threading.Event) -> None:
        self._count += 1
        key = f"line-{self._session}-{self._count}"
        self._insist(lambda: self._intake.store(body, key, JSON_LINES), over)

    def _recover(self, resumed: Resumed, over: threading.Event) -> None:
        """Mark the gap on each open call, and have it filled from call detail records."""
        since = resumed.since or self._insist(self._intake.heard_until, over)
        if since is None:
            return  # the very first connection: there is nothing to have missed
        calls = self._insist(self._intake.open_calls, over)
        log.warning("a gap", since=since.isoformat(), until=resumed.at.isoformat(), open_calls=len(calls))
        if calls:
            self._store(gaps(resumed, since, calls), over)
        self._backfill.want(Window(min([since, *(call.started_at for call in calls)]), resumed.at))

    def _insist(self, attempt: Callable[[], T], over: threading.Event) -> T:
        """Try until it works; once `over`, one last time."""
        while True:
            last_time = over.is_set()
            try:
                answer = attempt()
            except Exception as error:  # noqa: BLE001 - whatever failed, what was heard must not be dropped for it
                self._note(error)
            else:
                self._health.unstored = ""
                return answer
            if last_time:
                raise _GivenUp
            over.wait(self._timing.store_retry)

    def _note(self, error: Exception) -> None:
        log.warning("what was heard cannot be stored now", error=str(error))
        self._health.unstored = f"cannot store events ({len(self._buffer)} wait): {error}"


class _GivenUp(Exception):
    """Over, and still not stored."""
