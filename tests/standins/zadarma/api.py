"""Zadarma's API as a server on a port of its own; it lets in what is signed, and can be told to be in trouble."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.media import tone
from tests.standins.zadarma.exchange import KEY, SECRET, Exchange, wall
from tests.standins.zadarma.signing import request_signature

CALLBACK, STATISTICS, CLOCK = "/v1/request/callback/", "/v1/statistics/pbx/", "/v1/info/timezone/"
RECORD, FILES = "/v1/pbx/record/request/", "/record/"
STATUS = re.compile(r"/v1/pbx/internal/(\d{3})/status/")
WALL_CLOCK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
NEEDED: Mapping[str, Mapping[str, str]] = {
    CALLBACK: {"from": r"\d{3}|\d{7,15}", "to": r"\d{3}|\d{7,15}"},
    STATISTICS: {"start": WALL_CLOCK.pattern, "end": WALL_CLOCK.pattern, "version": "2"},
    CLOCK: {},
    RECORD: {"call_id": r"[\w.-]+"},
}
ALLOWED: Mapping[str, Mapping[str, str]] = {
    CALLBACK: {"sip": r"\d+", "predicted": ".*"},
    STATISTICS: {"skip": r"\d+", "limit": r"\d{1,3}|1000", "call_type": "in|out"},
    CLOCK: {},
    RECORD: {"lifetime": r"\d{3,7}"},
}
Reply = tuple[int, Any]


class Trouble(Enum):
    """What may be wrong with Zadarma when a call is asked for."""

    TOO_MANY = "429"
    BROKEN = "500"
    HTML = "a page of HTML with status 200"
    SILENT = "no answer at all"
    DRIPPING = "an answer that comes a byte at a time and never ends"
    CUT = "the connection is closed"


@dataclass
class Api:
    """`asked` holds every request that was let in: path and parameters; `refused` why others were not."""

    exchange: Exchange
    port: int = 0
    trouble: Trouble | None = None
    at_most: int = 1000
    """Rows of one page."""
    refuses: str = ""
    """What it says to every callback."""
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Api"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"api": self}))
        server.daemon_threads = True
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closed.set()
            server.shutdown()
            server.server_close()
            thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reply(self, path: str, query: str, proof: str) -> Reply:
        given = dict(parse_qsl(query, keep_blank_values=True))
        if problem := self._problem(path, query, given, proof):
            self.refused.append(problem)
            return (401 if problem == "Not authorized" else 400), {"status": "error", "message": problem}
        self.asked.append((path, given))
        if found := STATUS.fullmatch(path):
            return 200, _fine(number=found[1], is_online=str(found[1] in self.exchange.online).lower())
        known = {CALLBACK: self._callback, STATISTICS: self._statistics, CLOCK: self._clock, RECORD: self._record}
        return known[path](given)

    def _problem(self, path: str, query: str, given: Mapping[str, str], proof: str) -> str | None:
        if proof != f"{KEY}:{request_signature(SECRET, path, query)}" or list(given) != sorted(given):
            return "Not authorized"
        if STATUS.fullmatch(path):
            return None
        if path not in NEEDED:
            return f"there is no {path}"
        needed, allowed = NEEDED[path], {**NEEDED[path], **ALLOWED[path], "format": "json|xml"}
        wrong = [name for name, value in given.items() if not re.fullmatch(allowed.get(name, "(?!)"), value)]
        wrong += [name for name in needed if name not in given]
        return f"Wrong parameter {wrong[0]}" if wrong else None

    def _callback(self, given: Mapping[str, str]) -> Reply:
        if self.refuses:
            return 400, {"status": "error", "message": self.refuses}
        self.exchange.ordered.append((given["from"], given["to"]))
        return 200, _fine(**{"from": given["from"], "to": int(given["to"]), "time": 1435573082})

    def _statistics(self, given: Mapping[str, str]) -> Reply:
        skip, limit = int(given.get("skip", 0)), min(int(given.get("limit", 1000)), self.at_most)
        found = list(self.exchange.between(given["start"], given["end"]))
        stats = [row.shown() for row in found[skip : skip + limit]]
        return 200, _fine(start=given["start"], end=given["end"], version=2, stats=stats)

    def _record(self, given: Mapping[str, str]) -> Reply:
        return 200, _fine(link=f"{self.url}{FILES}{given['call_id']}.wav", lifetime_till=wall(self.exchange.clock()))

    def _clock(self, _given: Mapping[str, str]) -> Reply:
        now = self.exchange.clock()
        return 200, _fine(unixtime=int(now.timestamp()), datetime=wall(now), timezone="UTC+2")


def _fine(**said: Any) -> dict[str, Any]:
    return {"status": "success"} | said


class Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith(FILES):
            self._send(200, "audio/wav", tone(2))
        elif path == CALLBACK and self.api.trouble:
            self.api.asked.append((path, dict(parse_qsl(query))))
            self._fail(self.api.trouble)
        else:
            self._say(*self.api.reply(path, query, self.headers.get("Authorization", "")))

    def _fail(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.TOO_MANY:
                self._say(429, {"status": "error", "message": "You have exceeded the limit"})
            case Trouble.BROKEN:
                self._say(500, {"status": "error", "message": "Internal error"})
            case Trouble.HTML:
                self._send(200, "text/html", b"<html><body>Welcome</body></html>")
            case Trouble.SILENT:
                self.api.closed.wait(60)
            case Trouble.DRIPPING:
                self._drip()
        self.close_connection = True

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.api.closed.wait(0.2):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _say(self, status: int, said: Any) -> None:
        self._send(status, "application/json", json.dumps(said).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *said: object) -> None:
        """Nobody reads it."""
