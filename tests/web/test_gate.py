"""So many deliveries at once and no more: the others are told to come again, and pages do not wait for them."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from werkzeug.test import TestResponse

from hub.app import create_app
from hub.domain.delivery import Delivery
from hub.web import gate
from tests.pipeline.office import Office, started
from tests.pipeline.providers.acme import SIGNATURE, Acme, signature
from tests.waiting import until

LIMIT = 3


@dataclass
class SlowAcme(Acme):
    """Takes its time to look at a signature: as long as `go` is not set."""

    go: threading.Event = field(default_factory=threading.Event)
    inside: list[Delivery] = field(default_factory=list)

    def verify(self, delivery: Delivery) -> None:
        self.inside.append(delivery)
        self.go.wait(30)
        super().verify(delivery)


@dataclass
class Door:
    office: Office
    slow: SlowAcme

    def __post_init__(self) -> None:
        self.office.teach(self.slow)
        self.app = create_app(
            self.office.hub, secret="s" * 32, public_url="http://localhost", streams=1, deliveries=LIMIT
        )

    def deliver(self, number: int) -> TestResponse:
        body = json.dumps(started(f"call-{number}")).encode()
        headers = {SIGNATURE: signature(body, SecretStr("acme secret"))}
        return self.app.test_client().post("/hooks/acme", data=body, content_type="application/json", headers=headers)

    def deliver_late(self, number: int) -> TestResponse:
        """As if the server had had no thread for it for long."""
        gate.waits_since(time.monotonic() - gate.LATE_SECONDS * 2)
        return self.deliver(number)

    @contextmanager
    def full(self, count: int = LIMIT) -> Iterator[list[Future[TestResponse]]]:
        """As many deliveries inside as may be, or `count`; they go on when the block is left."""
        with ThreadPoolExecutor(LIMIT) as pool:
            answers = [pool.submit(self.deliver, number) for number in range(count)]
            try:
                until(lambda: len(self.slow.inside) == count, what="all deliveries inside")
                yield answers
            finally:
                self.slow.go.set()


@pytest.fixture
def door(sqlite_url: str, tmp_path: Path) -> Iterator[Door]:
    office = Office.opened(sqlite_url, tmp_path)
    yield Door(office, SlowAcme())
    office.hub.engine.dispose()


def test_beyond_the_limit_a_delivery_is_sent_away_at_once_and_those_inside_are_kept(door: Door) -> None:
    with door.full() as answers:
        began = time.monotonic()
        refused = door.deliver(99)
        assert time.monotonic() - began < 1
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert [answer.result().status_code for answer in answers] == [200] * LIMIT
    assert door.office.states() == ["pending"] * LIMIT


def test_a_refusal_is_a_problem_document_that_tells_nothing_else(door: Door) -> None:
    with door.full():
        refused = door.deliver(99)
    said = json.loads(refused.data)
    assert refused.content_type == "application/problem+json"
    assert said["request_id"] == refused.headers["X-Request-Id"]
    assert {"status": 503, "code": "unavailable", "errors": []}.items() <= said.items()
    assert set(said) == {"type", "title", "status", "code", "detail", "request_id", "errors"}


def test_pages_and_health_do_not_wait_for_deliveries(door: Door) -> None:
    with door.full():
        client = door.app.test_client()
        assert client.get("/readyz").status_code == 200
        assert client.get("/sign-in").status_code == 200
        assert client.get("/api/v1/me").status_code == 401


def test_a_place_is_free_again_whatever_became_of_the_delivery(door: Door) -> None:
    door.slow.go.set()
    client = door.app.test_client()
    unsigned = [client.post("/hooks/acme", data=b"{}").status_code for _ in range(LIMIT + 1)]
    nowhere = [client.post("/hooks/nobody", data=b"{}").status_code for _ in range(LIMIT + 1)]
    assert (set(unsigned), set(nowhere)) == ({401}, {404})
    assert door.deliver(1).status_code == 200


@pytest.mark.parametrize(("taken", "status"), [(LIMIT - 2, 200), (LIMIT - 1, 503)])
def test_with_half_the_places_taken_who_waited_too_long_for_a_thread_is_sent_away(
    door: Door, taken: int, status: int
) -> None:
    with door.full(taken), ThreadPoolExecutor(1) as late:
        answer = late.submit(door.deliver_late, 99)
        if status == 200:
            until(lambda: len(door.slow.inside) == taken + 1, what="the late one inside")
            door.slow.go.set()
        assert answer.result().status_code == status


def test_pages_are_answered_however_long_they_waited(door: Door) -> None:
    with door.full(), ThreadPoolExecutor(1) as late:
        late.submit(gate.waits_since, time.monotonic() - 10).result()
        assert late.submit(door.app.test_client().get, "/readyz").result().status_code == 200
