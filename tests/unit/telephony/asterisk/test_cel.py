"""History from CEL rows alone, of the same calls: what CEL can tell is right, and what it cannot is known."""

import csv
import io
import json
import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.calls import Direction, Outcome, Party
from hub.telephony.calls import Call
from hub.telephony.providers.asterisk import AsteriskSettings
from tests.unit.telephony.asterisk.captures import (
    CAPTURES,
    ENDED_BY,
    NEVER_KNOWN_LINE,
    TABLE,
    Capture,
    calls_of,
    facts_of,
    only_call,
)

CANNOT_TELL_RINGING = {"11b-click-to-call-customer-busy"}
"""The client's phone rang before it was busy; CEL shows a channel that ended busy."""
CANNOT_TELL_PHONES = {"03c-inbound-phone-offline"}
"""A phone that is not registered has no channel, so no row."""

every_capture = pytest.mark.parametrize("capture", CAPTURES, ids=str)


@pytest.fixture
def call(capture: Capture) -> Call:
    return capture.call("cel.jsonl")


@every_capture
def test_the_parties_and_the_line_are_right(capture: Capture, call: Call) -> None:
    truth = capture.truth
    known = truth.line and capture.name not in NEVER_KNOWN_LINE
    assert (call.id, call.direction, call.number) == (
        truth.linkedids[0],
        truth.direction,
        truth.customer_number_as_seen,
    )
    assert (call.line, call.initiated_by) == (f"+{truth.line}" if known else None, truth.caller)


@every_capture
def test_it_ended_as_it_did(capture: Capture, call: Call) -> None:
    assert (call.outcome, call.hung_up_by) == (capture.truth.outcome, ENDED_BY[capture.truth.ended_by])


@every_capture
def test_talking_and_holding_took_as_long_as_they_did(capture: Capture, call: Call) -> None:
    told = (call.talk_seconds, call.hold_seconds, call.duration_seconds)
    truth = (capture.truth.talk_seconds, capture.truth.hold_seconds, capture.truth.total_seconds)
    assert told == pytest.approx(truth, abs=0.3)


@every_capture
def test_ringing_is_taken_to_begin_with_the_channel(capture: Capture, call: Call) -> None:
    expected = 0.0 if capture.name in CANNOT_TELL_RINGING else capture.truth.ring_seconds
    assert call.ring_seconds == pytest.approx(expected, abs=0.3)


@every_capture
def test_the_phones_are_right(capture: Capture, call: Call) -> None:
    told = sorted((leg.extension, leg.rang_at is not None, leg.answered_at is not None) for leg in call.legs)
    callees = [] if capture.name in CANNOT_TELL_PHONES else capture.truth.callees
    assert told == sorted((one["extension"], one["rang"], one["picked_up"]) for one in callees)


@given(st.sampled_from(CAPTURES), st.randoms(use_true_random=False))
def test_rows_in_any_order_and_any_number_tell_the_same_call(capture: Capture, luck: random.Random) -> None:
    rows = (capture.folder / "cel.jsonl").read_bytes().splitlines()
    mixed = [*rows, *luck.sample(rows, luck.randint(0, len(rows)))]
    luck.shuffle(mixed)
    assert only_call(facts_of(b"\n".join(mixed))) == capture.call("cel.jsonl")


@every_capture
def test_a_table_that_knows_whole_seconds_keeps_its_order_by_id(capture: Capture) -> None:
    rows = [json.loads(line) for line in (capture.folder / "cel.jsonl").read_bytes().splitlines()]
    for number, row in enumerate(rows):
        row |= {"id": number, "eventtime": row["eventtime"].partition(".")[0]}
    told, truth = only_call(facts_of(_table(rows), TABLE)), capture.truth
    assert (told.outcome, told.direction, told.hung_up_by) == (truth.outcome, truth.direction, ENDED_BY[truth.ended_by])
    assert told.talk_seconds == pytest.approx(truth.talk_seconds, abs=1.1)


def test_a_whole_table_is_as_many_calls_as_there_were() -> None:
    """All captures in one export, as a table with a header; conversations are told apart by what they share."""
    rows = [json.loads(line) for one in CAPTURES for line in (one.folder / "cel.jsonl").read_bytes().splitlines()]
    facts = facts_of(_table(rows), TABLE)
    assert len({fact.data.get("linkedid") for fact in facts}) == sum(len(one.truth.linkedids) for one in CAPTURES)


