"""Hub's end of a listener, kept in memory so that a test can look at it, and take it away for a while."""

import csv
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.connectors import Intake, Lease, OpenCall
from hub.telephony.ami import Endpoint
from hub.telephony.ami.line import Manager
from hub.telephony.listener import Listener, Timing
from hub.telephony.listener.ports import Keeps, ReadRecords
from hub.telephony.simulator import Simulator

QUICK = Timing(
    standby=0.05,
    renew=0.05,
    answer=5,
    listing=5,
    ping_after=0.5,
    dead_after=1.0,
    first_retry=0.05,
    last_retry=0.2,
    refused_retry=60,
    linger=0.02,
    store_retry=0.05,
    records_after=(0.0,),
    tick=0.02,
)
"""The waits of a listener, made short enough for tests."""


class Gone(Exception):
    """The database is away."""


@dataclass
class Desk(Intake):
    """What was stored, in order; `away` makes every call fail, `forgetful` commits and then fails, once."""

    bodies: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    reports: list[tuple[str, str]] = field(default_factory=list)
    calls: list[OpenCall] = field(default_factory=list)
    until: datetime | None = None
    away: bool = False
    forgetful: bool = False
    full: bool = False
    """The database answers, but stores nothing."""
    refused: int = 0
    """How many times something could not be stored."""

    def store(self, body: bytes, key: str, content_type: str) -> None:
        self._reach()
        if self.full:
            raise Gone("disk full")
        self.bodies.setdefault(key, (body, content_type))
        if self.forgetful:
            self.forgetful = False
            raise Gone("committed, but the answer was lost")

    def open_calls(self) -> Sequence[OpenCall]:
        self._reach()
        return list(self.calls)

    def heard_until(self) -> datetime | None:
        self._reach()
        return self.until

    def report(self, state: str, detail: str) -> None:
        self._reach()
        self.reports.append((state, detail))

    def _reach(self) -> None:
        if self.away:
            self.refused += 1
            raise Gone("no database")

    @property
    def batches(self) -> list[list[Mapping[str, Any]]]:
        """Every stored delivery of events, as its lines."""
        stored = list(self.bodies.values())
        return [[json.loads(line) for line in body.splitlines()] for body, kind in stored if "json" in kind]

    @property
    def lines(self) -> list[Mapping[str, Any]]:
        return [line for batch in self.batches for line in batch]

    def events(self, kind: str | None = None) -> list[Mapping[str, Any]]:
        """Stored events in order, of one kind or all."""
        return [line["event"] for line in self.lines if kind in {None, line["event"]["Event"]}]

    @property
    def records(self) -> list[dict[str, str]]:
        """Every stored call detail record."""
        stored = [body.decode() for body, kind in self.bodies.values() if kind == "text/csv"]
        return [row for body in stored for row in csv.DictReader(body.splitlines())]

    @property
    def state(self) -> str:
        return self.reports[-1][0] if self.reports else ""


class Free(Lease):
    """A lease nobody else wants."""

    def take(self) -> bool:
        return True

    def renew(self) -> bool:
        return True

    def release(self) -> None:
        pass


def everything(_event: Mapping[str, Any]) -> bool:
    return True


@contextmanager
def listening(
    pbx: Simulator,
    desk: Intake,
    lease: Lease | None = None,
    *,
    keeps: Keeps = everything,
    records: ReadRecords | None = None,
    timing: Timing = QUICK,
    secret: str | None = None,
) -> Iterator[None]:
    """A listener at work; on leaving it is told to stop and must."""
    endpoint = Endpoint(host=pbx.host, port=pbx.port, username=pbx.username, secret=secret or pbx.secret)
    listener = Listener(Manager(endpoint, keeps), lease or Free(), desk, records, timing)
    stop = threading.Event()
    thread = threading.Thread(target=listener.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive(), "the listener did not stop"
