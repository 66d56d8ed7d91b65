"""History from CDR rows alone: one call for each conversation, right as far as the rows allow."""

import pytest

from hub.domain.calls import Direction, Outcome, Via
from hub.domain.delivery import Fact
from hub.telephony.calls import Call
from hub.telephony.providers.asterisk import AsteriskSettings
from tests.unit.telephony.asterisk.captures import CAPTURES, NOT_IN_CDR, TABLE, Capture, calls_of, facts_of, only_call

IN_CDR = [capture for capture in CAPTURES if capture.name not in NOT_IN_CDR]
GAVE_UP_LOOKS_UNANSWERED = {"09d-outbound-agent-gave-up"}
RINGING_COUNTS_AS_TALK = ("06", "10")
"""A second phone that rings after a blind transfer, a client who rings after a click-to-call: the row is answered."""
HOLD_AND_HANDING_OVER = ("07",)
"""What happens between two rows is in neither."""

in_cdr = pytest.mark.parametrize("capture", IN_CDR, ids=str)


@pytest.fixture
def call(capture: Capture) -> Call:
    return capture.call("cdr.csv")


@pytest.mark.parametrize("name", sorted(NOT_IN_CDR))
def test_a_call_without_a_dialled_party_leaves_no_row(name: str) -> None:
    assert facts_of(Capture(name).folder.joinpath("cdr.csv").read_bytes(), TABLE) == []


@in_cdr
def test_the_parties_and_the_line_are_right(capture: Capture, call: Call) -> None:
    truth = capture.truth
    assert (call.direction, call.number) == (truth.direction, truth.customer_number_as_seen)
    assert (call.id, call.initiated_by) == (truth.linkedids[0], truth.caller)
    assert call.line == (f"+{truth.line}" if truth.line else None)


@in_cdr
def test_the_outcome_is_right_as_far_as_the_rows_allow(capture: Capture, call: Call) -> None:
    unsure = capture.name in GAVE_UP_LOOKS_UNANSWERED
    assert call.outcome == (Outcome.NO_ANSWER if unsure else capture.truth.outcome)
    assert call.hung_up_by is None


@in_cdr
def test_the_phones_that_talked_are_right(capture: Capture, call: Call) -> None:
    told = {leg.extension: leg.answered_at is not None for leg in call.legs}
    assert told == {one["extension"]: one["picked_up"] for one in capture.truth.callees}


@pytest.mark.parametrize(
    "capture",
    [one for one in IN_CDR if not one.name.startswith((*RINGING_COUNTS_AS_TALK, *HOLD_AND_HANDING_OVER))],
    ids=str,
)
def test_talk_excludes_the_wait_in_queues_and_behind_local_channels(capture: Capture, call: Call) -> None:
    assert call.talk_seconds == pytest.approx(capture.truth.talk_seconds, abs=1)


@pytest.mark.parametrize("name", ["06-inbound-blind-transfer", "06b-inbound-blind-transfer-feature-code"])
def test_a_second_row_of_the_same_caller_is_a_transfer(name: str) -> None:
    first, second = Capture(name).call("cdr.csv").legs
    assert (first.via, second.via) == (Via.DIRECT, Via.TRANSFER_BLIND)


def test_the_consultation_has_a_row_of_its_own_that_nothing_joins() -> None:
    """Its linked id never meets the client's in CDR: alone it is a colleague call, which makes no lead."""
    facts = facts_of(Capture("07-inbound-attended-transfer").folder.joinpath("cdr.csv").read_bytes(), TABLE)
    consultation = [fact for fact in facts if "1795314105.35" in fact.nodes]
    (call,) = calls_of(consultation)
    assert (call.direction, call.initiated_by, call.answered_by) == (Direction.INTERNAL, "101", "102")


def _freepbx(*rows: str) -> list[Fact]:
    """FreePBX's table: no columns for answer and end."""
    head = "calldate,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid,did"
    return facts_of("\n".join([head, *rows]).encode(), TABLE, PLAIN)


PLAIN = AsteriskSettings(region="GB")


DIALLED = "2026-11-22 10:00:00,+12025550123,101,ext-local,PJSIP/op-1,PJSIP/101-2,Dial,PJSIP/101"
MAILBOX = "2026-11-22 10:00:15,+12025550123,vmu101,ext-local,PJSIP/op-1,,VoiceMail,101@default"
MENU = "2026-11-22 10:00:00,+12025550123,s,ivr-1,PJSIP/op-1,,BackGround,menu"


def test_freepbx_has_no_columns_for_answer_and_end() -> None:
    call = only_call(_freepbx(f"{DIALLED},12,8,ANSWERED,1795341600.1,442079460000"), PLAIN)
    assert (call.ring_seconds, call.talk_seconds, call.duration_seconds) == (4.0, 8.0, 12.0)
    assert (call.direction, call.line) == (Direction.INBOUND, "442079460000")


def test_voicemail_is_an_application_without_a_second_party() -> None:
    missed = f"{DIALLED},15,0,NO ANSWER,1795341600.1,442079460000"
    message = f"{MAILBOX},20,20,ANSWERED,1795341600.1,442079460000"
    call = only_call(_freepbx(missed, message), PLAIN)
    assert (call.outcome, call.ring_seconds, call.duration_seconds) == (Outcome.VOICEMAIL, 15.0, 35.0)


def test_a_client_listening_to_a_menu_talked_to_nobody() -> None:
    call = only_call(_freepbx(f"{MENU},30,30,ANSWERED,1795341600.1,442079460000"), PLAIN)
    assert (call.outcome, call.talk_seconds, call.reason) == (Outcome.MISSED, 0.0, "no phone was called")


MASTER = (
    '"","+12025550123","442079460000","from-trunk","""Ann"" <+12025550123>","SIP/op-01","SIP/101-02","Dial",'
    '"SIP/101,20","2026-11-22 10:00:00","2026-11-22 10:00:04","2026-11-22 10:00:12",12,8,"ANSWERED","DOCUMENTATION"'
)


@pytest.mark.parametrize("more", ["", ',"17.1"', ',"17.1",""', ',"17.1","","","17.1",7'])
def test_master_csv_needs_no_header(more: str) -> None:
    call = only_call(facts_of(f"{MASTER}{more}\n".encode(), TABLE, PLAIN), PLAIN)
    assert (call.direction, call.number, call.talk_seconds) == (Direction.INBOUND, "+12025550123", 8.0)


def test_cdr_custom_has_an_order_of_its_own() -> None:
    row = (
        '"","+12025550123","442079460000","from-trunk","SIP/op-01","SIP/101-02","Dial","SIP/101",'
        '"2026-11-22 10:00:00","2026-11-22 10:00:04","2026-11-22 10:00:12","12","8","ANSWERED","3","","1795341600.1",""'
    )
    call = only_call(facts_of(row.encode(), TABLE, PLAIN), PLAIN)
    assert (call.ring_seconds, call.talk_seconds) == (4.0, 8.0)


def test_the_clocks_going_back_make_no_row_shorter_than_nothing() -> None:
    kyiv = AsteriskSettings(timezone="Europe/Kyiv")
    row = (
        '"","+12025550123","442079460000","from-trunk","","SIP/op-01","SIP/101-02","Dial","SIP/101",'
        '"2026-10-25 03:59:50","2026-10-25 03:59:55","2026-10-25 03:00:10",20,15,"ANSWERED","3","1792889990.1"'
    )
    call = only_call(facts_of(row.encode(), TABLE, kyiv), kyiv)
    assert (call.duration_seconds, call.talk_seconds) == (20.0, 15.0)
