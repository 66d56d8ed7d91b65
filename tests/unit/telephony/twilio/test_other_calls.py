"""Calls that are told in part, strangely, or by somebody else's instructions."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.domain.calls import CallState, Direction, Outcome, Party, Via
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.domain.identity import PhoneNumber
from tests.standins.twilio.conversations import ANNA, BORIS, CLIENT, LINE
from tests.standins.twilio.exchange import ACCOUNT
from tests.unit.telephony.twilio.hub_side import CONNECTOR, FORM, MONDAY, call_of, facts, settings

PARENT, CHILD, OTHER = (f"CA{number:032x}" for number in (1, 2, 3))
RECORDING = f"RE{9:032x}"


def at(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


def told(path: str, fields: dict[str, str], seconds: float = 0, query: str = "") -> list[Fact]:
    body = urlencode({"AccountSid": ACCOUNT} | fields).encode()
    return facts(
        Delivery(
            connection_id=1,
            body=body,
            content_type=FORM,
            path=path,
            query=query,
            received_at=at(seconds),
            settings=settings(),
        )
    )


def leg(sid: str, status: str, seconds: float | None, **more: str) -> list[Fact]:
    """A status callback; `seconds` None: without a time of its own, long after."""
    stamp = {} if seconds is None else {"Timestamp": format_datetime(at(seconds))}
    plain = {"CallSid": sid, "CallStatus": status, "CallbackSource": "call-progress-events"} | stamp
    return told(more.pop("path", "leg"), plain | more, 600 if seconds is None else seconds, more.pop("query", "of=in"))


def inbound(status: str, seconds: float | None, **more: str) -> list[Fact]:
    plain = {"From": CLIENT, "To": LINE, "Direction": "inbound", "path": "status", "query": ""}
    return leg(PARENT, status, seconds, **(plain | more))


def child(sid: str, status: str, seconds: float | None, **more: str) -> list[Fact]:
    return leg(sid, status, seconds, **({"ParentCallSid": PARENT, "To": ANNA, "Direction": "outbound-dial"} | more))


def test_a_call_first_heard_of_at_its_end_began_before_it() -> None:
    call = call_of(inbound("completed", 90, CallDuration="70"))
    assert (call.direction, call.outcome, call.number) == (Direction.INBOUND, Outcome.MISSED, CLIENT)
    assert (call.started_at, call.ended_at) == (at(20), at(90))
    assert call.reason == "no phone was called"


def test_a_parent_that_is_in_progress_or_completed_is_no_answer() -> None:
    going = call_of([*inbound("ringing", 0), *inbound("in-progress", 1)])
    assert (going.state, going.answered_at) == (CallState.RINGING, None)
    over = call_of([*inbound("in-progress", 1), *child(CHILD, "no-answer", 20), *inbound("completed", 30)])
    assert (over.outcome, over.talk_seconds, over.answered_at) == (Outcome.MISSED, 0.0, None)


def test_a_leg_known_by_its_end_alone_talked_as_long_as_that_says() -> None:
    call = call_of(
        [*inbound("ringing", 0), *child(CHILD, "completed", 50, CallDuration="42"), *inbound("completed", 50)]
    )
    assert (call.outcome, call.answered_at, call.talk_seconds) == (Outcome.ANSWERED, at(8), 42.0)


def test_a_ringing_that_comes_after_the_end_and_without_a_time_changes_no_length() -> None:
    known = [*inbound("ringing", 0), *child(CHILD, "ringing", 1), *child(CHILD, "in-progress", 5)]
    known += [*child(CHILD, "completed", 65, CallDuration="60"), *inbound("completed", 65)]
    late = [*child(CHILD, "ringing", None), *child(CHILD, "in-progress", None), *inbound("ringing", None)]
    assert call_of([*known, *late]) == call_of(known)
    (only,) = call_of([*inbound("ringing", 0), *late, *child(CHILD, "completed", 65), *inbound("completed", 65)]).legs
    assert only.rang_at is not None
    assert only.rang_at <= at(65)


def test_children_heard_of_before_their_parent_wait_for_it() -> None:
    early = call_of([*child(CHILD, "ringing", 1), *child(CHILD, "in-progress", 5)])
    assert (early.id, early.state) == (PARENT, CallState.TALKING)
    assert [leg.extension for leg in early.legs] == [ANNA]


def test_the_end_of_a_talk_is_told_by_its_dial_where_no_status_is() -> None:
    """The number's status address was not entered: Hub told Twilio to hang up, so it is over."""
    dialled = {"CallSid": PARENT, "CallStatus": "in-progress", "DialCallSid": CHILD, "From": CLIENT, "To": LINE}
    dialled |= {"DialCallStatus": "completed", "DialCallDuration": "30", "DialBridged": "true", "Direction": "inbound"}
    call = call_of(
        [*inbound("ringing", 0, path="voice"), *child(CHILD, "in-progress", 5), *told("dialled", dialled, 35)]
    )
    assert (call.state, call.outcome, call.hung_up_by) == (CallState.ENDED, Outcome.ANSWERED, Party.US)
    assert (call.ended_at, call.talk_seconds) == (at(35), 30.0)