def test_manager_events_that_carry_cel_alone_are_read_as_such() -> None:
    capture = next(one for one in CAPTURES if one.name.startswith("07-"))
    echoes = [line for line in capture.lines if b'"Event": "CEL"' in line]
    call = only_call(facts_of(b"\n".join(echoes)))
    assert call.outcome is Outcome.ANSWERED
    assert call.talk_seconds == pytest.approx(9.6, abs=0.3)


# Tables of other products: their own columns, contexts and channel names.


def _old_table(*rows: str) -> bytes:
    """A table without extra, peer and application columns, as older systems and other products export it."""
    head = "eventtype,eventtime,cid_name,cid_num,exten,context,channame,uniqueid,linkedid"
    return "\n".join([head, *rows]).encode()


PLAIN = AsteriskSettings(region="GB", timezone="UTC")


def test_bridges_without_ids_are_understood() -> None:
    table = _old_table(
        "CHAN_START,2026-11-22 10:00:00.1,Ann,1045,1001,default,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "APP_START,2026-11-22 10:00:00.2,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "CHAN_START,2026-11-22 10:00:00.3,Bob,1001,s,default,SIP/je5qtq-00000020,1795341600.32,1795341600.31",
        "ANSWER,2026-11-22 10:00:03.0,Bob,1001,s,default,SIP/je5qtq-00000020,1795341600.32,1795341600.31",
        "ANSWER,2026-11-22 10:00:03.0,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "BRIDGE_ENTER,2026-11-22 10:00:03.1,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "BRIDGE_ENTER,2026-11-22 10:00:03.1,Bob,1001,,default,SIP/je5qtq-00000020,1795341600.32,1795341600.31",
        "BRIDGE_EXIT,2026-11-22 10:00:08.1,Bob,1001,,default,SIP/je5qtq-00000020,1795341600.32,1795341600.31",
        "HANGUP,2026-11-22 10:00:08.1,Bob,1001,,default,SIP/je5qtq-00000020,1795341600.32,1795341600.31",
        "BRIDGE_EXIT,2026-11-22 10:00:08.2,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "HANGUP,2026-11-22 10:00:08.2,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
        "LINKEDID_END,2026-11-22 10:00:08.3,Ann,1045,s,user,SIP/as2mkq-0000001f,1795341600.31,1795341600.31",
    )
    call = only_call(facts_of(table, TABLE, PLAIN), PLAIN)
    assert (call.direction, call.outcome, call.talk_seconds) == (Direction.INTERNAL, Outcome.ANSWERED, 5.0)
    assert (call.initiated_by, call.answered_by, call.hung_up_by) == ("1045", "1001", None)


def test_bridges_of_asterisk_11_are_told_by_one_channel() -> None:
    table = _old_table(
        "CHAN_START,2026-11-22 10:00:00.1,,2025550123,1002,from-extern,SIP/trunk-00000028,1795341600.17,1795341600.17",
        "CHAN_START,2026-11-22 10:00:00.2,Bob,1002,s,default,SIP/hg63xv-00000013,1795341600.18,1795341600.17",
        "ANSWER,2026-11-22 10:00:04.0,Bob,1002,s,default,SIP/hg63xv-00000013,1795341600.18,1795341600.17",
        "ANSWER,2026-11-22 10:00:04.1,,2025550123,s,user,SIP/trunk-00000028,1795341600.17,1795341600.17",
        "BRIDGE_START,2026-11-22 10:00:04.2,,2025550123,s,user,SIP/trunk-00000028,1795341600.17,1795341600.17",
        "BRIDGE_END,2026-11-22 10:00:10.2,,2025550123,s,user,SIP/trunk-00000028,1795341600.17,1795341600.17",
        "HANGUP,2026-11-22 10:00:10.3,Bob,1002,,user,SIP/hg63xv-00000013,1795341600.18,1795341600.17",
        "CHAN_END,2026-11-22 10:00:10.3,Bob,1002,,user,SIP/hg63xv-00000013,1795341600.18,1795341600.17",
        "HANGUP,2026-11-22 10:00:10.4,,2025550123,s,user,SIP/trunk-00000028,1795341600.17,1795341600.17",
        "LINKEDID_END,2026-11-22 10:00:10.4,,2025550123,s,user,SIP/trunk-00000028,1795341600.17,1795341600.17",
    )
    call = only_call(facts_of(table, TABLE, PLAIN), PLAIN)
    assert (call.direction, call.number, call.talk_seconds) == (Direction.INBOUND, "2025550123", 6.0)
    assert (call.ring_seconds, call.answered_by) == (3.8, "1002")


