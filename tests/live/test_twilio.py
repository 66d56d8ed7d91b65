"""Twilio, a proxy with TLS and a running Hub: whole conversations over the wire, out of order and told twice."""

import random
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.telephony.models import LineRow
from tests.company import Company
from tests.servers import Nginx, PostgreSQL, Redis
from tests.standins.twilio import ABSENT, Answers, Api, Exchange, Leg
from tests.standins.twilio.conversations import ANNA, BORIS, CLIENT, EVA, LINE, inbound, placed, transferred
from tests.standins.twilio.exchange import ACCOUNT
from tests.standins.twilio.http import Signed, signature
from tests.waiting import until

TOKEN = "the token of an invented account"
PATIENCE_SECONDS = 120
RINGING, ANSWERED, MISSED, LEFT_WORD, SENT_ON, WITHHELD, KNOWN = (f"+1202555010{number}" for number in range(7))
TELEPHONES = {"anna": ANNA, "boris": BORIS, "eva": EVA}


@dataclass
class Wire:
    """A company whose phones are Twilio's: `api` is Twilio, `proxy` stands between it and Hub."""

    company: Company
    api: Api
    proxy: Nginx
    sender: Signed
    token: str = ""
    luck: random.Random = field(default_factory=lambda: random.Random(3))

    @property
    def hook(self) -> str:
        return f"{self.proxy.url}/hooks/main"

    @property
    def exchange(self) -> Exchange:
        return self.api.exchange

    def hold(self, conversation: Any) -> str:
        """Play a conversation and tell all of it, shuffled and half of it twice; the id of its call."""
        leg: Leg = conversation(self.exchange, self.hook)
        self.exchange.tell(self.luck)
        return leg.sid

    def until_ended(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        """The calls as `hub calls --json` shows them, once all of these are over, nothing waits in the inbox and every
        recording is here."""

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

    def click(self, number: str) -> dict[str, Any]:
        """What a program does that wants a call."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": "one-click"}
        answer = httpx.post(f"{self.company.url}/api/v1/calls", json={"number": number}, headers=headers)
        assert answer.status_code == 202, answer.text
        dial: dict[str, Any] = answer.json()
        return dial

    def dial(self, dial_id: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        dial: dict[str, Any] = httpx.get(f"{self.company.url}/api/v1/dials/{dial_id}", headers=headers).json()
        return dial


@contextmanager
def wired(company: Company) -> Iterator[Wire]:
    with Nginx.before(company.port) as proxy:
        trusted = ssl.create_default_context(cafile=str(proxy.certificate))
        with httpx.Client(verify=trusted, timeout=30) as client:
            sender = Signed(TOKEN, client)
            with Api(Exchange(sender), TOKEN).running() as api:
                wire = Wire(company, api, proxy, sender)
                _connect(wire)
                yield wire


def _connect(wire: Wire) -> None:
    said = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": wire.proxy.url, "api_base": wire.api.url}
    values = [part for name, value in (said | {"lines": LINE}).items() for part in ("--set", f"{name}={value}")]
    printed = wire.company.run("connection", "add", "twilio", "main", *values)
    assert f"\n{wire.hook}/voice#rc=3" in printed
    for name, phone in TELEPHONES.items():
        hired = ("user", "add", f"{name}@example.org", "--role", "manager", "--password", "a password of nobody's")
        wire.company.run(*hired, "--extension", f"main:{phone}")
    with Session(wire.company.engine) as session, session.begin():
        session.execute(update(LineRow).values(ring_seconds=20, record_inbound="always"))
    script = ("token", "create", "--role", "administrator", "--name", "script", "--extension", ANNA)
    wire.token = wire.company.run(*script).strip()


@pytest.fixture(scope="module")
def companies(postgresql: PostgreSQL, redis_server: Redis) -> Any:
    return {"embedded": Company.embedded, "many": lambda: Company.many(postgresql, redis_server)}


@pytest.fixture(params=["embedded", "many"])
def wire(request: pytest.FixtureRequest, companies: Any) -> Iterator[Wire]:
    with companies[request.param]() as company, wired(company) as made:
        yield made


def _played(wire: Wire) -> dict[str, dict[str, Any]]:
    """Six conversations, and what must be true of the call of each."""
    inbound_call: dict[str, Any] = {"direction": "inbound", "line": LINE, "talk_seconds": 0.0, "initiated_by": None}
    truths: dict[str, dict[str, Any]] = {
        wire.hold(inbound(ANSWERED, anna=Answers(after=4, talks=60, hangs_up=True))): {
            "external_number": ANSWERED,
            "outcome": "answered",
            "talk_seconds": 60.0,
            "ring_seconds": 4.0,
            "hung_up_by": "us",
            "phones": {ANNA: "answered", BORIS: "cancelled", EVA: "cancelled"},
        },
        wire.hold(inbound(MISSED, patience=12)): {
            "external_number": MISSED,
            "outcome": "missed",
            "ring_seconds": 12.0,
            "hung_up_by": "client",
            "reason": "caller gave up",
            "phones": dict.fromkeys((ANNA, BORIS, EVA), "cancelled"),
        },
        wire.hold(inbound("anonymous", patience=5)): {
            "external_number": None,
            "outcome": "missed",
            "ring_seconds": 5.0,
        },
        wire.hold(transferred(SENT_ON)): {
            "external_number": SENT_ON,
            "outcome": "answered",
            "talk_seconds": 60.0,
            "ring_seconds": 3.0,
            "vias": {ANNA: "direct", BORIS: "transfer_blind", EVA: "direct"},
            "hung_up_by": "client",
        },
    }
    wire.sender.signs_port, wire.sender.by_get = False, True
    truths[wire.hold(inbound(LEFT_WORD, message=17))] = {
        "external_number": LEFT_WORD,
        "outcome": "voicemail",
        "ring_seconds": 20.0,
        "phones": dict.fromkeys((ANNA, BORIS, EVA), "no_answer"),
    }
    wire.sender.signs_port, wire.sender.by_get = True, False
    return {call: inbound_call | truth for call, truth in truths.items()}


def _said(call: dict[str, Any]) -> dict[str, Any]:
    """A call beside the names the truths use."""
    legs = {leg["extension"]: leg for leg in call["legs"]}
    phones = {phone: leg["outcome"] for phone, leg in legs.items()}
    return call | {"phones": phones, "vias": {phone: leg["via"] for phone, leg in legs.items()}}


def _disagreements(calls: dict[str, dict[str, Any]], truths: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{truth['external_number']}: {name} is {said[name]!r}, not {true!r}"
        for call, truth in truths.items()
        for said in [_said(calls[call])]
        for name, true in truth.items()
        if said[name] != true
    ]


def test_conversations_over_the_wire_are_the_right_calls_and_the_right_leads(wire: Wire) -> None:
    truths = _played(wire)
    dial = wire.click(CLIENT)
    until(lambda: wire.api.placed, seconds=PATIENCE_SECONDS, what="the call that was clicked")
    clicked = wire.hold(placed(Answers(after=3), Answers(after=5, talks=45)))
    truths[clicked] = {
        "direction": "outbound",
        "external_number": CLIENT,
        "outcome": "answered",
        "line": LINE,
        "talk_seconds": 45.0,
        "ring_seconds": 5.0,
        "hung_up_by": "us",
        "phones": {},
    }
    calls = wire.until_ended(set(truths))
    wrong = _disagreements(calls, truths)
    assert wrong == [], "\n".join(wrong)
    assert calls.keys() == truths.keys(), "one call for each conversation"
    assert calls[clicked]["initiated_by"]["extension"] == ANNA
    assert (wire.dial(dial["id"])["state"], wire.dial(dial["id"])["call_id"]) == ("ended", calls[clicked]["id"])
    recorded = {call["external_number"] for call in calls.values() if call["recordings"]}
    assert {ANSWERED, SENT_ON, LEFT_WORD} <= recorded
    _assert_leads(wire, calls)
    _assert_nothing_changes_when_it_comes_again(wire, calls)
    assert wire.api.refused == []


def _assert_leads(wire: Wire, calls: dict[str, dict[str, Any]]) -> None:
    """One for each client who has a number, one task for each whose call was missed."""
    clients = {ANSWERED, MISSED, LEFT_WORD, SENT_ON, CLIENT}
    assert {call["external_number"] for call in calls.values() if call["lead_id"]} == clients
    assert len(wire.company.json("leads")) == len(clients)
    missed = {
        calls_of["external_number"] for calls_of in calls.values() if calls_of["outcome"] in ("missed", "voicemail")
    }
    assert len(wire.company.json("tasks")) == len(missed - {None})


def _assert_nothing_changes_when_it_comes_again(wire: Wire, calls: dict[str, dict[str, Any]]) -> None:
    """Everything that was ever sent, a day later as far as anybody can tell: the same bytes, no token."""
    before, leads = {call["id"]: call for call in calls.values()}, wire.company.json("leads")
    for address, fields in list(wire.sender.sent):
        assert wire.sender.request(address, fields).status_code == 200
    until(lambda: wire.states() == {"done"}, seconds=PATIENCE_SECONDS, what="what came again")
    assert {call["id"]: call for call in wire.company.json("calls")} == before
    assert wire.company.json("leads") == leads


def test_what_never_arrived_is_found_in_twilios_own_list(wire: Wire) -> None:
    """As when the way to Hub broke after Twilio had asked whom to ring, and was mended an hour later."""
    wire.exchange.now -= timedelta(hours=1)
    lost: list[tuple[str, Any]] = []

    def broken(address: str, fields: Mapping[str, str], *, attempt: str | None = None) -> str:
        if urlsplit(address).path.endswith("/voice"):
            return wire.sender(address, fields, attempt=attempt)
        lost.append((address, fields))
        return "<Response/>"

    wire.exchange.send = broken
    talked = inbound(ANSWERED, anna=Answers(after=4, talks=60, hangs_up=True))(wire.exchange, wire.hook)
    gave_up = inbound(MISSED, patience=12)(wire.exchange, wire.hook)
    wire.exchange.tell(wire.luck)
    wire.exchange.send = wire.sender
    until(lambda: wire.states() == {"done"}, seconds=PATIENCE_SECONDS, what="what was asked")
    assert {call["state"] for call in wire.company.json("calls")} == {"ringing"}

    since = (wire.exchange.now - timedelta(hours=1)).isoformat()
    compare = ("reconcile", "--connection", "main", "--since", since)
    assert wire.company.run(*compare).split()[-4:] == ["2", "0", "0", "2"]
    calls = wire.until_ended({talked.sid, gave_up.sid})
    assert {call: (said["outcome"], said["talk_seconds"]) for call, said in calls.items()} == {
        talked.sid: ("answered", 60.0),
        gave_up.sid: ("missed", 0.0),
    }
    assert wire.company.run(*compare).split()[-4:] == ["2", "2", "0", "0"]
    for address, fields in lost:
        assert wire.sender.request(address, fields).status_code == 200
    assert wire.until_ended({talked.sid, gave_up.sid}).keys() == calls.keys()
    assert len(wire.company.json("leads")) == 2


def test_a_phone_that_is_not_picked_up_calls_no_client_and_makes_no_lead(wire: Wire) -> None:
    wire.click(CLIENT)
    until(lambda: wire.api.placed, seconds=PATIENCE_SECONDS, what="the call that was clicked")
    missed = wire.hold(placed(ABSENT, Answers()))
    call = wire.until_ended({missed})[missed]
    assert (call["outcome"], call["reason"]) == ("cancelled", "our phone was not picked up")
    assert (call["external_number"], call["lead_id"], call["legs"]) == (CLIENT, None, [])
    assert [leg.to for leg in wire.exchange.legs.values()] == [ANNA]
    assert wire.company.json("leads") == []


def test_what_is_not_twilios_is_refused_counted_and_not_kept(wire: Wire) -> None:
    told = {"AccountSid": ACCOUNT, "CallSid": f"CA{7:032x}", "CallStatus": "completed", "From": CLIENT, "To": LINE}
    told |= {"Direction": "inbound", "Timestamp": format_datetime(wire.exchange.now), "CallDuration": "9"}
    address = f"{wire.hook}/status"
    proof = signature(TOKEN, address, told)
    elsewhere = signature(TOKEN, "http://127.0.0.1:8000/hooks/main/status", told)
    stranger = told | {"AccountSid": "AC" + "f" * 32}
    posts: list[dict[str, Any]] = [
        {"data": told},
        {"data": told, "headers": {"X-Twilio-Signature": elsewhere}},
        {"data": stranger, "headers": {"X-Twilio-Signature": signature(TOKEN, address, stranger)}},
        {"json": told, "headers": {"X-Twilio-Signature": signature(TOKEN, address)}},
        {"data": told | {"CallStatus": "busy"}, "headers": {"X-Twilio-Signature": proof}},
    ]
    statuses = [wire.sender.client.post(address, **post).status_code for post in posts]
    assert statuses == [401] * len(posts)
    assert (wire.refused(), wire.states()) == (len(posts), set())
    assert wire.sender.client.post(address, data=told, headers={"X-Twilio-Signature": proof}).status_code == 200
    (call,) = wire.until_ended({told["CallSid"]}).values()
    assert (call["outcome"], call["duration_seconds"]) == ("missed", 9.0)