def test_whoever_picked_up_too_late_talked_with_nobody() -> None:
    dialled = {"CallSid": PARENT, "CallStatus": "completed", "DialCallSid": CHILD, "DialCallStatus": "completed"}
    dialled |= {"DialCallDuration": "1", "DialBridged": "false", "From": CLIENT, "To": LINE, "Direction": "inbound"}
    said = [*inbound("ringing", 0), *child(CHILD, "in-progress", 9), *child(CHILD, "completed", 10)]
    call = call_of([*said, *told("dialled", dialled, 10), *inbound("completed", 10)])
    assert (call.outcome, call.hung_up_by, call.talk_seconds) == (Outcome.MISSED, Party.CLIENT, 0.0)


def test_a_client_sent_on_from_a_click_to_call_goes_on_talking() -> None:
    """The client's leg is redirected: the phone that placed the call is out, the next is under the client's leg."""
    out = {"query": "of=out&req=click-1", "path": "status"}
    mine = {"From": LINE, "To": ANNA, "Direction": "outbound-api"}
    said = [*leg(PARENT, "in-progress", 3, **(mine | out)), *leg(PARENT, "completed", 30, **(mine | out))]
    client = {"To": CLIENT, "From": LINE, "query": "of=out&req=click-1"}
    said += [*child(CHILD, "ringing", 4, **client), *child(CHILD, "in-progress", 10, **client)]
    next_one = {"To": BORIS, "ParentCallSid": CHILD, "query": "as=transfer"}
    open_still = call_of([*said, *child(OTHER, "ringing", 31, **next_one)])
    assert open_still.state is CallState.TALKING
    said += [*child(OTHER, "ringing", 31, **next_one), *child(OTHER, "in-progress", 36, **next_one)]
    said += [*child(OTHER, "completed", 76, **next_one), *child(CHILD, "completed", 77, **client)]
    call = call_of(said)
    assert (call.id, call.number, call.initiated_by, call.request) == (PARENT, CLIENT, ANNA, "click-1")
    assert [(leg.extension, leg.via, leg.talk_seconds) for leg in call.legs] == [(BORIS, Via.TRANSFER_BLIND, 40.0)]
    assert (call.talk_seconds, call.ended_at) == (60.0, at(77))


def test_a_transfer_by_somebody_elses_instructions_is_one_all_the_same() -> None:
    said = [*inbound("ringing", 0), *child(CHILD, "in-progress", 5), *child(CHILD, "completed", 20)]
    said += [*child(OTHER, "in-progress", 25, To=BORIS), *child(OTHER, "completed", 40), *inbound("completed", 40)]
    assert [leg.via for leg in call_of(said).legs] == [Via.DIRECT, Via.TRANSFER_BLIND]


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("anonymous", None),
        ("Restricted", None),
        ("+266696687", None),
        ("", None),
        ("sip:bob@203.0.113.9", "sip:bob@203.0.113.9"),
    ],
)
def test_a_caller_without_a_number_is_nobody(caller: str, shown: str | None) -> None:
    call = call_of(inbound("ringing", 0, From=caller, path="voice"))
    assert call.number == shown
    assert PhoneNumber.parse(call.number, "GB").e164 is None


