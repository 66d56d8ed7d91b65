"""What conversations over the switch amount to: from records, from events, from both, in any order."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain.delivery import Delivery, Fact
from hub.telephony.calls import Call, fold
from hub.telephony.providers.freeswitch import FreeSwitchConnector, FreeSwitchSettings
from tests.standins.freeswitch import conversations
from tests.standins.freeswitch.channels import Channel, posted
from tests.standins.freeswitch.conversations import LINE, Conversation

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CLIENT = "442079460123"
SWITCH = FreeSwitchConnector()
SETTINGS = FreeSwitchSettings(region="GB", lines=(f"+{LINE}",))
CLICK = "5d0f7f7e-56a7-5be4-8df5-3f3e3fbe3c11"
HELD: dict[str, Callable[[], Conversation]] = {
    "answered": lambda: conversations.answered(MONDAY, CLIENT),
    "gave up": lambda: conversations.gave_up(MONDAY, CLIENT),
    "withheld": lambda: conversations.gave_up(MONDAY, "anonymous"),
    "rang out": lambda: conversations.rang_out(MONDAY, CLIENT),
    "declined": lambda: conversations.rang_out(MONDAY, CLIENT, "CALL_REJECTED", "declined"),
    "phone busy": lambda: conversations.rang_out(MONDAY, CLIENT, "USER_BUSY", "phone busy"),
    "phone offline": lambda: conversations.rang_out(MONDAY, CLIENT, "USER_NOT_REGISTERED", "phone offline"),
    "voicemail": lambda: conversations.voicemail(MONDAY, CLIENT),
    "sent on": lambda: conversations.sent_on(MONDAY, CLIENT),
    "put through": lambda: conversations.put_through(MONDAY, CLIENT),
    "outbound": lambda: conversations.outbound(MONDAY, CLIENT),
    "busy": lambda: conversations.unreached(MONDAY, CLIENT, "USER_BUSY", "busy"),
    "rejected": lambda: conversations.unreached(MONDAY, CLIENT, "CALL_REJECTED", "rejected"),
    "no answer": lambda: conversations.unreached(MONDAY, CLIENT, "NO_ANSWER", "no_answer"),
    "no such number": lambda: conversations.unreached(MONDAY, CLIENT, "UNALLOCATED_NUMBER", "failed"),
    "we gave up": lambda: conversations.unreached(MONDAY, CLIENT, "ORIGINATOR_CANCEL", "cancelled"),
    "internal": lambda: conversations.internal(MONDAY),
    "clicked": lambda: conversations.clicked(MONDAY, CLIENT, CLICK, "a-click"),
}
every_conversation = pytest.mark.parametrize("make", HELD.values(), ids=HELD)


def delivered(body: bytes, content_type: str) -> list[Fact]:
    delivery = Delivery(connection_id=1, body=body, content_type=content_type, received_at=MONDAY, settings=SETTINGS)
    return [one for one in SWITCH.translate(delivery) if isinstance(one, Fact)]


def recorded(legs: Iterable[Channel], *, encoded: bool = True, encode: str = "false") -> list[Fact]:
    return [one for leg in legs for one in delivered(*posted(leg.record(encoded=encoded), encode))]


def heard(events: Iterable[dict[str, str]]) -> list[Fact]:
    lines = (json.dumps({"at": MONDAY.isoformat(), "event": event}).encode() for event in events)
    return delivered(b"\n".join(lines), "application/x-ndjson")


def call(facts: Iterable[Fact]) -> Call:
    events = SWITCH.interpret(list(facts), SETTINGS)
    assert len({event.call for event in events}) == 1
    return fold(events)


def said(one: Call) -> dict[str, Any]:
    """A call beside the names the truths use."""
    shown = asdict(one) | {"phones": {leg.extension: leg.outcome for leg in one.legs}}
    number = f"+{one.number.lstrip('+')}" if one.number else None
    line = f"+{one.line.lstrip('+')}" if one.line else None
    return shown | {"external_number": number, "line": line}


def wrong(conversation: Conversation, one: Call) -> dict[str, tuple[Any, Any]]:
    shown = said(one)
    return {name: (shown[name], true) for name, true in conversation.truth.items() if shown[name] != true}


@every_conversation
def test_records_in_any_order_and_told_twice_are_one_right_call(make: Callable[[], Conversation]) -> None:
    held = make()
    told = recorded(held.legs)
    first = call(told)
    assert wrong(held, first) == {}
    assert first.id == held.call
    luck = random.Random(7)
    for _ in range(5):
        again = [*told, *luck.sample(told, len(told) // 2)]
        luck.shuffle(again)
        assert call(again) == first


@every_conversation
def test_every_encoding_of_the_module_tells_the_same(make: Callable[[], Conversation]) -> None:
    held = make()
    ways = [(encoded, encode) for encoded in (True, False) for encode in ("false", "true", "base64")]
    calls = [call(recorded(held.legs, encoded=encoded, encode=encode)) for encoded, encode in ways]
    assert all(one == calls[0] for one in calls)


@every_conversation
def test_events_and_records_tell_of_the_same_call(make: Callable[[], Conversation]) -> None:
    held = make()
    live = call(heard(held.events()))
    ignored = {"reason", "outcome"} if held.truth["outcome"] == "voicemail" else set()
    assert {name: both for name, both in wrong(held, live).items() if name not in ignored} == {}
    both = [*heard(held.events()), *recorded(held.legs)]
    assert wrong(held, call(both)) == {}
    assert call(both) == call(both[::-1])
    assert call(both).id == live.id == held.call


@every_conversation
def test_at_every_moment_what_was_heard_is_a_call_under_the_same_id(make: Callable[[], Conversation]) -> None:
    held = make()
    events = held.events()
    for heard_so_far in range(1, len(events) + 1):
        one = call(heard(events[:heard_so_far]))
        assert one.id == held.call
        assert (one.ended_at is not None) == (heard_so_far == len(events))
