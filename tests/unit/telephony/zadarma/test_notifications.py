"""Who may notify, what is answered, and what becomes of notifications that are none."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from hub.connectors import Switchboard
from hub.domain.delivery import Delivery
from hub.domain.errors import Conflict, Invalid, Unauthentic, Unrecognised
from hub.domain.routing import NO_OPINION, Outgoing, Route
from hub.telephony.providers.zadarma import signature
from tests.standins.zadarma import LINE, SECRET, conversations
from tests.unit.telephony.zadarma.hub_side import CALLER, CLIENT, CONNECTOR, delivery, exchange, facts, settings

ANSWERED = conversations.answered(exchange(), CALLER).told
EVERY = [
    *ANSWERED,
    conversations.in_the_menu(exchange(), CALLER).told[1],
    *conversations.outbound(exchange(), CLIENT).told,
]
START, END = ANSWERED[0], ANSWERED[4]


def names(fields: Mapping[str, str]) -> str:
    return fields["event"]


# ---- signatures ----


def test_a_signature_is_the_base64_of_hex_digits() -> None:
    """Worked out by hand with openssl: printf %s text | openssl dgst -sha1 -hmac secret, its digits in base64."""
    assert signature.of("key", "The quick brown fox jumps over the lazy dog") == (
        "ZGU3YzliODViOGI3OGFhNmJjOGE3YTM2ZjcwYTkwNzAxYzlkYjRkOQ=="
    )


@pytest.mark.parametrize("fields", EVERY, ids=names)
def test_every_event_is_proven_by_the_fields_it_signs(fields: Mapping[str, str]) -> None:
    CONNECTOR.verify(delivery(fields))
    signed = signature.SIGNED[fields["event"]]
    for name in signed:
        with pytest.raises(Unauthentic):
            CONNECTOR.verify(delivery({**fields, name: "changed"}, sign=_proof(fields)))
    swapped = {**fields, signed[0]: fields[signed[1]], signed[1]: fields[signed[0]]}
    if fields[signed[0]] != fields[signed[1]]:
        with pytest.raises(Unauthentic):
            CONNECTOR.verify(delivery(swapped, sign=_proof(fields)))


def _proof(fields: Mapping[str, str]) -> str:
    return delivery(fields).headers["signature"]


@pytest.mark.parametrize(
    "proof",
    ["", "wrong", "ключ", signature.of("another secret", "text"), signature.of(SECRET, ""), _proof(START)[:-1]],
)
def test_any_other_signature_proves_nothing(proof: str) -> None:
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(delivery(START, sign=proof))


def test_a_missing_signature_proves_nothing() -> None:
    bare = delivery(START)
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(Delivery(**{**_parts(bare), "headers": {}}))


def test_an_empty_notification_signed_as_nothing_proves_nothing() -> None:
    for fields in ({"event": "NOTIFY_START"}, {"event": "nothing"}, {}):
        with pytest.raises(Unauthentic):
            CONNECTOR.verify(delivery(fields, sign=signature.of(SECRET, "")))


def test_only_a_form_is_a_notification() -> None:
    """What is read as the statistics are comes from Hub's own question alone."""
    for content_type in ("application/json", "text/plain", ""):
        with pytest.raises(Unauthentic):
            CONNECTOR.verify(delivery(START, content_type=content_type))
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(delivery(START | {f"field {number}": "x" for number in range(200)}, sign=_proof(START)))


def test_an_event_nobody_knows_is_let_in_when_it_is_signed_and_parked() -> None:
    strange = START | {"event": "NOTIFY_TELEPATHY"}
    arrived = delivery(strange, sign=_proof(START))
    CONNECTOR.verify(arrived)
    with pytest.raises(Unrecognised, match="event: got 'NOTIFY_TELEPATHY': expected one of NOTIFY_START"):
        CONNECTOR.translate(arrived)


def _parts(one: Delivery) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Delivery.__dataclass_fields__}


# ---- what is not understood ----


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"event": ""}, "event: got ''"),
        ({"pbx_call_id": ""}, "pbx_call_id: is missing"),
        ({"call_start": ""}, "call_start: got ''"),
        ({"call_start": "yesterday"}, "call_start: got 'yesterday': expected a time such as"),
        ({"call_start": "2026-13-45 99:99:99"}, "call_start: got"),
        ({"call_start": "0001-01-01 00:00:00"}, "call_start: got"),
        ({"call_start": "٢٠٢٦-11-23 ١٢:00:00 "}, "call_start: got"),
    ],
)
def test_what_is_not_understood_is_said(changed: dict[str, str], problem: str) -> None:
    with pytest.raises(Unrecognised, match=problem):
        CONNECTOR.translate(delivery(END | changed))


@pytest.mark.parametrize("length", ["", "-5", "sixty", "9" * 400, "٦٠", "1e3", "90000"])
def test_a_length_that_cannot_be_one_is_none(length: str) -> None:
    assert [fact.data["seconds"] for fact in facts(delivery(END | {"duration": length}))] == [0]


