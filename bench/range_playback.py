"""Playing 256 KB of a recording from anywhere in it, against a bare `send_file` in the same server on the same file.

Straight from Hub, and through nginx: there Hub decides and writes, and nginx sends (X-Accel-Redirect), while the bare
view's bytes pass through it.
"""

import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from bench.places import Installation, many
from bench.report import Reading, at_least, milliseconds, plain, quantile
from hub import bootstrap
from hub.domain import clock
from hub.domain.access import Role
from hub.keeping import tables
from hub.people import tokens
from hub.people.tokens import NewToken
from hub.recordings.models import RecordingRow
from hub.settings import Settings
from tests.proxy import ShippedProxy
from tests.servers import free_port
from tests.waiting import until

CLIENTS = 4
ROUNDS = 3
IN_A_ROUND = 200
SIZE = 32 << 20
PART = 256 << 10
SHARE = 0.8
STORED = "/stored/"


def run() -> Iterator[Reading]:
    with many() as place, serving(place) as (recording, digest, secret):
        ours = f"/api/v1/recordings/{recording}/audio?session=bench"
        paths = {"bare send_file": (f"/bare/{digest[:2]}/{digest[2:]}", ""), "Hub": (ours, secret)}
        yield from _readings(measure(place.port, paths), "straight")
    with many() as place, serving(place, STORED) as (recording, digest, secret):
        ours = f"/api/v1/recordings/{recording}/audio?session=bench"
        paths = {"bare send_file": (f"/bare/{digest[:2]}/{digest[2:]}", ""), "Hub": (ours, secret)}
        with ShippedProxy.before(place.port, files=place.data_dir / "blobs") as proxy:
            yield from _readings(measure(proxy.port, paths), "through nginx")


Taken = Mapping[str, tuple[float, Sequence[float]]]


def measure(port: int, paths: Mapping[str, tuple[str, str]]) -> Taken:
    """By name: requests a second, the median of the rounds, and how long each took."""
    rates: dict[str, list[float]] = {name: [] for name in paths}
    times: dict[str, list[float]] = {name: [] for name in paths}
    for round_ in range(ROUNDS + 1):
        for name, (path, secret) in paths.items():
            seconds, taken = _load(port, [_request(path, secret) for _ in range(IN_A_ROUND)])
            if round_:  # the first round warms up
                rates[name].append(len(taken) / seconds)
                times[name] += taken
    return {name: (quantile(rates[name], 0.5), times[name]) for name in paths}


def _readings(taken: Taken, how: str) -> Iterator[Reading]:
    for name, (rate, times) in taken.items():
        yield plain(f"{name}, {how}", f"{rate:,.0f} ranges/s; {milliseconds(times)}")
    (bare, _), (ours, _) = taken.values()
    yield at_least(f"ranges/s {how}, ours : bare", ours / bare, SHARE, "×")


@contextmanager
def serving(place: Installation, files: str = "") -> Iterator[tuple[UUID, str, str]]:
    """The server with both views; the recording, its file's digest, and a token that may hear it."""
    tables.load()
    settings = Settings(data_dir=place.data_dir, database_url=place.database_url)
    hub = bootstrap.build(settings)
    with tempfile.NamedTemporaryFile() as file:
        file.write(random.randbytes(SIZE))
        file.flush()
        blob = hub.blobs.put(Path(file.name))
    with hub.unit_of_work() as session:
        row = RecordingRow(
            id=uuid4(),
            reference="bench",
            source="upload",
            state="stored",
            seconds=3600.0,
            channels=2,
            media_type="audio/mpeg",
            size=blob.size,
            sha256=blob.sha256,
            rendition_sha256=blob.sha256,
            rendition_size=blob.size,
            created_at=clock.now(),
        )
        session.add(row)
        new = NewToken(name="bench", roles=frozenset({Role.ADMINISTRATOR}))
        secret, recording = tokens.create(session, new, clock.now())[1], row.id
    hub.engine.dispose()
    place.variables = {**place.variables, "HUB_PROXY_FILES": files}
    place.port = free_port()
    place.spawn(sys.executable, "-m", "bench.sound_server", f"127.0.0.1:{place.port}")
    until(place.ready, seconds=30, what="the server of both views")
    yield recording, blob.sha256, secret


def _request(path: str, secret: str) -> bytes:
    start = random.randrange(SIZE - PART)
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Range: bytes={start}-{start + PART - 1}",
        *([f"Authorization: Bearer {secret}"] if secret else []),
    ]
    return "\r\n".join((*lines, "", "")).encode()


def _load(port: int, requests: Sequence[bytes]) -> tuple[float, list[float]]:
    begin = threading.Barrier(CLIENTS + 1)
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [pool.submit(_client, port, requests[number::CLIENTS], begin) for number in range(CLIENTS)]
        begin.wait()
        began = time.perf_counter()
        taken = [seconds for share in shares for seconds in share.result()]
        return time.perf_counter() - began, taken


def _client(port: int, requests: Sequence[bytes], begin: threading.Barrier) -> list[float]:
    begin.wait()
    line, buffer, taken = _line(port), bytearray(1 << 20), []
    for request in requests:
        began = time.perf_counter()
        if not _played(
            line, request, buffer
        ):  # the server ends a line after so many requests; that is part of the time
            line.close()
            line = _line(port)
            if not _played(line, request, buffer):
                raise RuntimeError("the server closed a fresh line")
        taken.append(time.perf_counter() - began)
    line.close()
    return taken


def _line(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _played(line: socket.socket, request: bytes, buffer: bytearray) -> bool:
    """Whether the whole range came; False when the line was closed before anything did."""
    try:
        line.sendall(request)
        got = line.recv_into(buffer)
    except (BrokenPipeError, ConnectionResetError):
        return False
    if got == 0:
        return False
    head = bytes(buffer[:got])
    while b"\r\n\r\n" not in head:
        head += line.recv(4096)
    if not head.startswith(b"HTTP/1.1 206"):
        raise RuntimeError(f"the server said {head[:200]!r}")
    left = PART - len(head.partition(b"\r\n\r\n")[2])
    while left > 0:
        left -= line.recv_into(buffer, min(left, len(buffer)))
    return True
