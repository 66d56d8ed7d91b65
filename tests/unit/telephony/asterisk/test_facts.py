"""What of a delivery is kept, and what is said of one nobody understands."""

import json

import pytest

from hub.domain.errors import Unrecognised
from hub.telephony.providers.asterisk import keeps
from tests.unit.telephony.asterisk.captures import CAPTURES, TABLE, Capture, facts_of

SHARE_READ = 0.35
"""Of all manager events of a call at most this share is stored; most say what the interpreter does not read."""


@pytest.mark.parametrize("capture", CAPTURES, ids=str)
def test_most_of_what_a_pbx_says_is_not_stored(capture: Capture) -> None:
    events = sum(b'"event"' in line for line in capture.lines)
    assert len(capture.facts) <= SHARE_READ * events
    assert all(len(json.dumps(dict(fact.data))) < 700 for fact in capture.facts)


@pytest.mark.parametrize("capture", CAPTURES, ids=str)
def test_a_listener_that_drops_what_is_not_kept_loses_nothing(capture: Capture) -> None:
    kept = [line for line in capture.lines if (event := json.loads(line).get("event")) and keeps(event)]
    assert facts_of(b"\n".join(kept)) == capture.facts


def test_a_fact_names_every_channel_and_group_of_its_event() -> None:
    capture = Capture("07-inbound-attended-transfer")
    (transfer,) = [fact for fact in capture.facts if fact.data.get("Event") == "AttendedTransfer"]
    assert transfer.nodes == {"1795314100.33", "1795314100.34", "1795314105.35", "1795314105.36"}


def test_a_click_to_call_and_the_answer_to_its_originate_belong_together() -> None:
    capture = Capture("11-click-to-call-agent-no-answer")
    tied = [fact.data["Event"] for fact in capture.facts if "request:c2c-1003" in fact.nodes]
    assert tied == ["VarSet", "OriginateResponse"]


def originate_response(response: str, unique_id: str) -> bytes:
    event = {"Event": "OriginateResponse", "ActionID": "1", "Response": response, "Uniqueid": unique_id}
    return json.dumps({"at": "2026-11-22T10:00:00Z", "event": event}).encode()


def test_calls_of_a_program_that_names_all_its_requests_alike_stay_apart() -> None:
    first, second = facts_of(originate_response("Success", "1.1")), facts_of(originate_response("Success", "1.2"))
    assert [fact.nodes for fact in (*first, *second)] == [{"1.1"}, {"1.2"}]


@pytest.mark.parametrize("unknown", ["<unknown>", "<null>", "(null)"])
def test_a_channel_that_was_never_made_has_no_id(unknown: str) -> None:
    (fact,) = facts_of(originate_response("Failure", unknown))
    assert fact.nodes == {"request:1"}


def test_other_lines_of_a_capture_are_understood_and_say_nothing() -> None:
    lines = [
        {"banner": "Asterisk Call Manager/11"},
        {"sent": {"Action": "Ping"}},
        {"note": "x"},
        {"disconnected": True},
    ]
    assert facts_of(b"\n".join(json.dumps(line).encode() for line in lines)) == []


def test_events_nobody_reads_are_no_error() -> None:
    assert facts_of(b'{"at": "2026-11-22T10:00:00Z", "event": {"Event": "FutureEvent", "Uniqueid": "1.1"}}') == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "line 1 is not JSON"),
        (b'{"event": {"Event": "Hangup"}}\n[]', "line 2: neither"),
        (b'"text"', "line 1: neither"),
        (b'{"event": {"no": "name"}}', "line 1: neither"),
        (b'{"event": "Hangup"}', "line 1: neither"),
        (b'{"at": "yesterday", "event": {"Event": "Hangup", "Uniqueid": "1.1"}}', "'yesterday' is no time"),
        (b'{"at": "2026-11-22T10:00:00", "event": {"Event": "Hangup", "Uniqueid": "1.1"}}', "is no time"),
        (b'{"event": {"Event": "HubGap", "Linkedid": "1.1"}}', "line 1: a gap without its two moments"),
        (b'{"eventtype": "HANGUP"}', "line 1: a row without the columns"),
        (
            b'{"eventtype": "HANGUP", "eventtime": "soon", "uniqueid": "1.1", "linkedid": "1.1"}',
            "line 1: 'soon' is no time",
        ),
        (b"[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_a_line_nobody_understands_parks_the_delivery(body: bytes, reason: str) -> None:
    with pytest.raises(Unrecognised, match=reason):
        facts_of(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"name,number\nAnn,1\n", "line 1: not the columns of a CEL or CDR table: name, number"),
        (b"eventtype,eventtime,uniqueid\nHANGUP,2026-11-22 10:00:00,1.1\n", "line 1: not the columns"),
        (b"eventtype,eventtime,uniqueid,linkedid\nHANGUP,later,1.1,1.1\n", "line 2: 'later' is no time"),
        (b"calldate,channel,disposition\n0000-00-00 00:00:00,SIP/1-1,ANSWERED\n", "line 2"),
        (b"x", "line 1: not the columns"),
    ],
)
def test_a_table_nobody_knows_parks_the_delivery(body: bytes, reason: str) -> None:
    with pytest.raises(Unrecognised, match=reason):
        facts_of(body, TABLE)


@pytest.mark.parametrize(
    "head",
    [
        b"EventType,EventTime,UniqueID,LinkedID,ChanName",
        b'"eventtype";"eventtime";"uniqueid";"linkedid";"channame"',
        b"\xef\xbb\xbfeventtype\teventtime\tuniqueid\tlinkedid\tchanname",
        b" eventtype | eventtime | uniqueid | linkedid | channame ",
    ],
)
def test_columns_are_known_by_name_however_they_are_set_apart(head: bytes) -> None:
    mark = next(mark for mark in (b",", b";", b"\t", b"|") if mark in head)
    row = mark.join([b"HANGUP", b"2026-11-22 10:00:00", b"1.1", b"1.1", b"SIP/101-01"])
    (fact,) = facts_of(head + b"\n" + row + b"\n", TABLE)
    assert dict(fact.data) == {
        "eventtype": "HANGUP",
        "uniqueid": "1.1",
        "linkedid": "1.1",
        "channame": "SIP/101-01",
    }


def test_cel_custom_needs_no_header() -> None:
    row = (
        '"CHAN_START","2026-11-22 10:00:00.1","","+12025550123","","","","442079460000","from-trunk","PJSIP/op-1","",'
        '"","3","","1.1","1.1","","","",""'
    )
    (fact,) = facts_of(row.encode(), TABLE)
    assert (fact.data["eventtype"], fact.data["cid_num"]) == ("CHAN_START", "+12025550123")
    assert fact.nodes == {"1.1"}


def test_odd_values_are_made_harmless() -> None:
    event = {
        "Event": "Newchannel",
        "Uniqueid": ["1.1", "1.2"],
        "Channel": "PJSIP/\x00op\ud800-1",
        "CallerIDNum": {"nested": True},
        "CallerIDName": "x" * 5000,
        "Exten": 441,
        "Context": None,
    }
    (fact,) = facts_of(json.dumps({"at": "2026-11-22T10:00:00Z", "event": event}).encode())
    assert fact.nodes == {"1.1"}
    assert fact.data["Channel"] == "PJSIP/\ufffdop\ufffd-1"
    assert (fact.data["Exten"], len(fact.data["CallerIDName"]), "CallerIDNum" in fact.data) == ("441", 300, False)