def test_hostile_texts_do_no_harm() -> None:
    (fact,) = facts(delivery(END | {"caller_id": "\x00" + "x" * 5000, "internal": "<script>", "disposition": "\ufffd"}))
    assert len(fact.data["caller"]) <= 200
    assert "\x00" not in fact.data["caller"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, "stats: is missing"),
        ({"stats": [1]}, "stats: is missing"),
        ([], "stats: is missing"),
        ({"stats": [{}]}, "pbx_call_id: is missing"),
        ({"stats": [{"pbx_call_id": "in_1"}]}, "call_start: got"),
    ],
)
def test_statistics_that_are_none_are_told_so(said: Any, problem: str) -> None:
    listed = Delivery(**{**_parts(delivery(START)), "body": json.dumps(said).encode()})
    with pytest.raises(Unrecognised, match=problem):
        CONNECTOR.translate(Delivery(**{**_parts(listed), "content_type": "application/json"}))


# ---- answers ----


class Says(Switchboard):
    def __init__(self, route: Route) -> None:
        self._route = route
        self.asked: list[tuple[str | None, str | None]] = []

    def route(self, caller: str | None, line: str | None) -> Route:
        self.asked.append((caller, line))
        return self._route

    def outgoing(self, extension: str, number: str) -> Outgoing:
        raise Conflict("nobody calls out here")


OWNER = Route(stages=(("101",), ("102", "103")), ring_seconds=20, name="Анна")
GROUP = Route(stages=(("102", "103"),), ring_seconds=20)


@pytest.mark.parametrize(
    ("route", "group", "said"),
    [
        (OWNER, "", {"redirect": "101", "return_timeout": 20, "caller_name": "Анна"}),
        (Route(stages=(("12345-101",),), ring_seconds=1), "", {"redirect": "101", "return_timeout": 3}),
        (GROUP, "", {}),
        (GROUP, "0-1", {"redirect": "0-1"}),
        (Route(stages=(("sip:anna@example.com",),)), "0-1", {}),
        (Route(name="Анна"), "0-1", {"caller_name": "Анна"}),
        (NO_OPINION, "0-1", {}),
    ],
)
@pytest.mark.parametrize("event", ["NOTIFY_START", "NOTIFY_IVR"])
def test_the_answer_says_whom_to_ring(event: str, route: Route, group: str, said: dict[str, Any]) -> None:
    board = Says(route)
    asked = delivery(START | {"event": event}, settings=settings(routing=True, group=group))
    answer = CONNECTOR.answer(asked, board)
    assert answer is not None
    assert json.loads(answer.body) == said
    assert board.asked == [(CALLER, LINE)]


def test_nobody_is_asked_for_other_news_nor_without_routing() -> None:
    board = Says(OWNER)
    routed = settings(routing=True)
    others = [fields for fields in EVERY if fields["event"] not in ("NOTIFY_START", "NOTIFY_IVR")]
    assert [CONNECTOR.answer(delivery(fields, settings=routed), board) for fields in others] == [None] * len(others)
    assert CONNECTOR.answer(delivery(START), board) is None
    assert board.asked == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("zd_echo=2f0a7c", b"2f0a7c"),
        ("x=1&zd_echo=2f-0a_7c", b"2f-0a_7c"),
        ("", None),
        ("zd_echo=", None),
        ("zd_echo=%3Cscript%3E", None),
        ("zd_echo=" + "a" * 300, None),
    ],
)
def test_an_address_that_is_tried_answers_what_it_was_asked(query: str, said: bytes | None) -> None:
    asked = delivery({}, sign="", method="GET", query=query)
    CONNECTOR.verify(asked)
    assert CONNECTOR.is_question(asked)
    answer = CONNECTOR.answer(asked, Says(OWNER))
    assert (answer and answer.body) == said
    assert answer is None or answer.content_type.startswith("text/plain")


# ---- settings and phones ----


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"timezone": "Europe/Nowhere"}, "time zone name"),
        ({"key": "with space"}, "key"),
        ({"key": "with:colon"}, "key"),
        ({"secret": ""}, "secret"),
        ({"group": "everybody"}, "group"),
        ({"api_base": "http://api.zadarma.com"}, "nothing but https"),
        ({"region": "XX"}, "two-letter country code"),
        ({"wrong": "1"}, "wrong"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        settings(**wrong)


@pytest.mark.parametrize("typed", ["101", " 101 ", "12345-101"])
def test_a_phone_is_an_extension_of_three_digits(typed: str) -> None:
    assert CONNECTOR.phone(typed) == "101"


@pytest.mark.parametrize("typed", ["", "10", "1011", "anna", "+442079460123", "١٠١"])
def test_anything_else_is_none(typed: str) -> None:
    with pytest.raises(Invalid, match="expected an extension of three digits"):
        CONNECTOR.phone(typed)


def test_the_address_to_enter_is_the_connections_own() -> None:
    hook = "https://hub.example.org/hooks/main"
    assert list(CONNECTOR.addresses(settings(), hook).values()) == [hook]
