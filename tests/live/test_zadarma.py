"""Zadarma and a running Hub: signed notifications over the wire, shuffled and told twice, and clicks by its API."""

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
from tests.standins.zadarma import KEY, SECRET, Api, Conversation, Exchange, conversations, notification_signature
from tests.standins.zadarma.exchange import Fields
from tests.waiting import until

PATIENCE_SECONDS = 120
ANSWERED, MISSED, SENT_ON, LEFT_WORD, IN_THE_MENU, CALLED, CLICKED = (f"44207946010{number}" for number in range(7))
WITHHELD = "anonymous"


@dataclass
class Wire:
    """A company whose phones are Zadarma's."""

    company: Company
    api: Api
    token: str = ""
    sent: list[Fields] = field(default_factory=list)
    luck: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def hook(self) -> str:
        return f"{self.company.url}/hooks/main"

    def send(self, fields: Fields, proof: str | None = None) -> httpx.Response:
        self.sent.append(fields)
        signed = notification_signature(SECRET, fields) if proof is None else proof
        return httpx.post(self.hook, data=fields, headers={"Signature": signed}, timeout=30)

    def tell(self, *held: Conversation) -> None:
        """Everything of these conversations, shuffled, half of it twice."""
        told = [fields for one in held for fields in one.told]
        told += self.luck.sample(told, len(told) // 2)
        self.luck.shuffle(told)
        assert {self.send(fields).status_code for fields in told} == {200}

    def until_ended(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        def over() -> dict[str, dict[str, Any]]:
            if self.states() != {"done"}:
                return {}
            calls = {call["provider_call_id"]: call for call in self.company.json("calls")}
            rendered = all(one["seconds"] for call in calls.values() for one in call["recordings"])
            return calls if rendered and all(calls.get(one, {}).get("state") == "ended" for one in ids) else {}

        return until(over, seconds=PATIENCE_SECONDS, what="the end of every call")

    def states(self) -> set[str]:
        with Session(self.company.engine) as session:
            return set(session.scalars(select(DeliveryRow.state).distinct()))

    def refused(self) -> int:
        with Session(self.company.engine) as session:
            return session.scalars(select(ConnectionRow.refused)).one()

    def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": "one-click"}
        answer = httpx.request(method, f"{self.company.url}/api/v1{path}", headers=headers, timeout=30, **more)
        assert answer.status_code < 300, answer.text
        said: dict[str, Any] = answer.json()
        return said


@contextmanager
def wired(company: Company) -> Iterator[Wire]:
    with Api(Exchange()).running() as api:
        wire = Wire(company, api)
        said = {"key": KEY, "secret": SECRET, "timezone": "Europe/Kyiv", "api_base": api.url, "routing": "yes"}
        values = [part for name, value in said.items() for part in ("--set", f"{name}={value}")]
        printed = company.run(
            "connection", "add", "zadarma", "main", *values, "--set", "lines=+442079460000", "--set", "region=GB"
        )
        assert "/hooks/main" in printed
        hired = ("user", "add", "anna@example.org", "--role", "manager", "--password", "a password of nobody's")
        company.run(*hired, "--extension", "main:101")
        script = ("token", "create", "--role", "administrator", "--name", "script", "--extension", "101")
        wire.token = company.run(*script).strip()
        yield wire


@pytest.fixture(params=["embedded", "many"])
def wire(request: pytest.FixtureRequest, postgresql: PostgreSQL, redis_server: Redis) -> Iterator[Wire]:
    modes = {"embedded": Company.embedded, "many": lambda: Company.many(postgresql, redis_server)}
    with modes[request.param]() as company, wired(company) as made:
        yield made


def _said(call: dict[str, Any]) -> dict[str, Any]:
    """A call beside the names the truths use."""
    phones = {leg["extension"]: leg["outcome"] for leg in call["legs"]}
    people = {name: (call[name] or {}).get("extension") for name in ("initiated_by", "answered_by")}
    return call | people | {"phones": phones}


def _disagreements(calls: dict[str, dict[str, Any]], held: list[Conversation]) -> list[str]:
    return [
        f"{one.call}: {name} is {said[name]!r}, not {true!r}"
        for one in held
        for said in [_said(calls[one.call])]
        for name, true in one.truth.items()
        if said[name] != true
    ]


def test_conversations_over_the_wire_are_the_right_calls_and_the_right_leads(wire: Wire) -> None:
    exchange = wire.api.exchange
    held = [
        conversations.answered(exchange, ANSWERED),
        conversations.missed(exchange, MISSED),
        conversations.missed(exchange, WITHHELD),
        conversations.message(exchange, LEFT_WORD),
        conversations.in_the_menu(exchange, IN_THE_MENU),
        conversations.outbound(exchange, CALLED),
    ]
    wire.tell(*held)
    sent_on = conversations.transferred(exchange, SENT_ON)
    assert {wire.send(fields).status_code for fields in sent_on.told} == {200}
    dial = wire.ask("POST", "/calls", json={"number": f"+{CLICKED}"})
    until(lambda: exchange.ordered, seconds=PATIENCE_SECONDS, what="the call that was clicked")
    assert exchange.ordered == [("101", CLICKED)]
    until(lambda: wire.ask("GET", f"/dials/{dial['id']}")["state"] == "calling_you", seconds=30, what="its answer")
    ours, clicked = conversations.clicked(exchange, CLICKED, talks=2)  # begun about when it was clicked
    wire.tell(ours, clicked)
    held += [sent_on, clicked]
    calls = wire.until_ended({one.call for one in held})
    wrong = _disagreements(calls, held)
    assert wrong == [], "\n".join(wrong)
    assert calls.keys() == {one.call for one in held}, "one call for each conversation, none for our own leg"
    assert wire.api.refused == []
    _assert_leads(wire, calls)
    _assert_nothing_changes_when_it_comes_again(wire, calls)
    assert wire.ask("GET", f"/dials/{dial['id']}")["call_id"] == calls[clicked.call]["id"]


def _assert_leads(wire: Wire, calls: dict[str, dict[str, Any]]) -> None:
    """One for each client who has a number, one task for each whose call was missed."""
    clients = {f"+{number}" for number in (ANSWERED, MISSED, SENT_ON, LEFT_WORD, IN_THE_MENU, CALLED, CLICKED)}
    assert {call["external_number"] for call in calls.values() if call["lead_id"]} == clients
    assert len(wire.company.json("leads")) == len(clients)
    assert len(wire.company.json("tasks")) == len((MISSED, LEFT_WORD, IN_THE_MENU))


def _assert_nothing_changes_when_it_comes_again(wire: Wire, calls: dict[str, dict[str, Any]]) -> None:
    before, leads = {call["id"]: call for call in calls.values()}, wire.company.json("leads")
    assert {wire.send(fields).status_code for fields in list(wire.sent)} == {200}
    until(lambda: wire.states() == {"done"}, seconds=PATIENCE_SECONDS, what="what came again")
    assert {call["id"]: call for call in wire.company.json("calls")} == before
    assert wire.company.json("leads") == leads


def test_a_client_who_calls_back_is_sent_to_whoever_the_card_belongs_to(wire: Wire) -> None:
    held = conversations.outbound(wire.api.exchange, CALLED)
    wire.tell(held)
    wire.until_ended({held.call})
    start = conversations.missed(wire.api.exchange, CALLED).told[0]
    answer = wire.send(start)
    assert answer.json()["redirect"] == "101"
    assert answer.json()["return_timeout"] >= 3


def test_the_address_is_tried_and_what_is_not_zadarmas_is_refused_and_not_kept(wire: Wire) -> None:
    assert httpx.get(wire.hook, params={"zd_echo": "2f0a7c"}).text == "2f0a7c"
    assert httpx.get(wire.hook).status_code == 405
    start, *_ = conversations.missed(wire.api.exchange, MISSED).told
    right = notification_signature(SECRET, start)
    assert [
        wire.send(start, proof="").status_code,
        wire.send(start, proof="wrong").status_code,
        wire.send(start | {"caller_id": ANSWERED}, proof=right).status_code,
        wire.send(start, proof=notification_signature("another secret", start)).status_code,
        httpx.post(wire.hook, json=start, headers={"Signature": right}).status_code,
    ] == [401] * 5
    assert (wire.refused(), wire.states()) == (5, set())
    strange = start | {"event": "NOTIFY_TELEPATHY"}
    assert wire.send(strange, proof=right).status_code == 200
    until(lambda: wire.states() == {"parked"}, seconds=PATIENCE_SECONDS, what="the notification nobody knows")


def test_the_connection_can_be_tried_and_what_was_never_notified_is_fetched(wire: Wire) -> None:
    assert "Zadarma answers" in wire.company.run("connection", "test", "main")
    held, lost = (conversations.answered(wire.api.exchange, number) for number in (ANSWERED, MISSED))
    wire.tell(held)
    for row in wire.api.exchange.rows:
        row.began -= timedelta(hours=1)
    since = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    for _ in range(2):
        wire.company.run("reconcile", "--connection", "main", "--since", since)
    calls = wire.until_ended({held.call, lost.call})
    assert set(calls) == {held.call, lost.call}
    assert (calls[lost.call]["outcome"], calls[lost.call]["talk_seconds"]) == ("answered", 60.0)
    assert wire.api.refused == []
