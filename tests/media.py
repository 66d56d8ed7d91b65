"""A web server with recordings, on a real socket: it answers what it was told to, one after the other, and counts."""

import math
import ssl
import struct
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any


def tone(seconds: float = 1.0, *, rate: int = 8000, channels: int = 1, hertz: float = 440.0) -> bytes:
    """A WAV file with a tone in it."""
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        steps = (round(8000 * math.sin(2 * math.pi * hertz * step / rate)) for step in range(round(seconds * rate)))
        written.writeframes(b"".join(struct.pack("<h", value) * channels for value in steps))
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `sent`: only so many bytes of the body before the line is cut."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: dict[str, str]


class Media:
    """What it says next: `answers` in their order, the last of them for ever after."""

    def __init__(self, address: str = "127.0.0.1", answers: list[Said] | None = None) -> None:
        self.answers = answers or [Said(404)]
        self.asked: list[Asked] = []
        media = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                media.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
                media._answer(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library names it
                """Nothing on the test's screen."""

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://{address}:{self.port}"

    @classmethod
    @contextmanager
    def running(cls, address: str = "127.0.0.1", answers: list[Said] | None = None) -> Iterator["Media"]:
        media = cls(address, answers)
        thread = threading.Thread(target=media._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield media
        finally:
            media._server.shutdown()
            media._server.server_close()
            thread.join()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """From now on it speaks TLS."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        handler.send_response(said.status)
        headers = {"Content-Length": str(len(said.body)), "Connection": "close"} | said.headers
        for name, value in headers.items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said.body if said.sent is None else said.body[: said.sent])
        handler.close_connection = True
