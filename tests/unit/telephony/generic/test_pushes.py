"""Three kinds of pushes, in any spelling and any order, as one call."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors import Switchboard
from hub.domain.calls import Direction, LegOutcome, Outcome, Party, Via
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Conflict, Unauthentic, Unrecognised
from hub.domain.routing import NO_OPINION, Outgoing, Route
from hub.telephony.calls import Call, fold
from hub.telephony.providers.generic import GenericConnector, GenericSettings, signature

CONNECTOR = GenericConnector()
SECRET = "a-secret-of-the-desk"
SETTINGS = GenericSettings.model_validate({"secret": SECRET, "region": "GB"})
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
CALLER, LINE = "442079460123", "442079460000"


def push(at: float, event: str, **fields: Any) -> Delivery:
    body = json.dumps({"event": event, "callId": "c1", "direction": "in", "from": CALLER, "to": LINE} | fields)
    return delivery(body.encode(), at=at)


def delivery(body: bytes, at: float = 0, content_type: str = "application/json", **more: Any) -> Delivery:
    received = TEN + timedelta(seconds=at)
    return Delivery(
        connection_id=1, body=body, content_type=content_type, received_at=received, settings=SETTINGS, **more
    )


def facts(*pushes: Delivery) -> list[Fact]:
    return [thing for one in pushes for thing in CONNECTOR.translate(one) if isinstance(thing, Fact)]


def call(*pushes: Delivery) -> Call:
    events = CONNECTOR.interpret(facts(*pushes), SETTINGS)
    (found,) = {event.call for event in events}
    return fold(event for event in events if event.call == found)


TALK = [
    push(0, "newCall", user=["101", "102"], queue="sales"),
    push(8, "answer", user="102"),
    push(68, "hangup", cause="normalClearing"),
]


def test_three_pushes_are_a_call() -> None:
    told = call(*TALK)
    assert (told.direction, told.outcome, told.queue, told.number, told.line) == (
        *(Direction.INBOUND, Outcome.ANSWERED, "sales"),
        *(CALLER, LINE),
    )
    assert (told.ring_seconds, told.talk_seconds, told.duration_seconds, told.answered_by) == (8.0, 60.0, 68.0, "102")
    assert [(leg.extension, leg.outcome, leg.via) for leg in told.legs] == [
        ("101", LegOutcome.CANCELLED, Via.QUEUE),
        ("102", LegOutcome.ANSWERED, Via.QUEUE),
    ]


@given(st.permutations([*TALK, *TALK]))
def test_any_order_and_any_repetition_of_arrival_is_the_same_call(pushes: list[Delivery]) -> None:
    assert call(*pushes) == call(*TALK)


@given(st.permutations(range(3)), st.lists(st.integers(0, 2), max_size=3))
def test_pushes_that_overtake_each_other_without_timestamps_end_as_one_sound_call(
    order: list[int], again: list[int]
) -> None:
    """The order of receipt is all there is; what happened, who and how it ended are right, no time is negative."""
    events = ("newCall", "answer", "hangup")
    told = call(*(push(at, events[place], user="101") for at, place in enumerate([*order, *again])))
    assert (told.outcome, told.answered_by, told.started_at) == (Outcome.ANSWERED, "101", TEN)
    assert 0 <= told.talk_seconds <= told.duration_seconds


def test_a_timestamp_is_stronger_than_the_moment_of_receipt() -> None:
    at = (TEN + timedelta(seconds=8)).isoformat()
    late = push(500, "answer", user="102", timestamp=at)
    assert call(TALK[0], TALK[2], late) == call(*TALK)
    epoch = push(500, "answer", user="102", timestamp=(TEN + timedelta(seconds=8)).timestamp())
    assert call(TALK[0], TALK[2], epoch) == call(*TALK)


def test_a_duration_is_stronger_than_the_moment_of_the_answer() -> None:
    told = call(TALK[0], push(30, "answer", user="102"), push(68, "hangup", cause="normalClearing", duration=55))
    assert (told.talk_seconds, told.ring_seconds) == (55.0, 13.0)


@pytest.mark.parametrize(
    ("cause", "outcome", "reason", "by", "leg"),
    [
        ("cancel", Outcome.MISSED, "caller gave up", Party.CLIENT, LegOutcome.CANCELLED),
        ("busy", Outcome.MISSED, "phone busy", None, LegOutcome.BUSY),
        ("noAnswer", Outcome.MISSED, "ring timeout", Party.SYSTEM, LegOutcome.NO_ANSWER),
        ("congestion", Outcome.MISSED, "congestion", Party.SYSTEM, LegOutcome.NO_ANSWER),
        ("notFound", Outcome.MISSED, "no such phone", Party.SYSTEM, LegOutcome.NO_ANSWER),
        ("forwarded", Outcome.MISSED, "forwarded to another number", None, LegOutcome.NO_ANSWER),
        ("normalClearing", Outcome.MISSED, None, None, LegOutcome.NO_ANSWER),
        ("what nobody knows", Outcome.MISSED, None, None, LegOutcome.NO_ANSWER),
    ],
)
def test_a_call_nobody_answered_says_why(
    cause: str, outcome: Outcome, reason: str | None, by: Party | None, leg: LegOutcome
) -> None:
    told = call(push(0, "newCall", user="101"), push(15, "hangup", cause=cause))
    assert (told.outcome, told.reason, told.hung_up_by, told.ring_seconds) == (outcome, reason, by, 15.0)
    assert [one.outcome for one in told.legs] == [leg]


@pytest.mark.parametrize(
    ("cause", "outcome", "by"),
    [
        ("cancel", Outcome.CANCELLED, Party.US),
        ("busy", Outcome.BUSY, None),
        ("noAnswer", Outcome.NO_ANSWER, Party.SYSTEM),
        ("congestion", Outcome.FAILED, Party.SYSTEM),
        ("notFound", Outcome.FAILED, Party.SYSTEM),
        ("normalClearing", Outcome.NO_ANSWER, None),
    ],
)
def test_an_outbound_call_nobody_answered_says_why(cause: str, outcome: Outcome, by: Party | None) -> None:
    out = {"direction": "out", "from": LINE, "to": CALLER}
    told = call(push(0, "newCall", user="101", **out), push(9, "hangup", cause=cause, **out))
    assert (told.direction, told.outcome, told.hung_up_by, told.initiated_by) == (
        *(Direction.OUTBOUND, outcome),
        *(by, "101"),
    )
    assert (told.number, told.line, told.ring_seconds) == (CALLER, LINE, 9.0)


def test_a_transfer_under_a_new_id_is_the_same_call() -> None:
    told = call(
        push(0, "newCall", user="101"),
        push(5, "answer", user="101"),
        push(60, "newCall", user="103", callId="c2", origCallId="c1"),
        push(61, "hangup", cause="normalClearing"),
        push(70, "answer", user="103", callId="c2", origCallId="c1"),
        push(130, "hangup", cause="normalClearing", callId="c2", origCallId="c1"),
    )
    assert (told.id, told.outcome, told.answered_by, told.duration_seconds) == ("c1", Outcome.ANSWERED, "101", 130.0)
    assert [(leg.extension, leg.via, leg.talk_seconds) for leg in told.legs] == [
        ("101", Via.DIRECT, 56.0),
        ("103", Via.TRANSFER_BLIND, 60.0),
    ]


def test_an_answer_by_nobody_in_particular_is_an_answer() -> None:
    told = call(push(0, "newCall", user=["101", "102"]), push(5, "answer"), push(65, "hangup"))
    assert (told.outcome, told.answered_by, told.talk_seconds) == (Outcome.ANSWERED, None, 60.0)


def test_forms_json_and_addresses_say_the_same() -> None:
    fields = [("event", "newCall"), ("callId", "c1"), ("direction", "in"), ("from", CALLER), ("to", LINE)]
    phones = [("user[]", "101"), ("user[]", "102")]
    form = delivery(urlencode([*fields, *phones]).encode(), content_type="application/x-www-form-urlencoded")
    asked = delivery(b"", content_type="", method="GET", query=urlencode([*fields, *phones]))
    listed = delivery(json.dumps(dict(fields) | {"user": ["101", "102"]}).encode())
    assert facts(form) == facts(asked) == facts(listed)
    assert not CONNECTOR.is_question(asked)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"event": "dtmf"}, "event: got 'dtmf'"),
        ({"event": "newCall", "direction": "in"}, "callId: is missing"),
        ({"event": "newCall", "callId": "c1", "direction": "sideways"}, "direction: got 'sideways'"),
        ({"event": "newCall", "callId": "c1"}, "direction: got ''"),
        ({"event": "answer", "callId": "c1", "timestamp": "yesterday"}, "timestamp: got 'yesterday'"),
        ({"event": "answer", "callId": "c1", "timestamp": "9" * 30}, "timestamp: got"),
        ({str(number): "x" for number in range(300)}, "more than 200 fields"),
        ({"event": "newCall", "callId": {"id": "c1"}, "direction": "in"}, "callId: is missing"),
    ],
)
def test_what_is_not_understood_is_said(said: dict[str, Any], problem: str) -> None:
    with pytest.raises(Unrecognised, match=problem):
        CONNECTOR.translate(delivery(json.dumps(said).encode()))


def proven(path: str = SECRET, settings: GenericSettings = SETTINGS, headers: Mapping[str, str] | None = None) -> None:
    arrived = delivery(b"event=hangup", path=path, headers=headers or {})
    CONNECTOR.verify(arrived.with_settings(settings))


@pytest.mark.parametrize("path", ["", "wrong", SECRET + "/", SECRET[:-1], "ключ", f"{SECRET}/more"])
def test_another_secret_in_the_address_proves_nothing(path: str) -> None:
    with pytest.raises(Unauthentic):
        proven(path)
    proven()


def test_a_signature_is_demanded_where_one_was_agreed() -> None:
    signed = SETTINGS.model_copy(update={"hmac_secret": GenericSettings(hmac_secret="between us").hmac_secret})
    right = signature(b"event=hangup", "between us")
    proven(settings=signed, headers={"x-hub-signature-256": f"sha256={right}"})
    proven(settings=signed, headers={"x-hub-signature-256": right.upper()})
    for offered in ("", right[:-1], "ключ", signature(b"event=answer", "between us")):
        with pytest.raises(Unauthentic):
            proven(settings=signed, headers={"x-hub-signature-256": offered})


class Says(Switchboard):
    def __init__(self, route: Route) -> None:
        self._route = route

    def route(self, caller: str | None, line: str | None) -> Route:
        return self._route

    def outgoing(self, extension: str, number: str) -> Outgoing:
        raise Conflict("nobody calls out here")


OWNER_FIRST = Route(stages=(("101",), ("102", "103")), ring_seconds=20, name="Анна")


@pytest.mark.parametrize(
    ("route", "event", "routing", "answer"),
    [
        (OWNER_FIRST, "newCall", True, {"action": "dial", "number": "101", "timeout": 20, "name": "Анна"}),
        (OWNER_FIRST, "newCall", False, {}),
        (OWNER_FIRST, "answer", True, {}),
        (OWNER_FIRST, "sideways", True, {}),
        (NO_OPINION, "newCall", True, {}),
    ],
)
def test_the_answer_says_whom_to_ring(route: Route, event: str, routing: bool, answer: dict[str, Any]) -> None:
    asked = push(0, event)
    asked = asked.with_settings(SETTINGS.model_copy(update={"routing": routing}))
    said = json.loads(CONNECTOR.answer(asked, Says(route)).body)
    assert {name: said[name] for name in answer} == answer
    assert bool(said) == bool(answer)


def test_the_secret_is_not_kept() -> None:
    assert CONNECTOR.kept(delivery(b"", path=SECRET)).path == ""


def test_the_address_to_push_to_ends_in_the_secret() -> None:
    assert CONNECTOR.addresses(SETTINGS, "https://hub.example.org/hooks/desk") == {
        "push address": f"https://hub.example.org/hooks/desk/{SECRET}"
    }
    assert len(GenericSettings().secret.get_secret_value()) >= 32