def test_what_a_product_says_of_its_own_calls_decides() -> None:
    """Some products mark calls from outside, whatever context and number they show."""
    table = _old_table(
        "CHAN_START,2026-11-22 10:00:00.1,Ann,1603,91800,mycontext,PJSIP/cul1-00000009,1795341600.9,1795341600.9",
        "XIVO_INCALL,2026-11-22 10:00:00.2,Ann,1603,s,did,PJSIP/cul1-00000009,1795341600.9,1795341600.9",
        "CHAN_START,2026-11-22 10:00:00.3,Bob,1800,s,mycontext,PJSIP/cul2-0000000a,1795341600.10,1795341600.9",
        "HANGUP,2026-11-22 10:00:09.1,Bob,1800,s,mycontext,PJSIP/cul2-0000000a,1795341600.10,1795341600.9",
        "HANGUP,2026-11-22 10:00:09.2,Ann,1603,s,user,PJSIP/cul1-00000009,1795341600.9,1795341600.9",
    )
    call = only_call(facts_of(table, TABLE, PLAIN), PLAIN)
    assert (call.direction, call.outcome, call.line) == (Direction.INBOUND, Outcome.MISSED, "91800")
    assert [leg.extension for leg in call.legs] == ["1800"]


@pytest.mark.parametrize(("trunks", "direction"), [("", Direction.INBOUND), ("PJSIP/op", Direction.INTERNAL)])
def test_phones_without_any_number_are_ours_once_the_trunks_are_named(trunks: str, direction: Direction) -> None:
    table = b"""eventtype,eventtime,channame,uniqueid,linkedid
CHAN_START,2026-11-22 05:00:00.1-05,PJSIP/svlh-33,1795341600.59,1795341600.59
ANSWER,2026-11-22 05:00:00.5-05,PJSIP/svlh-33,1795341600.59,1795341600.59
CHAN_START,2026-11-22 05:00:01.0-05,PJSIP/w6hp-34,1795341601.60,1795341600.59
CHAN_START,2026-11-22 05:00:01.0-05,PJSIP/o7r7-35,1795341601.61,1795341600.59
ANSWER,2026-11-22 05:00:04.0-05,PJSIP/o7r7-35,1795341601.61,1795341600.59
CHAN_END,2026-11-22 05:00:04.1-05,PJSIP/w6hp-34,1795341601.60,1795341600.59
BRIDGE_ENTER,2026-11-22 05:00:04.2-05,PJSIP/o7r7-35,1795341601.61,1795341600.59
BRIDGE_ENTER,2026-11-22 05:00:04.2-05,PJSIP/svlh-33,1795341600.59,1795341600.59
BRIDGE_EXIT,2026-11-22 05:00:09.2-05,PJSIP/o7r7-35,1795341601.61,1795341600.59
CHAN_END,2026-11-22 05:00:09.3-05,PJSIP/o7r7-35,1795341601.61,1795341600.59
CHAN_END,2026-11-22 05:00:09.3-05,PJSIP/svlh-33,1795341600.59,1795341600.59
"""
    settings = AsteriskSettings.model_validate({"trunks": trunks})
    call = only_call(facts_of(table, TABLE, settings), settings)
    assert (call.direction, call.outcome, call.talk_seconds, call.ring_seconds) == (direction, "answered", 5.0, 3.0)
    assert [leg.extension for leg in call.legs if leg.answered_at] == ["o7r7"]


def test_an_originated_call_begins_with_the_phone_of_the_one_who_wanted_it() -> None:
    table = _old_table(
        "CHAN_START,2026-11-22 10:00:00.1,Ann,1045,s,default,SIP/as2mkq-0000002b,1795341600.43,1795341600.43",
        "ANSWER,2026-11-22 10:00:02.0,1001,1001,,default,SIP/as2mkq-0000002b,1795341600.43,1795341600.43",
        "CHAN_START,2026-11-22 10:00:02.2,Bob,1001,s,default,SIP/je5qtq-0000002c,1795341602.44,1795341600.43",
        "HANGUP,2026-11-22 10:00:07.1,Bob,1001,s,default,SIP/je5qtq-0000002c,1795341602.44,1795341600.43",
        "HANGUP,2026-11-22 10:00:07.2,Ann,1045,s,user,SIP/as2mkq-0000002b,1795341600.43,1795341600.43",
    )
    call = only_call(facts_of(table, TABLE, PLAIN), PLAIN)
    assert (call.direction, call.initiated_by, call.outcome) == (Direction.INTERNAL, "1045", Outcome.NO_ANSWER)


