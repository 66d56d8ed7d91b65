"""The REST API as a server on a port of its own; it can be told to be in trouble."""

import json
import re
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.media import tone
from tests.standins.twilio import rules
from tests.standins.twilio.exchange import ACCOUNT, OVER, Exchange, Leg

BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
FORM = "application/x-www-form-urlencoded"


class Trouble(Enum):
    """What may be wrong with Twilio when a call is asked for."""

    TOO_MANY = "429"
    BROKEN = "500"
    BROKEN_AFTERWARDS = "500, but the call was made"
    HTML = "a page of HTML with status 200"
    SILENT = "no answer at all"
    SILENT_AFTERWARDS = "no answer, but the call was made"
    DRIPPING = "an answer that comes a byte at a time and never ends"
    CUT = "the connection is closed"


Reply = tuple[int, Any]


@dataclass
class Api:
    """`asked` holds every request that was let in: method, path, parameters."""

    exchange: Exchange
    token: str
    port: int = 0
    trouble: Trouble | None = None
    list_is_broken: bool = False
    asked: list[tuple[str, str, Mapping[str, list[str]]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    when_placed: Callable[[Leg], None] = lambda _leg: None
    """Done before the one who asked for a call hears that there is one."""
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

    @property
    def placed(self) -> list[Leg]:
        return [leg for leg in self.exchange.legs.values() if leg.direction == "outbound-api"]

    def reply(self, method: str, path: str, given: Mapping[str, list[str]]) -> Reply:
        self.asked.append((method, path, given))
        match method, path.removeprefix(BASE):
            case "GET", ".json":
                return 200, {"sid": ACCOUNT, "friendly_name": "Example Ltd", "status": "active", "type": "Full"}
            case "POST", "/Calls.json":
                return self._create(given)
            case "GET", "/Calls.json":
                return self._list(given)
            case "POST", call if found := re.fullmatch(r"/Calls/(CA[0-9a-f]{32})\.json", call):
                return self._update(found[1], given)
            case "GET", media if found := re.fullmatch(r"/Recordings/(RE[0-9a-f]{32})\.wav", media):
                return self._media(found[1], given)
        return self._refuse(404, 20404, f"The requested resource {path} was not found")

    def _create(self, given: Mapping[str, list[str]]) -> Reply:
        if problem := rules.create_problem(given):
            return self._refuse(400, 21201, problem)
        leg = self.exchange.place(
            given["To"][0],
            given["From"][0],
            url=given["Url"][0],
            callback=given.get("StatusCallback", [""])[0],
            events=frozenset(given.get("StatusCallbackEvent", ["completed"])),
            timeout=int(given.get("Timeout", ["60"])[0]),
        )
        self.when_placed(leg)
        return 201, _resource(leg)

    def _update(self, sid: str, given: Mapping[str, list[str]]) -> Reply:
        leg = self.exchange.legs.get(sid)
        if problem := rules.problem(given, rules.UPDATE):
            return self._refuse(400, 20001, problem)
        if leg is None:
            return self._refuse(404, 20404, f"Call {sid} was not found")
        if leg.status in OVER:
            return self._refuse(400, 21220, "Call is not in-progress. Cannot redirect.")
        self.exchange._end(leg, "completed" if leg.answered else "canceled")
        return 200, _resource(leg)

    def _list(self, given: Mapping[str, list[str]]) -> Reply:
        if self.list_is_broken:
            return 503, {"code": 20503, "message": "Service Unavailable", "status": 503}
        if problem := rules.problem(given, rules.LIST):
            return self._refuse(400, 20001, problem)
        found = [leg for leg in reversed(self.exchange.legs.values()) if _fits(leg, given)]
        size, page = int(given.get("PageSize", ["50"])[0]), int(given.get("Page", ["0"])[0])
        more = len(found) > (page + 1) * size
        plain = {name: values[0] for name, values in given.items()} | {
            "Page": str(page + 1),
            "PageToken": f"PA{page + 1}",
        }
        following = f"{BASE}/Calls.json?{urlencode(plain)}" if more else None
        shown = [_resource(leg) for leg in found[page * size : (page + 1) * size]]
        return 200, {"calls": shown, "page": page, "page_size": size, "next_page_uri": following, "uri": "…"}

    def _media(self, sid: str, given: Mapping[str, list[str]]) -> Reply:
        if sid not in self.exchange.recordings:
            return self._refuse(404, 20404, f"Recording {sid} was not found")
        seconds, channels = self.exchange.recordings[sid]
        wanted = int(given.get("RequestedChannels", ["1"])[0])
        if wanted > channels:  # as Twilio does (16113): whoever asks so asks again for one
            return 400, {"code": 16113, "message": "Requested channels not available", "status": 400}
        return 200, tone(seconds, channels=wanted)

    def _refuse(self, status: int, code: int, why: str) -> Reply:
        self.refused.append(why)
        return status, {"code": code, "message": why, "more_info": f"https://example.com/{code}", "status": status}


def _fits(leg: Leg, given: Mapping[str, list[str]]) -> bool:
    wanted = {"To": leg.to, "From": leg.from_, "ParentCallSid": leg.parent, "Status": leg.status}
    same = all(given[name][0] == value for name, value in wanted.items() if name in given)
    after, before = (given.get(name, [""])[0] for name in ("StartTime>", "StartTime<"))
    if after or before:
        same = same and leg.started is not None
    if after and leg.started:
        same = same and leg.started >= datetime.fromisoformat(after)
    if before and leg.started:
        same = same and leg.started <= datetime.fromisoformat(before) + timedelta(seconds=1)
    return same


def _resource(leg: Leg) -> dict[str, Any]:
    """The Call resource; a leg nobody rang yet has no start."""
    return {
        "sid": leg.sid,
        "account_sid": ACCOUNT,
        "parent_call_sid": leg.parent,
        "from": leg.from_,
        "to": leg.to,
        "status": "queued" if leg.status == "initiated" else leg.status,
        "direction": leg.direction,
        "date_created": format_datetime(leg.created),
        "start_time": format_datetime(leg.started) if leg.started else None,
        "end_time": format_datetime(leg.ended) if leg.ended else None,
        "duration": str(leg.seconds) if leg.ended else None,
        "caller_name": None,
        "api_version": "2010-04-01",
        "uri": f"{BASE}/Calls/{leg.sid}.json",
    }


class Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        self._serve("GET", place.path, parse_qs(place.query, keep_blank_values=True))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = self.headers.get("Content-Type", "").startswith(FORM)
        place = urlsplit(self.path)
        if not form or place.query:
            self._say(415, {"code": 20415, "message": "expected a form"})
            return
        self._serve("POST", place.path, parse_qs(body, keep_blank_values=True))

    def _serve(self, method: str, path: str, given: Mapping[str, list[str]]) -> None:
        if not self._let_in():
            self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
        elif method == "POST" and path == f"{BASE}/Calls.json" and self.api.trouble:
            self._fail(self.api.trouble, method, path, given)
        else:
            self._say(*self.api.reply(method, path, given))

    def _let_in(self) -> bool:
        scheme, _, said = self.headers.get("Authorization", "").partition(" ")
        return scheme == "Basic" and b64decode(said).decode() == f"{ACCOUNT}:{self.api.token}"

    def _fail(self, trouble: Trouble, method: str, path: str, given: Mapping[str, list[str]]) -> None:
        if trouble in (Trouble.BROKEN_AFTERWARDS, Trouble.SILENT_AFTERWARDS):
            self.api.reply(method, path, given)
        else:
            self.api.asked.append((method, path, given))
        match trouble:
            case Trouble.TOO_MANY:
                self._say(429, {"code": 20429, "message": "Too Many Requests", "status": 429})
            case Trouble.BROKEN | Trouble.BROKEN_AFTERWARDS:
                self._say(500, {"code": 20500, "message": "Internal Server Error", "status": 500})
            case Trouble.HTML:
                self._send(200, "text/html", b"<html><body>Welcome</body></html>")
            case Trouble.SILENT | Trouble.SILENT_AFTERWARDS:
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
        if isinstance(said, bytes):
            self._send(status, "audio/x-wav", said)
        else:
            self._send(status, "application/json", json.dumps(said).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *said: object) -> None:
        """Nobody reads it."""
