"""The days of a company on its simulated phone systems, as they go by, with a diary and call detail records."""

import csv
import heapq
import io
import threading
from collections.abc import Iterable
from pathlib import Path

from hub.domain import clock
from hub.telephony.simulator import truth
from hub.telephony.simulator.captures import Take, titles
from hub.telephony.simulator.pusher import Pusher
from hub.telephony.simulator.script import Planned
from hub.telephony.simulator.scripted import ScriptedCall
from hub.telephony.simulator.server import Simulator

LOOK_SECONDS = 0.1
"""How soon the first listener is noticed."""


class Days:
    """Plays what was planned when it is due, whether anybody listens or not; that of before `run` at once."""

    def __init__(
        self, pbx: Simulator, pusher: Pusher, calls: Iterable[Planned], pushed: Iterable[ScriptedCall]
    ) -> None:
        self._pbx = pbx
        self._pusher = pusher
        self._calls: Iterable[Planned | ScriptedCall] = heapq.merge(calls, pushed, key=lambda call: call.at)

    def run(self, stop: threading.Event) -> None:
        """From the first listener on, until `stop`."""
        while not self._pbx.listeners and not stop.wait(LOOK_SECONDS):
            pass
        for call in self._calls:
            if not _due(call, stop):
                return
            self._play(call)

    def _play(self, call: Planned | ScriptedCall) -> None:
        if isinstance(call, ScriptedCall):
            self._pusher.play(call)
        else:
            self._pbx.play(call.title, speed=clock.speed(), cast=call.cast, stretch=call.stretch)


def _due(call: Planned | ScriptedCall, stop: threading.Event) -> bool:
    """Wait for the moment of the call; False when it is over before."""
    while not stop.is_set() and (left := (call.at - clock.now()).total_seconds()) > 0:
        stop.wait(left / clock.speed())
    return not stop.is_set()


class RecordsFile:
    """Call detail records as CSV, as a PBX keeps them: those of a call once it ended. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.write_text(_header(truth.records(titles()[0])), encoding="utf-8")

    def add(self, take: Take) -> None:
        rows = take.records(truth.records(take.capture.title))
        with self._path.open("a", encoding="utf-8", newline="") as file:
            file.write(rows.removeprefix(_header(rows)))


def _header(rows: str) -> str:
    line = next(csv.reader(io.StringIO(rows)))
    return ",".join(line) + "\n"
