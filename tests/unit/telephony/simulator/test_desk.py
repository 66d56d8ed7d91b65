"""The desk that pushes: what it tells, in whatever order it arrives, is what it meant."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from hub.domain import clock
from hub.domain.delivery import Delivery, Fact
from hub.telephony.calls import fold
from hub.telephony.providers.generic import GenericConnector, GenericSettings
from hub.telephony.simulator import diary, pushed
from hub.telephony.simulator.captures import ZONE
from hub.telephony.simulator.desk import DeskScript
from hub.telephony.simulator.pushed import PushedCall
from hub.telephony.simulator.pusher import Pusher
from tests.unit.telephony.simulator.test_truth import shape
from tests.waiting import until

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
GENERIC = GenericConnector()
SETTINGS = GenericSettings.model_validate({})
CLIENTS = [f"+38067123450{digit}" for digit in range(10)]


def calls(count: int, since: datetime = MONDAY) -> list[PushedCall]:
    return list(islice(DeskScript(7, since, CLIENTS, "+380445551210", 1000.0).calls(), count))


def facts(call: PushedCall) -> list[Fact]:
    bodies = [json.dumps(push).encode() for _, push in call.pushes()]
    disordered = random.Random(call.id).sample([*bodies, *bodies], 2 * len(bodies))
    deliveries = (
        Delivery(connection_id=1, body=body, content_type="application/json", received_at=MONDAY) for body in disordered
    )
    return [one for delivery in deliveries for one in GENERIC.translate(delivery) if isinstance(one, Fact)]


def test_what_it_pushes_is_what_it_meant() -> None:
    wrong = {
        call.id: said
        for call in calls(120)
        if (said := diary.disagreements(pushed.entry(call), shape(fold(GENERIC.interpret(facts(call), SETTINGS)))))
    }
    assert wrong == {}


def test_the_same_seed_is_the_same_day() -> None:
    assert calls(50) == calls(50)
    kinds = {(call.outbound, call.talks > 0, call.cause, call.queue) for call in calls(200)}
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
    ended: list[PushedCall] = []
    played = calls(30)
    with Pusher(address, seed=3, ended=ended.append) as pusher:
        for call in played:
            pusher.play(call)
        until(lambda: not pusher.busy, seconds=30, what="the end of all pushes")
    assert {call.id for call in ended} == {call.id for call in played}
    told = [(push["callId"], push["event"]) for push in taken]
    assert set(told) == {(call.id, str(push["event"])) for call in played for _, push in call.pushes()}
    assert len(told) > len(set(told))
    assert any(told.index((name, "hangup")) < told.index((name, "answer")) for name, event in told if event == "answer")
