"""Who listens: the holder of the lease, connecting again and again until it is told to stop."""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog

from hub.connectors import Intake, Lease
from hub.telephony.listener.backfill import Backfill
from hub.telephony.listener.buffer import Buffer, Full
from hub.telephony.listener.hearing import Hearing
from hub.telephony.listener.keeping import Keeping
from hub.telephony.listener.ports import Exchange, Health, ReadRecords, Timing
from hub.telephony.troubles import LoginRefused, Lost

log = structlog.get_logger()
T = TypeVar("T")

OVERRUN = "Hub could not store events as fast as they came; the line was closed until it can"


class Listener:
    """Listens to one connection while it holds `lease`; several may stand by for the same one."""

    def __init__(
        self,
        exchange: Exchange,
        lease: Lease,
        intake: Intake,
        records: ReadRecords | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._exchange = exchange
        self._lease = lease
        self._intake = intake
        self._records = records
        self._timing = timing or Timing()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`: stand by for the lease, and listen while it is ours."""
        while not stop.is_set():
            if _quietly(self._lease.take, otherwise=False):
                self._hold(stop)
            stop.wait(self._timing.standby)

    def _hold(self, stop: threading.Event) -> None:
        """Listen until `stop`, or until somebody else holds the lease."""
        over, health, buffer = threading.Event(), Health(), Buffer(self._timing)
        backfill = Backfill(self._records, self._intake, self._timing)
        keeping = Keeping(self._intake, buffer, backfill, health, self._timing)
        line = _Connection(self._exchange, buffer, health, self._timing)
        hearing = _thread("hears", self._exchange, line.run, over)
        others = [
            _thread("keeps", self._exchange, keeping.run, over),
            _thread("backfills", self._exchange, backfill.run, over),
        ]
        self._renew(health, stop)
        over.set()
        hearing.join(self._timing.farewell)
        buffer.close()
        for thread in others:
            thread.join(self._timing.farewell)
        if stop.is_set():
            _quietly(lambda: self._intake.report("down", "nobody listens: Hub was stopped"), otherwise=None)
            _quietly(self._lease.release, otherwise=None)

    def _renew(self, health: Health, stop: threading.Event) -> None:
        """Keep the lease and report, until `stop` or until the lease is lost.

        A database that does not answer takes the lease from nobody, so we go on hearing.
        """
        while _quietly(self._lease.renew, otherwise=True):
            _quietly(lambda: self._intake.report(health.reported(), health.words()), otherwise=None)
            if stop.wait(self._timing.renew):
                return
        log.warning("another process listens now", pbx=str(self._exchange))


class _Connection:
    """The connection to the PBX, made again whenever it is lost. Used by one thread."""

    def __init__(self, exchange: Exchange, buffer: Buffer, health: Health, timing: Timing) -> None:
        self._exchange = exchange
        self._buffer = buffer
        self._health = health
        self._timing = timing
        self._heard: datetime | None = None
        self._delay = timing.first_retry

    def run(self, over: threading.Event) -> None:
        while not over.is_set():
            began = time.monotonic()
            trouble, delay = self._listen(over)
            if time.monotonic() - began > self._timing.stable:
                self._delay = self._timing.first_retry
            if trouble:
                self._pause(trouble, delay or self._next_delay(), over)

    def _listen(self, over: threading.Event) -> tuple[str, float | None]:
        """Connect and hear until it ends: what ended it, and how long to wait where that is not the usual time."""
        try:
            self._hear(over)
        except Lost as error:
            return str(error), None
        except LoginRefused as error:
            return str(error), self._timing.refused_retry
        except Full:
            return OVERRUN, None
        except Exception as error:
            log.exception("listening failed", pbx=str(self._exchange))
            return f"{type(error).__name__}: {error}", None
        return "", None

    def _hear(self, over: threading.Event) -> None:
        with self._exchange.connect(self._timing.answer) as line:
            hearing = Hearing(line, self._buffer, self._health, self._timing, self._heard)
            try:
                hearing.run(over)
            finally:
                self._heard = hearing.heard

    def _next_delay(self) -> float:
        """Doubling up to the longest, with jitter so that many listeners do not knock together."""
        delay = self._delay
        self._delay = min(2 * delay, self._timing.last_retry)
        return delay * random.SystemRandom().uniform(0.5, 1.0)

    def _pause(self, trouble: str, delay: float, over: threading.Event) -> None:
        log.warning("not connected", pbx=str(self._exchange), trouble=trouble, next_try=round(delay, 1))
        self._health.set("down", f"{trouble}; next try in {delay:.1f} s")
        over.wait(delay)
        while not self._buffer.roomy and not over.is_set():
            over.wait(self._timing.tick)


def _thread(
    duty: str, exchange: Exchange, run: Callable[[threading.Event], None], over: threading.Event
) -> threading.Thread:
    thread = threading.Thread(target=run, args=(over,), name=f"{duty} {exchange}", daemon=True)
    thread.start()
    return thread


def _quietly(attempt: Callable[[], T], otherwise: T) -> T:
    """The answer, or `otherwise` when the database gives none now."""
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001 - a database that is away must not stop the listening
        log.warning("the database did not answer a listener", error=str(error))
        return otherwise
