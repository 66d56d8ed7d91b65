"""What Twilio is answered while somebody waits on the line."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from hub.connectors import Answer
from hub.domain.routing import NO_OPINION, RecordRule, Route
from tests.standins.twilio.conversations import ANNA, BORIS, CLIENT, EVA, LINE
from tests.standins.twilio.exchange import ACCOUNT
from tests.standins.twilio.http import without_fragment
from tests.unit.telephony.twilio.hub_side import CONNECTOR, HOOK, MONDAY, Board, arrived, settings

CALL = {"AccountSid": ACCOUNT, "CallSid": f"CA{1:032x}", "CallStatus": "ringing", "Direction": "inbound"}
INBOUND = CALL | {"From": CLIENT, "To": LINE}
ROUTE = Route(stages=((ANNA,), (BORIS, EVA)), ring_seconds=20, voicemail=True, name="Ann Example")
MINUTE = 60


def answered(door: str, fields: dict[str, str], board: Board | None = None, **more: Any) -> Answer | None:
    delivery = arrived(f"{HOOK}/{door}", fields, settings=settings(**more), at=MONDAY)
    CONNECTOR.verify(delivery)
    return CONNECTOR.answer(delivery, board or Board(ROUTE))


def told_to(door: str, fields: dict[str, str], board: Board | None = None, **more: Any) -> ET.Element:
    answer = answered(door, fields, board, **more)
    assert answer is not None
    assert answer.content_type == "text/xml"
    return ET.fromstring(answer.body)  # noqa: S314 - Hub's own


def verbs(script: ET.Element) -> list[str]:
    return [verb.tag for verb in script]


def one(script: ET.Element, path: str) -> ET.Element:
    (found,) = script.findall(path)
    return found


def context(address: str | None) -> dict[str, str]:
    """What an address of ours says; it asks to be tried again."""
    parts = urlsplit(address or "")
    assert parts.fragment == "rc=3&rt=4000&rp=5xx,ct,rt"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def door_of(address: str | None) -> str:
    return urlsplit(address or "").path.rpartition("/")[2]


# ---- somebody calls us ----


def test_the_first_stage_rings_and_the_rest_stands_in_the_next_address() -> None:
    board = Board(ROUTE)
    script = told_to("voice", INBOUND, board)
    dial = one(script, "Dial")
    assert board.asked == [(CLIENT, LINE)]
    assert verbs(script) == ["Dial"]
    assert (dial.get("answerOnBridge"), dial.get("timeout"), dial.get("record"), dial.get("callerId")) == (
        "true",
        "20",
        None,
        None,
    )
    assert door_of(dial.get("action")) == "dialled"
    assert context(dial.get("action")) == {"of": "in", "next": f"{BORIS},{EVA}", "ring": "20", "vm": "1"}
    client = one(dial, "Client")
    assert client.findtext("Identity") == "anna"
    assert one(client, "Parameter").attrib == {"name": "name", "value": "Ann Example"}


def test_every_kind_of_phone_is_called_as_what_it_is_and_tells_of_every_step() -> None:
    script = told_to("voice", INBOUND, Board(Route(stages=((ANNA, BORIS, EVA),))))
    phones = list(one(script, "Dial"))
    assert [(phone.tag, (phone.text or "").strip()) for phone in phones] == [
        ("Client", ""),
        ("Sip", BORIS),
        ("Number", EVA),
    ]
    for phone in phones:
        assert phone.get("statusCallbackEvent") == "initiated ringing answered completed"
        assert door_of(phone.get("statusCallback")) == "leg"
        assert context(phone.get("statusCallback")) == {"of": "in"}


def test_no_more_than_ten_phones_ring_at_once() -> None:
    many = tuple(f"client:phone{number}" for number in range(14))
    assert len(one(told_to("voice", INBOUND, Board(Route(stages=(many,)))), "Dial")) == 10


def test_nobody_answered_so_the_next_stage_rings_then_messages_are_taken() -> None:
    first = told_to("voice", INBOUND)
    after_first = without_fragment(one(first, "Dial").get("action") or "").removeprefix(f"{HOOK}/")
    unanswered = INBOUND | {"DialCallStatus": "no-answer", "DialCallSid": f"CA{2:032x}"}
    second = one(told_to(after_first, unanswered), "Dial")
    assert [phone.tag for phone in second] == ["Sip", "Number"]
    after_second = without_fragment(second.get("action") or "").removeprefix(f"{HOOK}/")
    script = told_to(after_second, unanswered)
    assert verbs(script) == ["Say", "Record", "Hangup"]
    record = one(script, "Record")
    assert (record.get("maxLength"), record.get("playBeep")) == ("120", "true")
    assert {door_of(record.get("action")), door_of(record.get("recordingStatusCallback"))} == {"voicemail"}


@pytest.mark.parametrize("status", ["completed", "answered"])
def test_after_a_talk_it_is_over(status: str) -> None:
    script = told_to("dialled?of=in&next=client%3Aeva&ring=20&vm=1", INBOUND | {"DialCallStatus": status})
    assert verbs(script) == ["Hangup"]


def test_a_caller_who_left_is_rung_no_further() -> None:
    gone = INBOUND | {"DialCallStatus": "canceled", "CallStatus": "completed"}
    assert verbs(told_to("dialled?of=in&next=client%3Aeva&ring=20&vm=1", gone)) == ["Hangup"]


def test_where_no_messages_are_taken_the_caller_is_told_so() -> None:
    script = told_to("dialled?of=in&ring=20", INBOUND | {"DialCallStatus": "no-answer"})
    assert verbs(script) == ["Say", "Hangup"]
    assert one(script, "Say").text == "Nobody can take your call now. Please call again later."


def test_outside_business_hours_messages_are_taken_at_once() -> None:
    assert verbs(told_to("voice", INBOUND, Board(replace(ROUTE, open=False)))) == ["Say", "Record", "Hangup"]
    assert verbs(told_to("voice", INBOUND, Board(replace(ROUTE, open=False, voicemail=False)))) == ["Dial"]


def test_without_an_opinion_the_phone_named_for_that_rings() -> None:
    assert verbs(told_to("voice", INBOUND, Board(NO_OPINION))) == ["Say", "Hangup"]
    script = told_to("voice", INBOUND, Board(NO_OPINION), fallback_phone=EVA)
    assert one(script, "Dial/Number").text == EVA


@pytest.mark.parametrize(("rule", "said"), [(RecordRule.ANNOUNCED, ["Say", "Dial"]), (RecordRule.ALWAYS, ["Dial"])])
def test_calls_are_recorded_as_the_line_says_and_the_caller_is_told_first(rule: RecordRule, said: list[str]) -> None:
    script = told_to("voice", INBOUND, Board(replace(ROUTE, record=rule)))
    dial = one(script, "Dial")
    assert verbs(script) == said
    assert dial.get("record") == "record-from-answer-dual"
    assert door_of(dial.get("recordingStatusCallback")) == "recording"
    assert dial.get("recordingStatusCallbackEvent") == "completed absent"
    again = without_fragment(dial.get("action") or "").removeprefix(f"{HOOK}/")
    following = told_to(again, INBOUND | {"DialCallStatus": "busy"})
    assert verbs(following) == ["Dial"], "told once"
    assert one(following, "Dial").get("record") == "record-from-answer-dual"


@pytest.mark.parametrize("caller", ["anonymous", "sip:bob@203.0.113.9", "client:anna", ""])
def test_a_caller_without_a_number_is_shown_as_our_line(caller: str) -> None:
    assert one(told_to("voice", INBOUND | {"From": caller}), "Dial").get("callerId") == LINE


def test_the_texts_are_read_in_the_companys_own_language() -> None:
    own = {"language": "uk-UA", "nobody_there": "Зараз нікого немає & <пізніше>"}
    say = one(told_to("voice", INBOUND, Board(NO_OPINION), **own), "Say")
    assert (say.get("language"), say.text) == ("uk-UA", "Зараз нікого немає & <пізніше>")
    assert verbs(told_to("voice", INBOUND, Board(NO_OPINION), nobody_there="")) == ["Hangup"]


@pytest.mark.parametrize("query", ["ring=soon&rec=loudly&vm=1", "ring=99999&rec=&vm=1", ""])
def test_an_address_that_was_written_by_hand_breaks_nothing(query: str) -> None:
    script = told_to(f"dialled?of=in&next=client%3Aeva&{query}", INBOUND | {"DialCallStatus": "no-answer"})
    assert one(script, "Dial").get("timeout") == "25"


# ---- we call somebody ----

PICKED_UP = CALL | {"From": LINE, "To": ANNA, "Direction": "outbound-api", "CallStatus": "in-progress"}
CONNECT = "connect?of=out&req=click-1&to=%2B12025550123&line=%2B442079460000"


def test_whoever_picked_up_is_joined_with_the_client() -> None:
    board = Board(ROUTE)
    dial = one(told_to(CONNECT, PICKED_UP, board), "Dial")
    number = one(dial, "Number")
    assert board.asked == [(ANNA, CLIENT)]
    assert (dial.get("callerId"), number.text, number.get("url")) == (LINE, CLIENT, None)
    assert context(dial.get("action")) == context(number.get("statusCallback")) == {"of": "out", "req": "click-1"}


def test_a_phone_that_is_nobodys_here_is_joined_all_the_same() -> None:
    dial = one(told_to(CONNECT, PICKED_UP, Board(ROUTE, refusal="nobody's phone")), "Dial")
    assert (dial.get("callerId"), one(dial, "Number").text) == (LINE, CLIENT)


def test_a_telephone_must_press_one_before_the_client_is_called() -> None:
    by_telephone = PICKED_UP | {"To": EVA}
    script = told_to(CONNECT, by_telephone)
    assert verbs(script) == ["Gather", "Hangup"]
    again = without_fragment(one(script, "Gather").get("action") or "").removeprefix(f"{HOOK}/")
    assert verbs(told_to(again, by_telephone | {"Digits": "5"})) == ["Hangup"]
    assert one(told_to(again, by_telephone | {"Digits": "1"}), "Dial/Number").text == CLIENT
    assert verbs(told_to(CONNECT, by_telephone, press_one="no")) == ["Dial"]


def test_a_client_is_told_of_the_recording_when_they_pick_up() -> None:
    number = one(told_to(CONNECT, PICKED_UP, Board(ROUTE, record=RecordRule.ANNOUNCED)), "Dial/Number")
    assert door_of(number.get("url")) == "notice"
    assert verbs(told_to("notice", CALL)) == ["Say"]


def test_after_a_click_to_call_nothing_else_rings() -> None:
    assert verbs(told_to("dialled?of=out&req=click-1", PICKED_UP | {"DialCallStatus": "busy"})) == ["Hangup"]


def test_a_browsers_wish_is_checked_again_here() -> None:
    by_browser = CALL | {"From": ANNA, "To": "020 7946 0123"}
    board = Board(ROUTE, record=RecordRule.ALWAYS)
    dial = one(told_to("outgoing", by_browser, board), "Dial")
    assert board.asked == [(ANNA, "020 7946 0123")]
    assert (dial.get("callerId"), dial.get("record")) == (LINE, "record-from-answer-dual")
    refused = told_to("outgoing", by_browser, Board(ROUTE, refusal="this client asked not to be called"))
    assert verbs(refused) == ["Say", "Hangup"]
    assert one(refused, "Say").text == "this client asked not to be called"


# ---- somebody is put through ----


def test_whoever_is_on_the_line_is_put_through() -> None:
    dial = one(told_to("transfer?to=client%3Aanna", INBOUND), "Dial")
    assert context(one(dial, "Client").get("statusCallback")) == {"as": "transfer"}
    assert verbs(told_to("dialled?as=transfer", INBOUND | {"DialCallStatus": "busy"})) == ["Hangup"]


@pytest.mark.parametrize("to", ["", "101", "client:", "sip:nobody"])
def test_nobody_is_put_through_to_what_is_no_phone(to: str) -> None:
    assert verbs(told_to(f"transfer?to={to}", INBOUND)) == ["Say", "Hangup"]


# ---- only told ----


@pytest.mark.parametrize("door", ["leg?of=in", "status", "recording", "", "anything/else"])
def test_where_twilio_only_tells_there_is_nothing_to_answer(door: str) -> None:
    assert answered(door, INBOUND) is None


def test_the_addresses_to_enter_at_twilio() -> None:
    told = CONNECTOR.addresses(settings(), "http://127.0.0.1:8000/hooks/main")
    assert {door_of(address) for address in told.values()} == {"voice", "status", "outgoing"}
    assert all(address.startswith(f"{HOOK}/") for address in told.values())