def test_an_outbound_call_of_another_product() -> None:
    table = _old_table(
        "CHAN_START,2026-11-22 10:00:00.1,Ann,1001,02079460123,internal,PJSIP/d6j-02,1795341600.2,1795341600.2",
        "XIVO_OUTCALL,2026-11-22 10:00:00.2,Ann,1001,dial,outcall,PJSIP/d6j-02,1795341600.2,1795341600.2",
        "APP_START,2026-11-22 10:00:00.3,Ann,1001,dial,outcall,PJSIP/d6j-02,1795341600.2,1795341600.2",
        "CHAN_START,2026-11-22 10:00:00.4,box,,s,somewhere,PJSIP/dev_44-03,1795341600.3,1795341600.2",
        "HANGUP,2026-11-22 10:00:03.4,,02079460123,dial,somewhere,PJSIP/dev_44-03,1795341600.3,1795341600.2",
        "HANGUP,2026-11-22 10:00:03.5,Ann,1001,dial,outcall,PJSIP/d6j-02,1795341600.2,1795341600.2",
    )
    call = only_call(facts_of(table, TABLE, PLAIN), PLAIN)
    assert (call.direction, call.number, call.initiated_by) == (Direction.OUTBOUND, "02079460123", "1001")
    assert (call.outcome, call.ring_seconds) == (Outcome.NO_ANSWER, 3.0)


def test_a_call_through_the_night_the_clocks_go_back_keeps_its_length() -> None:
    """03:59:50 and 03:00:10 on the wall are twenty seconds apart, the hour between them passed twice."""
    kyiv = AsteriskSettings(region="UA", timezone="Europe/Kyiv")
    born = int(datetime.fromisoformat("2026-10-25T00:59:50+00:00").timestamp())
    table = _old_table(
        f"CHAN_START,2026-10-25 03:59:50.0,,+12025550123,380445551200,from-pstn,PJSIP/t-01,{born}.1,{born}.1",
        f"CHAN_START,2026-10-25 03:59:50.1,,101,s,from-internal,PJSIP/101-02,{born}.2,{born}.1",
        f"ANSWER,2026-10-25 03:59:55.0,,101,s,from-internal,PJSIP/101-02,{born}.2,{born}.1",
        f"BRIDGE_ENTER,2026-10-25 03:59:55.0,,101,s,from-internal,PJSIP/101-02,{born}.2,{born}.1",
        f"BRIDGE_ENTER,2026-10-25 03:59:55.0,,+12025550123,1,from-pstn,PJSIP/t-01,{born}.1,{born}.1",
        f"HANGUP,2026-10-25 03:00:10.0,,101,s,from-internal,PJSIP/101-02,{born}.2,{born}.1",
        f"HANGUP,2026-10-25 03:00:10.0,,+12025550123,1,from-pstn,PJSIP/t-01,{born}.1,{born}.1",
    )
    call = only_call(facts_of(table, TABLE, kyiv), kyiv)
    assert (call.duration_seconds, call.talk_seconds, call.ring_seconds) == (20.0, 15.0, 4.9)


@pytest.mark.parametrize(
    "shown", ["1795341600.5", "2026-11-22 10:00:00.5+00", "2026-11-22T12:00:00.5+02:00", "2026-11-22 12:00:00.5"]
)
def test_times_are_epoch_or_carry_an_offset_or_are_local(shown: str) -> None:
    kyiv = AsteriskSettings(timezone="Europe/Kyiv")
    row = f"CHAN_START,{shown},,+12025550123,380445551200,from-pstn,PJSIP/t-01,a.1,a.1"
    (call,) = calls_of(facts_of(_old_table(row), TABLE, kyiv), kyiv)
    assert call.started_at == datetime.fromisoformat("2026-11-22T10:00:00.5+00:00")
    assert (call.state, call.hung_up_by) == ("ringing", None)


def test_a_caller_who_leaves_a_queue_abandoned_it() -> None:
    capture = next(one for one in CAPTURES if one.name.startswith("05-"))
    call = capture.call("cel.jsonl")
    assert (call.outcome, call.reason, call.hung_up_by) == (Outcome.ABANDONED, "caller gave up", Party.CLIENT)
    assert call.ended_at is not None
    assert call.ended_at - call.started_at == pytest.approx(timedelta(seconds=10), abs=timedelta(seconds=0.3))


def _table(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
