"""Accepting a webhook (verify, store, acknowledge) against a bare view with one INSERT: same server, same database."""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import text

from bench.hook_server import CREATE, with_invented_provider
from bench.places import Installation, many
from bench.report import Reading, at_least, at_most, milliseconds, plain, quantile
from hub import bootstrap
from hub.domain import clock
from hub.settings import Settings
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.waiting import until

CLIENTS = 8
ROUNDS = 5
IN_A_ROUND = 2_000
SECRET = "correct horse battery"  # noqa: S105 - of an invented phone system
SHARE = 0.6
P99_RATIO = 3.0
PATHS = {"bare INSERT": "/bare/", "Hub's hook": "/hooks/acme"}


def run() -> Iterator[Reading]:
    with many() as place, serving(place):
        times: dict[str, list[float]] = {name: [] for name in PATHS}
        rates: dict[str, list[float]] = {name: [] for name in PATHS}
        for round_ in range(ROUNDS + 1):
            for name, path in PATHS.items():
                seconds, taken = load_with(place.port, _requests(path, f"{name}-{round_}"))
                if round_:  # the first round warms up
                    times[name] += taken
                    rates[name].append(len(taken) / seconds)
    yield from _readings(times, {name: quantile(found, 0.5) for name, found in rates.items()})


def _readings(times: Mapping[str, Sequence[float]], rates: Mapping[str, float]) -> Iterator[Reading]:
    for name, taken in times.items():
        yield plain(name, f"{rates[name]:,.0f} requests/s; {milliseconds(taken)}")
    (bare, ours), (bare_times, our_times) = rates.values(), times.values()
    yield at_least("requests/s, ours : bare", ours / bare, SHARE, "×")
    yield at_most("p99, ours : bare", quantile(our_times, 0.99) / quantile(bare_times, 0.99), P99_RATIO, "×")


@contextmanager
def serving(place: Installation) -> Iterator[None]:
    """The server with both views, and a connection of the invented phone system."""
    settings = Settings(data_dir=place.data_dir, database_url=place.database_url)
    hub = with_invented_provider(bootstrap.build(settings))
    with hub.unit_of_work() as session:
        hub.connections.add(session, "acme", "acme", {"secret": SECRET}, clock.now())
        session.execute(text(CREATE))
    hub.engine.dispose()
    place.spawn(sys.executable, "-m", "bench.hook_server", f"127.0.0.1:{place.port}")
    until(place.ready, seconds=30, what="the server of both views")
    yield


def _requests(path: str, prefix: str) -> Sequence[bytes]:
    """Deliveries that are all different, signed beforehand: only the server's work is to be measured."""
    at = datetime.now(UTC).isoformat()
    calls = (f"{prefix}-{number}" for number in range(IN_A_ROUND))
    return [request_to(path, {"event": "started", "call": call, "at": at, "to": "+380445551200"}) for call in calls]


def request_to(path: str, said: Mapping[str, str]) -> bytes:
    body = json.dumps(said).encode()
    headers = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        SIGNATURE: signature(body, SecretStr(SECRET)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def load_with(port: int, requests: Sequence[bytes]) -> tuple[float, list[float]]:
    """Send all from a few clients at once; how long it took, and how long each waited for its answer."""
    begin = threading.Barrier(CLIENTS + 1)
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [pool.submit(_client, port, requests[number::CLIENTS], begin) for number in range(CLIENTS)]
        begin.wait()
        began = time.perf_counter()
        taken = [seconds for share in shares for seconds in share.result()]
        return time.perf_counter() - began, taken


def _client(port: int, requests: Sequence[bytes], begin: threading.Barrier) -> list[float]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin.wait()
        return [_timed(line, request) for request in requests]


def _timed(line: socket.socket, request: bytes) -> float:
    began = time.perf_counter()
    line.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:  # the answers have no body
        answer += line.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the server said {answer[:200]!r}")
    return time.perf_counter() - began
