"""A second phone system, of another kind: it pushes three things about each call over HTTP, and not always well.

Some pushes come twice, some late, some after the one that should have followed them. What it cannot deliver it
tries again until it can, as such systems do.
"""

import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Self

import requests

from hub.domain import clock
from hub.telephony.simulator.pushed import Push, pushes
from hub.telephony.simulator.scripted import ScriptedCall

IDLE_SECONDS = 1.0
ANSWER_SECONDS = 10.0
AGAIN_SECONDS = 0.5
"""After a push nobody took."""
TWICE, LATE, SWAPPED = 0.1, 0.1, 0.1
"""Shares of pushes that come twice or late, and of calls whose answer comes after their end."""
LATE_BY = (5.0, 60.0)


class Pusher:
    """Pushes to `address` while inside its ``with`` block; `ended` is told of each call once all was taken."""

    def __init__(self, address: str, seed: int, ended: Callable[[ScriptedCall], None]) -> None:
        self._address = address
        self._dice = random.Random(seed)  # noqa: S311 - the same disorder each time is the point
        self._ended = ended
        self._agenda: list[tuple[datetime, int, ScriptedCall, Push]] = []
        self._left: dict[str, int] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="pushing phone system", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()

    @property
    def busy(self) -> bool:
        """True while anything is left to be told."""
        with self._changed:
            return bool(self._left)

    def play(self, call: ScriptedCall) -> None:
        """Tell of the call as it goes."""
        told = list(self._disordered(call))
        with self._changed:
            self._left[call.id] = len(told)
            for due, push in told:
                self._plan(due, call, push)
            self._changed.notify()

    def _disordered(self, call: ScriptedCall) -> Iterator[tuple[datetime, Push]]:
        swapped = self._dice.random() < SWAPPED
        for due, push in pushes(call):
            late = self._dice.uniform(*LATE_BY) if self._dice.random() < LATE else 0.0
            after_end = swapped and push["event"] == "answer"
            moment = (call.end if after_end else due) + timedelta(seconds=late + (1 if after_end else 0))
            yield moment, push
            if self._dice.random() < TWICE:
                yield moment + timedelta(seconds=self._dice.uniform(*LATE_BY)), push

    def _plan(self, due: datetime, call: ScriptedCall, push: Push) -> None:
        heapq.heappush(self._agenda, (due, next(self._numbers), call, push))

    def _run(self) -> None:
        while (turn := self._next()) is not None:
            call, push = turn
            if self._taken(push):
                self._count(call)
            else:
                with self._changed:
                    self._plan(clock.now() + timedelta(seconds=AGAIN_SECONDS * clock.speed()), call, push)

    def _next(self) -> tuple[ScriptedCall, Push] | None:
        """The next push once it is due; None when the system stops."""
        with self._changed:
            while not self._over:
                until = (self._agenda[0][0] - clock.now()).total_seconds() if self._agenda else IDLE_SECONDS
                if until <= 0:
                    _, _, call, push = heapq.heappop(self._agenda)
                    return call, push
                self._changed.wait(min(IDLE_SECONDS, until / clock.speed()))
            return None

    def _taken(self, push: Push) -> bool:
        """As a form or as JSON; whether Hub has it."""
        body = {"json": push} if self._dice.random() < 0.5 else {"data": _form(push)}
        try:
            return requests.post(self._address, **body, timeout=ANSWER_SECONDS).ok
        except requests.RequestException:
            return False

    def _count(self, call: ScriptedCall) -> None:
        with self._changed:
            self._left[call.id] -= 1
            if self._left[call.id]:
                return
            del self._left[call.id]
        self._ended(call)


def _form(push: Push) -> list[tuple[str, str]]:
    """A list is a field that comes several times."""
    values = ((name, value if isinstance(value, list) else [value]) for name, value in push.items())
    return [(f"{name}[]" if len(every) > 1 else name, one) for name, every in values for one in every]
