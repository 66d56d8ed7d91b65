"""Tell waiting readers that something changed. Losing a call costs only delay: readers also look by themselves."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import redis

CHANNEL = "hub:changed"


class WakeUp(Protocol):
    def announce(self) -> None:
        """Something changed and is committed. Never raises, never waits long."""

    def ticket(self) -> int:
        """Taken before reading, handed to `wait` after: what changes in between is not slept over."""

    def wait(self, ticket: int, seconds: float) -> None:
        """Return when something has changed since the ticket was taken, or after `seconds`."""


class LocalWakeUp:
    """Within one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def announce(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def ticket(self) -> int:
        return self._count

    def wait(self, ticket: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count != ticket, seconds)


class RedisWakeUp(LocalWakeUp):
    """Between processes: a thread that tells the others, and one that hears them, each started at its first use."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._news = threading.Event()
        self._telling = threading.Lock()
        self._listening = threading.Lock()

    def announce(self) -> None:
        self._news.set()
        _once(self._telling, "announcer", self._tell)

    def wait(self, ticket: int, seconds: float) -> None:
        _once(self._listening, "wake-up", self._listen)
        super().wait(ticket, min(seconds, 1.0))

    def _tell(self) -> None:
        """What was announced meanwhile is one message. A Redis that says nothing holds up this thread alone."""
        publisher = redis.Redis.from_url(self._url, socket_connect_timeout=1, socket_timeout=2)
        while self._news.wait():
            self._news.clear()
            with suppress(redis.RedisError):  # readers look by themselves every second
                publisher.publish(CHANNEL, b"")

    def _listen(self) -> None:
        while True:
            try:
                with redis.Redis.from_url(self._url, socket_connect_timeout=1) as client, client.pubsub() as channel:
                    channel.subscribe(CHANNEL)
                    for _ in channel.listen():
                        super().announce()
            except redis.RedisError:
                time.sleep(1)


def _once(started: threading.Lock, name: str, run: Callable[[], None]) -> None:
    if started.acquire(blocking=False):
        threading.Thread(target=run, name=name, daemon=True).start()
