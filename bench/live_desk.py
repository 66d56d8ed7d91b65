"""From the PBX's word to a card on an open live board, at fifty call events a second."""

import http.client
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from bench import pbx
from bench.asterisk_live import Change, play, reached
from bench.places import Installation, embedded, many
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub.crm.models import OutboxRow
from hub.storage.database import open_engine, reading
from hub.telephony.simulator import Simulator
from tests.waiting import until

EVENTS_A_SECOND = 50
SECONDS = 30
LONGEST_CALL = 20
P95_MS = 250.0


def run() -> Iterator[Reading]:
    with many() as place, Simulator() as exchange:
        pbx.connect(place, exchange)
        for process in ("worker", "scheduler", "listen"):
            place.start(process)
        yield from _measure("PostgreSQL, Redis, four kinds of processes", place, exchange)
    with embedded() as place, Simulator() as exchange:
        pbx.connect(place, exchange)
        yield from _measure("embedded", place, exchange)


def _measure(way: str, place: Installation, exchange: Simulator) -> Iterator[Reading]:
    place.serve()
    token = place.run("token", "create", "--role", "reception", "--name", "bench").strip()
    until(lambda: exchange.listeners, seconds=30, what="the listener")
    with desk(place.port, token) as board:
        said = play(exchange, EVENTS_A_SECOND / pbx.events_a_call(), SECONDS)
        end = time.monotonic() + SECONDS + LONGEST_CALL
        while time.monotonic() < end:
            time.sleep(0.5)
    shown = _shown(place, board)
    lags = [shown[change] - moment for change, moment in said.items() if change in shown]
    yield plain(f"{way}: lag", milliseconds(lags) if lags else "nothing came")
    yield Reading(what=f"{way}: changes shown", figure=f"{len(lags)} of {len(said)}", met=len(lags) == len(said))
    yield at_most(f"{way}: lag, p95", quantile(lags, 0.95) * 1000 if lags else float("inf"), P95_MS, "ms")


@dataclass(slots=True)
class Board:
    """When (monotonic) the desk had been told everything up to which outbox id."""

    told: list[tuple[float, int]] = field(default_factory=list)
    over: bool = False

    def when(self, version: int) -> float | None:
        return next((moment for moment, reached in self.told if reached >= version), None)


@contextmanager
def desk(port: int, token: str) -> Iterator[Board]:
    """An open live board, as a browser holds it."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/live/events", headers={"Authorization": f"Bearer {token}"})
    answer = line.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"no live board: {answer.status} {answer.read()[:200]!r}")
    board = Board()
    reader = threading.Thread(target=_read, args=(answer, board))
    reader.start()
    try:
        yield board
    finally:
        board.over = True  # the next heartbeat or change ends the reader
        reader.join()
        line.close()


def _read(answer: http.client.HTTPResponse, board: Board) -> None:
    while not board.over and (line := answer.readline()):
        if line.startswith(b"id: "):
            board.told.append((time.monotonic(), int(line[4:])))


def _shown(place: Installation, board: Board) -> Mapping[Change, float]:
    """When each change of a call was on the board: the outbox says which id it had."""
    engine = open_engine(place.database_url)
    calls = select(OutboxRow.id, OutboxRow.body).where(OutboxRow.type.startswith("call.")).order_by(OutboxRow.id)
    with reading(engine) as session:
        rows = session.execute(calls).all()
    engine.dispose()
    shown: dict[Change, float] = {}
    for row in rows:
        for state in reached(row.body.get("state")):
            if (moment := board.when(row.id)) is not None:
                shown.setdefault((row.body.get("provider_call_id"), state), moment)
    return shown
