"""FreeSWITCH and a running Hub: records over the wire, shuffled and told twice; events live; clicks on its socket."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.inbox.models import ConnectionRow, DeliveryRow
from tests.company import Company
from tests.servers import PostgreSQL, Redis
from tests.standins.freeswitch import conversations
from tests.standins.freeswitch.channels import posted
from tests.standins.freeswitch.conversations import Conversation
from tests.standins.freeswitch.switch import PASSWORD, Switch
from tests.waiting import until

PATIENCE_SECONDS = 120
SECRET = "secret-of-the-test-switch"
PROOF = ("pbx", "a password")
CLIENTS = [f"44207946010{number}" for number in range(9)]


@dataclass
class Wire:
    """A company with a FreeSWITCH of its own."""

    company: Company
    switch: Switch
    token: str = ""
    luck: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def hook(self) -> str:
        return f"{self.company.url}/hooks/main/{SECRET}"

    def push(self, body: bytes, kind: str, proof: tuple[str, str] | None = PROOF, hook: str = "") -> int:
        headers = {"Content-Type": kind}
        return httpx.post(hook or self.hook, content=body, headers=headers, auth=proof, timeout=30).status_code

    def tell(self, *held: Conversation) -> None:
        """Every record of these conversations, shuffled, half of them twice, in all encodings."""
        told = [leg.record(encoded=self.luck.random() < 0.5) for one in held for leg in one.legs]
        told += self.luck.sample(told, len(told) // 2)
        self.luck.shuffle(told)
        ways = ("false", "true", "base64")
        assert {self.push(*posted(record, self.luck.choice(ways))) for record in told} == {200}

    def until_ended(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        def over() -> dict[str, dict[str, Any]]:
            calls = {call["provider_call_id"]: call for call in self.company.json("calls")}
            return calls if all(calls.get(one, {}).get("state") == "ended" for one in ids) else {}

        return until(over, seconds=PATIENCE_SECONDS, what="the end of every call")

    def states(self) -> set[str]:
        with Session(self.company.engine) as session:
            return set(session.scalars(select(DeliveryRow.state).distinct()))

    def connection(self) -> ConnectionRow:
        with Session(self.company.engine) as session:
            return session.scalars(select(ConnectionRow)).one()

    def ask(self, method: str, path: str, key: str = "one-click", **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        answer = httpx.request(method, f"{self.company.url}/api/v1{path}", headers=headers, timeout=30, **more)
        assert answer.status_code < 300, answer.text
        said: dict[str, Any] = answer.json()
        return said


@contextmanager
def wired(company: Company) -> Iterator[Wire]:
    with Switch().running() as switch:
        wire = Wire(company, switch)
        said = {"secret": SECRET, "record_user": PROOF[0], "record_password": PROOF[1], "host": switch.host}
        said |= {"port": str(switch.port), "password": PASSWORD, "lines": "+442079460000", "region": "GB"}
        values = [part for name, value in said.items() for part in ("--set", f"{name}={value}")]
        assert SECRET in company.run("connection", "add", "freeswitch", "main", *values)
        hired = ("user", "add", "anna@example.org", "--role", "manager", "--password", "a password of nobody's")
        company.run(*hired, "--extension", "main:101")
        script = ("token", "create", "--role", "administrator", "--name", "script", "--extension", "101")
        wire.token = company.run(*script).strip()
        until(lambda: switch.listeners == 1, seconds=PATIENCE_SECONDS, what="Hub listening")
        yield wire


@pytest.fixture(params=["embedded", "many"])
def wire(request: pytest.FixtureRequest, postgresql: PostgreSQL, redis_server: Redis) -> Iterator[Wire]:
    modes = {"embedded": Company.embedded, "many": lambda: Company.many(postgresql, redis_server)}
    with modes[request.param]() as company, wired(company) as made:
        yield made


def _wrong(calls: dict[str, dict[str, Any]], held: list[Conversation]) -> list[str]:
    return [
        f"{one.call}: {name} is {said[name]!r}, not {true!r}"
        for one in held
        for said in [_said(calls[one.call])]
        for name, true in one.truth.items()
        if said[name] != true
    ]


def _said(call: dict[str, Any]) -> dict[str, Any]:
    phones = {leg["extension"]: leg["outcome"] for leg in call["legs"]}
    people = {name: (call[name] or {}).get("extension") for name in ("initiated_by", "answered_by")}
    return call | people | {"phones": phones}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_records_and_events_are_the_right_calls_whichever_came(wire: Wire) -> None:
    start = _now() - timedelta(seconds=100)
    pushed = [
        conversations.answered(start, CLIENTS[0]),
        conversations.voicemail(start, CLIENTS[1]),
        conversations.sent_on(start, CLIENTS[2]),
        conversations.put_through(start, CLIENTS[3]),
        conversations.unreached(start, CLIENTS[4], "USER_BUSY", "busy"),
    ]
    heard = [conversations.gave_up(start, CLIENTS[5]), conversations.outbound(start, CLIENTS[6])]
    both = [conversations.rang_out(start, CLIENTS[7])]
    wire.tell(*pushed, *both)
    for one in (*heard, *both):
        wire.switch.tell(one.events())
    held = [*pushed, *heard, *both]
    calls = wire.until_ended({one.call for one in held})
    assert _wrong(calls, held) == []
    assert calls.keys() == {one.call for one in held}
    wire.tell(*pushed, *both)
    until(lambda: wire.states() == {"done"}, seconds=PATIENCE_SECONDS, what="what came again")
    assert wire.until_ended(set(calls)) == calls
    assert wire.switch.refused == []


def test_what_does_not_prove_itself_is_refused_and_what_is_no_record_is_parked(wire: Wire) -> None:
    body, kind = posted(conversations.gave_up(_now(), CLIENTS[0]).legs[0].record())
    elsewhere = f"{wire.company.url}/hooks/main"
    assert [
        wire.push(body, kind, proof=None),
        wire.push(body, kind, proof=("pbx", "another password")),
        wire.push(body, kind, hook=elsewhere),
        wire.push(body, kind, hook=f"{elsewhere}/wrong"),
    ] == [401] * 4
    assert (wire.connection().refused, wire.states()) == (4, set())
    assert httpx.get(wire.hook, auth=PROOF).status_code == 405
    assert wire.push(b'{"variables": {}}', "application/json") == 200
    until(lambda: wire.states() == {"parked"}, seconds=PATIENCE_SECONDS, what="the record of nothing")


def test_a_call_lives_through_a_lost_line_and_one_that_ended_meanwhile_is_told_by_its_records(wire: Wire) -> None:
    start = _now() - timedelta(seconds=30)
    goes_on, ends = conversations.answered(start, CLIENTS[0]), conversations.answered(start, CLIENTS[1])
    for one in (goes_on, ends):
        wire.switch.tell(one.events()[:-3])
    until(lambda: len(wire.company.json("calls")) == 2, seconds=PATIENCE_SECONDS, what="both calls")
    wire.switch.alive -= {leg.id for leg in ends.legs}
    wire.switch.cut()
    calls = wire.until_ended({ends.call})
    assert (calls[ends.call]["reason"], calls[goes_on.call]["state"]) == ("end not reported", "talking")
    wire.tell(ends)
    wire.switch.tell(goes_on.events()[-3:])

    def right() -> bool:
        calls = {call["provider_call_id"]: call for call in wire.company.json("calls")}
        return calls.keys() == {goes_on.call, ends.call} and _wrong(calls, [goes_on, ends]) == []

    until(right, seconds=PATIENCE_SECONDS, what="both as they were")


def test_a_click_rings_our_phone_becomes_its_call_and_can_be_taken_back(wire: Wire) -> None:
    assert "takes the password" in wire.company.run("connection", "test", "main")
    dial = wire.ask("POST", "/calls", json={"number": f"+{CLIENTS[0]}"})
    [order] = until(lambda: wire.switch.ordered, seconds=PATIENCE_SECONDS, what="the call that was clicked")
    assert (order["extension"], order["number"]) == ("101", f"+{CLIENTS[0]}")
    held = conversations.clicked(_now() - timedelta(seconds=60), CLIENTS[0], order["uuid"], order["request"])
    wire.switch.tell(held.events())
    wire.tell(held)
    calls = wire.until_ended({held.call})
    assert _wrong(calls, [held]) == []
    assert wire.ask("GET", f"/dials/{dial['id']}")["call_id"] == calls[held.call]["id"]
    second = wire.ask("POST", "/calls", key="another-click", json={"number": f"+{CLIENTS[1]}"})
    until(lambda: len(wire.switch.ordered) == 2, seconds=PATIENCE_SECONDS, what="the second click")
    channel = wire.switch.ordered[1]["uuid"]
    until(lambda: wire.ask("GET", f"/dials/{second['id']}")["state"] == "calling_you", seconds=30, what="its answer")
    wire.ask("POST", f"/dials/{second['id']}/cancel")
    until(lambda: channel not in wire.switch.alive, seconds=PATIENCE_SECONDS, what="the hanging up")
    assert wire.switch.refused == []
