"""More events than can be taken: 200 a second are all taken; at four times the capacity the accepted ones stay fast.

Open loop: each request has its moment and is sent then, whether the earlier ones were answered or not.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import make_url

from bench.accept_webhook import load_with, request_to, serving
from bench.places import Installation, many
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub.inbox.models import DeliveryRow

HOOK = "/hooks/acme"
STEADY_RATE, STEADY_SECONDS = 200, 20
TIMES, OVERLOAD_SECONDS = 4, 10
P99_SECONDS = 0.5
MEASURED = 4_000
"""Requests from a few clients, one after the other, that tell the capacity; the first half warms up."""
CLIENTS = 200
PATIENCE_SECONDS = 30
IDLE_SECONDS = 2.0
"""A connection idle for longer is not used again: the server closes those."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` from sending to the whole answer, `lag` how late the sender was; `status` 0: no answer came."""

    status: int
    retry_after: bool
    lag: float
    seconds: float


def run() -> Iterator[Reading]:
    with many() as place, serving(place):
        capacity = _capacity(place)
        yield plain("capacity", f"{capacity:,.0f} events/s")
        steady = _open_loop(place, "steady", STEADY_RATE, STEADY_SECONDS)
        yield from _steady(steady)
        overload = _open_loop(place, "overload", round(capacity * TIMES), OVERLOAD_SECONDS)
        yield from _overload(overload)
        accepted = MEASURED + sum(answer.status == 200 for answer in (*steady, *overload))
        yield at_most("accepted and lost", accepted - _stored(place), 0, "events")


def _capacity(place: Installation) -> float:
    rates = []
    for part in ("warm", "measured"):
        requests = [_request(f"{part}-{number}") for number in range(MEASURED // 2)]
        seconds, taken = load_with(place.port, requests)
        rates.append(len(taken) / seconds)
    return rates[-1]


def _steady(answers: Sequence[Answer]) -> Iterator[Reading]:
    accepted = [answer.seconds for answer in answers if answer.status == 200]
    yield plain(f"{STEADY_RATE} events/s for {STEADY_SECONDS} s", milliseconds(accepted))
    yield at_most("refused of them", len(answers) - len(accepted), 0, "events")


def _overload(answers: Sequence[Answer]) -> Iterator[Reading]:
    accepted = [answer.seconds for answer in answers if answer.status == 200]
    shed = [answer.seconds for answer in answers if answer.status == 503 and answer.retry_after]
    took = OVERLOAD_SECONDS + max(answer.lag for answer in answers)
    wanted = f"{TIMES} × capacity: {len(answers) / OVERLOAD_SECONDS:,.0f} events/s wanted"
    yield plain(wanted, f"{len(answers) / took:,.0f} events/s sent: {len(accepted)} accepted, {len(shed)} shed")
    yield plain("accepted", milliseconds(accepted))
    yield plain("shed", milliseconds(shed) if shed else "none")
    yield at_most("accepted, p99", quantile(accepted, 0.99), P99_SECONDS, "s")
    yield at_most("neither accepted nor 503", len(answers) - len(accepted) - len(shed), 0, "events")
    yield plain("accepted a second", f"{len(accepted) / took:,.0f} events")


def _request(call: str) -> bytes:
    return request_to(
        HOOK, {"event": "started", "call": call, "at": datetime.now(UTC).isoformat(), "to": "+380445551200"}
    )


def _open_loop(place: Installation, prefix: str, rate: int, seconds: int) -> list[Answer]:
    """`rate` requests a second on connections that stay open, as a provider's pool of them does."""
    requests = [_request(f"{prefix}-{number}") for number in range(rate * seconds)]
    return asyncio.run(_send_all(place.port, requests, rate))


async def _send_all(port: int, requests: Sequence[bytes], rate: int) -> list[Answer]:
    lines = Lines(port)
    began, sent = time.perf_counter(), []
    for number, request in enumerate(requests):
        due = began + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        sent.append(asyncio.create_task(lines.ask(request, due)))
    answers = await asyncio.gather(*sent)
    lines.close()
    return answers


class Lines:
    """Connections to the server: one that is free is used again, a new one is opened when none is."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._allowed = asyncio.Semaphore(CLIENTS)

    async def ask(self, request: bytes, due: float) -> Answer:
        async with self._allowed:
            sent = time.perf_counter()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    status, retry_after = await self._ask(request)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                status, retry_after = 0, False
            return Answer(status, retry_after, sent - due, time.perf_counter() - sent)

    async def _ask(self, request: bytes) -> tuple[int, bool]:
        reader, writer = await self._line()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if length := int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]):
            await reader.readexactly(length)
        if b"connection: close" in head:
            writer.close()
        else:
            self._free.append((time.monotonic(), reader, writer))
        return int(head.split()[1]), b"\r\nretry-after: 1\r\n" in head

    async def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            since, reader, writer = self._free.pop()
            if time.monotonic() - since < IDLE_SECONDS:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        for _, _, writer in self._free:
            writer.close()


def _stored(place: Installation) -> int:
    engine = create_engine(make_url(place.database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        stored = connection.scalar(select(func.count()).select_from(DeliveryRow))
    engine.dispose()
    return stored or 0