def test_a_browser_that_calls_one_of_our_numbers_is_no_client() -> None:
    call = call_of(inbound("ringing", 0, From="client:anna", path="voice"))
    assert PhoneNumber.parse(call.number, "GB").e164 is None


def test_a_recording_is_named_by_its_own_id_and_one_that_is_absent_is_none() -> None:
    made = {"CallSid": PARENT, "RecordingSid": RECORDING, "RecordingDuration": "57", "RecordingSource": "DialVerb"}
    said = [*inbound("ringing", 0), *inbound("completed", 60)]
    whole = call_of([*said, *told("recording", made | {"RecordingStatus": "completed"}, 70)])
    assert (whole.recordings, whole.outcome) == ((RECORDING,), Outcome.MISSED)
    absent = told("recording", made | {"RecordingStatus": "absent", "RecordingDuration": "-1"}, 70)
    assert absent == []
    assert call_of([*said, *absent]).recordings == ()


def test_a_message_of_no_length_is_none() -> None:
    empty = {"CallSid": PARENT, "RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingDuration": "0"}
    assert told("voicemail", empty | {"RecordingSource": "RecordVerb"}) == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "CallSid ''"),
        ({"CallSid": "CA12"}, "CallSid 'CA12'"),
        ({"CallSid": PARENT}, "status None"),
        ({"CallSid": PARENT, "CallStatus": "dreaming"}, "status 'dreaming'"),
        ({"CallSid": PARENT, "RecordingSid": "RE1", "RecordingStatus": "completed"}, "RecordingSid 'RE1'"),
    ],
)
def test_what_is_not_known_is_said_aloud(fields: dict[str, str], why: str) -> None:
    with pytest.raises(Unrecognised, match=why):
        told("status", fields)


@pytest.mark.parametrize(
    "stamp", ["yesterday", "Mon, 99 Foo 2026 10:00:00 +0000", "Mon, 01 Jan 1066 00:00:00 +0000", ""]
)
def test_a_time_that_is_none_gives_way_to_the_time_of_arrival(stamp: str) -> None:
    fields = {"CallSid": PARENT, "CallStatus": "ringing", "From": CLIENT, "To": LINE, "Direction": "inbound"}
    assert call_of(told("status", fields | {"Timestamp": stamp}, 7)).started_at == at(7)


def test_numbers_words_and_marks_in_odd_places_are_only_text() -> None:
    odd: dict[str, Any] = {"From": "+380671234567\x00\ud800", "To": "x" * 5000, "CallerName": "<b>\x07"}
    fields = {name: str(value).encode("utf-8", "replace").decode() for name, value in odd.items()}
    call = call_of(inbound("ringing", 0, **fields))
    assert "\x00" not in str(call)
    assert len(str(call.line)) <= 1000


def test_two_deliveries_have_one_key_when_they_say_the_same() -> None:
    def key(fields: dict[str, str], path: str = "leg", **headers: str) -> str:
        body = urlencode(fields).encode()
        plain = {"connection_id": 1, "content_type": FORM, "received_at": MONDAY, "settings": settings()}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return CONNECTOR.key(Delivery(body=body, path=path, headers=sent, **plain))  # type: ignore[arg-type]  # as named

    said = {"CallSid": CHILD, "CallStatus": "ringing", "SequenceNumber": "1"}
    assert key(said) == key(said | {"Extra": "1"})
    assert key(said) != key(said | {"SequenceNumber": "2"})
    assert key(said, i_twilio_idempotency_token="t") == key({"CallSid": CHILD}, i_twilio_idempotency_token="t")
    assert key({"CallSid": CHILD, "CallStatus": "ringing"}) != key(
        {"CallSid": CHILD, "CallStatus": "ringing", "A": "1"}
    )
    recorded = {"CallSid": PARENT, "RecordingSid": RECORDING, "RecordingStatus": "completed"}
    assert key(recorded, "recording") == key(recorded | {"RecordingDuration": "3"}, "recording")
    assert key(recorded, "recording") != key(recorded, "voicemail")
