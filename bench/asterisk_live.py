"""Ten calls a second for a minute: from when the PBX speaks to when the call can be read in the database."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from bench import pbx
from bench.places import Installation, embedded, many
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub.crm.models import OutboxRow
from hub.domain.calls import CallState
from hub.storage.database import open_engine, reading
from hub.telephony.simulator import Cast, Simulator, load
from tests.waiting import until

CALLS_A_SECOND = 10
SECONDS = 60
P95_MS = 1000.0
LOOK_EVERY = 0.02
PATIENCE = 120
Change = tuple[str, str]
"""A call, by the PBX's id, and the state it is said to be in."""


def run() -> Iterator[Reading]:
    with many() as place, Simulator() as exchange:
        pbx.connect(place, exchange)
        for process in ("worker", "scheduler", "listen"):
            place.start(process)
        place.serve()
        yield from _measure("PostgreSQL, Redis, four kinds of processes", place, exchange)
    with embedded() as place, Simulator() as exchange:
        pbx.connect(place, exchange)
        place.serve()
        yield from _measure("embedded", place, exchange)


def _measure(way: str, place: Installation, exchange: Simulator) -> Iterator[Reading]:
    until(lambda: exchange.listeners, seconds=30, what="the listener")
    with watching(open_engine(place.database_url)) as watch:
        said = play(exchange, CALLS_A_SECOND, SECONDS)
        began = time.monotonic()
        while time.monotonic() - began < SECONDS + PATIENCE and not said.keys() <= watch.seen.keys():
            time.sleep(LOOK_EVERY)
    lags = [watch.seen[change] - moment for change, moment in said.items() if change in watch.seen]
    events = sum(len(load(title).steps) for title in pbx.CALLS) / len(pbx.CALLS)
    yield plain(f"{way}: calls", f"{CALLS_A_SECOND * SECONDS} of {events:.0f} events each")
    yield plain(f"{way}: lag", milliseconds(lags) if lags else "nothing came")
    yield Reading(what=f"{way}: changes seen", figure=f"{len(lags)} of {len(said)}", met=len(lags) == len(said))
    yield at_most(f"{way}: lag, p95", quantile(lags, 0.95) * 1000 if lags else float("inf"), P95_MS, "ms")


def play(exchange: Simulator, calls_a_second: float, seconds: float) -> Mapping[Change, float]:
    """Plan that many calls; when (monotonic) the PBX says what changes them.

    By plan, not by deed: a PBX that Hub slows down is Hub's fault.
    """
    said = {}
    for number in range(int(calls_a_second * seconds)):
        title = pbx.CALLS[number % len(pbx.CALLS)]
        delay = 1 + number / calls_a_second
        take = exchange.play(title, delay=delay, cast=Cast(clients=pbx.clients(number)))
        began = time.monotonic() + delay
        call = take.renamed[pbx.call_id(load(title))]
        said.update({(call, state.value): began + after for state, after in pbx.changes(title).items()})
    return said


@dataclass(slots=True)
class Watch:
    """What is in the outbox, and since when (monotonic) anybody can read it there."""

    engine: Engine
    seen: dict[Change, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    last: int = 0

    def run(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            self._look()

    def _look(self) -> None:
        news = select(OutboxRow.id, OutboxRow.body).where(OutboxRow.id > self.last, OutboxRow.type.startswith("call."))
        with reading(self.engine) as session:
            rows = session.execute(news.order_by(OutboxRow.id)).all()
        now = time.monotonic()
        for row in rows:
            self.last = row.id
            for state in reached(row.body.get("state")):
                self.seen.setdefault((row.body.get("provider_call_id"), state), now)


def reached(state: str | None) -> list[str]:
    """A call that talks has rung, one that has ended has done all."""
    order = [one.value for one in (CallState.RINGING, CallState.TALKING, CallState.ENDED)]
    return order[: order.index(state) + 1] if state in order else []


@contextmanager
def watching(engine: Engine) -> Iterator[Watch]:
    watch = Watch(engine)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()
        engine.dispose()
