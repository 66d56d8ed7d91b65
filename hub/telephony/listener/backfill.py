"""Filling a gap from the PBX's own call detail records, some of which are written late."""

import hashlib
import threading
import time
from datetime import timedelta

import structlog

from hub.connectors import Intake
from hub.telephony.listener.ports import CSV, ReadRecords, Timing, Window

log = structlog.get_logger()

MARGIN = timedelta(minutes=5)
"""A call that was not yet in anybody's hands may have begun before the line was lost."""


class Backfill:
    """Reads the records of the wanted window at once and a few times later; equal answers are stored once."""

    def __init__(self, read: ReadRecords | None, intake: Intake, timing: Timing) -> None:
        self._read = read
        self._intake = intake
        self._timing = timing
        self._lock = threading.Lock()
        self._window: Window | None = None
        self._due: list[float] = []

    def want(self, window: Window) -> None:
        """Plan the readings; a window that is still being filled is made wide enough for both."""
        wider = Window(window.since - MARGIN, window.until)
        with self._lock:
            if self._window is not None and self._due:
                wider = Window(min(wider.since, self._window.since), max(wider.until, self._window.until))
            self._window = wider
            self._due = [time.monotonic() + delay for delay in self._timing.records_after]

    def run(self, over: threading.Event) -> None:
        if self._read is None:
            return
        while not over.wait(self._timing.tick):
            if (window := self._next()) is not None:
                self._fill(self._read, window)

    def _next(self) -> Window | None:
        with self._lock:
            if not self._due or self._due[0] > time.monotonic():
                return None
            self._due.pop(0)
            return self._window

    def _fill(self, read: ReadRecords, window: Window) -> None:
        try:
            for body in read(window):
                self._intake.store(body, f"cdr-{hashlib.sha256(body).hexdigest()}", CSV)
        except Exception as error:  # noqa: BLE001 - a gap that cannot be filled stays marked and stops nobody
            log.warning(
                "a gap cannot be filled from call detail records", since=window.since.isoformat(), error=str(error)
            )
