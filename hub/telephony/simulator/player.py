"""Plays many takes at once: one thread, one agenda ordered by when each next step is due."""

import heapq
import itertools
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.telephony.simulator.captures import Step, Take

IDLE_SECONDS = 1.0
ENDS = frozenset({"BridgeLeave", "Hangup"})


@dataclass(order=True, slots=True)
class _Due:
    moment: float
    number: int
    take: Take = field(compare=False)
    began: float = field(compare=False)
    speed: float = field(compare=False)
    step: int = field(compare=False, default=0)


class Player:
    """`perform(take, step)` is called for each step at its time, in this object's own thread."""

    def __init__(self, perform: Callable[[Take, Step], None]) -> None:
        self._perform = perform
        self._agenda: list[_Due] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._performing = False
        self._over = False
        self._thread = threading.Thread(target=self._run, name="simulated-calls", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()

    def add(self, take: Take, speed: float, delay: float = 0.0) -> None:
        """Begin `take` in `delay` seconds; `speed` 10 plays a minute in six seconds."""
        began = time.monotonic() + delay
        with self._changed:
            heapq.heappush(self._agenda, _Due(began, next(self._numbers), take, began, speed))
            self._changed.notify()

    def forget(self) -> None:
        """Every call in progress ends unsaid, as when a PBX is switched off."""
        with self._changed:
            self._agenda.clear()

    def cut_short(self, uniqueid: str) -> list[tuple[Take, Step]]:
        """Take the call with that channel off the agenda; its channels that are up still end."""
        with self._changed:
            hit = [due for due in self._agenda if uniqueid in due.take.renamed.values()]
            self._agenda = [due for due in self._agenda if due not in hit]
            heapq.heapify(self._agenda)
        return [(due.take, step) for due in hit for step in _ends(due)]

    @property
    def busy(self) -> bool:
        """True while any call has steps left to be played."""
        with self._changed:
            return bool(self._agenda) or self._performing

    def _run(self) -> None:
        while (turn := self._next()) is not None:
            self._perform(*turn)
            with self._changed:
                self._performing = False

    def _next(self) -> tuple[Take, Step] | None:
        """The next step once it is due, with its successor planned; None when the player stops."""
        with self._changed:
            while not self._over:
                wait = self._agenda[0].moment - time.monotonic() if self._agenda else IDLE_SECONDS
                if wait <= 0:
                    self._performing = True
                    return self._turn(heapq.heappop(self._agenda))
                self._changed.wait(wait)
            return None

    def _turn(self, due: _Due) -> tuple[Take, Step]:
        steps = due.take.capture.steps
        step = steps[due.step]
        if due.step + 1 < len(steps):
            due.step += 1
            due.moment = due.began + due.take.after(steps[due.step]) / due.speed
            heapq.heappush(self._agenda, due)
        return due.take, step


def _ends(due: _Due) -> list[Step]:
    """The steps of a call not yet played that end channels which have begun."""
    played, rest = due.take.capture.steps[: due.step], due.take.capture.steps[due.step :]
    begun = {_uniqueid(due.take.text(step)) for step in played if step.kind == "Newchannel"}
    ends = [step for step in rest if step.kind in ENDS]
    return [step for step in ends if _uniqueid(due.take.text(step)) in begun]


def _uniqueid(text: str) -> str:
    found = re.search(r"^Uniqueid: (\S+)\r?$", text, re.MULTILINE)
    return found.group(1) if found else ""
