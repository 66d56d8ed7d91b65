"""The desk that pushes: the same days for the same seed, and every push arrives."""

import json
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from hub.domain import clock
from hub.telephony.simulator.captures import ZONE
from hub.telephony.simulator.desk import DeskScript
from hub.telephony.simulator.pushed import pushes
from hub.telephony.simulator.pusher import Pusher
from hub.telephony.simulator.scripted import ScriptedCall
from tests.waiting import until

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
CLIENTS = [f"+38067123450{digit}" for digit in range(10)]


def calls(count: int, since: datetime = MONDAY) -> list[ScriptedCall]:
    return list(islice(DeskScript(7, since, CLIENTS, "+380445551210", 1000.0).calls(), count))


def test_the_same_seed_is_the_same_day() -> None:
    assert calls(50) == calls(50)
    kinds = {(call.outbound, call.talks > 0, call.ending, call.queue) for call in calls(200)}
    assert len(kinds) == 8


@pytest.fixture
def hub() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A place to push to that refuses every third push."""
    taken: list[dict[str, str]] = []
    count = 0

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal count
            count += 1
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if count % 3:
                taken.append(json.loads(body) if body.startswith("{") else dict(parse_qsl(body)))
            self.send_response(200 if count % 3 else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests read no log of it."""

    with HTTPServer(("127.0.0.1", 0), Takes) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hooks/desk/secret", taken
        server.shutdown()


@pytest.fixture
def quick() -> Iterator[None]:
    clock.run_at(600, MONDAY)
    yield
    clock.run_at(1)


@pytest.mark.usefixtures("quick")
def test_every_push_arrives_though_some_are_refused_and_some_come_twice_and_late(
    hub: tuple[str, list[dict[str, str]]],
) -> None:
    address, taken = hub
    ended: list[ScriptedCall] = []
    played = calls(30)
    with Pusher(address, seed=3, ended=ended.append) as pusher:
        for call in played:
            pusher.play(call)
        until(lambda: not pusher.busy, seconds=30, what="the end of all pushes")
    assert {call.id for call in ended} == {call.id for call in played}
    told = [(push["callId"], push["event"]) for push in taken]
    assert set(told) == {(call.id, str(push["event"])) for call in played for _, push in pushes(call)}
    assert len(told) > len(set(told))
    assert any(told.index((name, "hangup")) < told.index((name, "answer")) for name, event in told if event == "answer")
