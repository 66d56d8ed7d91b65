"""Calls that outside phones take in place of ours, and calls that reach no phone at all."""

import pytest

from hub.domain.calls import Direction, LegOutcome, Outcome, Party
from tests.unit.telephony.asterisk.tape import CLIENT, LINE, Channel, Tape, parts, rings, talks, transfers

OUTSIDE = "02025550188"


@pytest.fixture
def tape() -> Tape:
    return Tape()


def by_local(tape: Tape, client: Channel, name: str) -> tuple[Channel, Channel, Channel]:
    near, far = tape.local(client, name)
    mobile = tape.dials_out(far, f"{OUTSIDE}@operator")
    tape.ring(mobile)
    return near, far, mobile


def answers_by_local(tape: Tape, client: Channel, near: Channel, far: Channel, mobile: Channel) -> None:
    tape.answers(mobile, far)
    tape.up(near)
    tape.dial_ends(near, client, "ANSWER")
    tape.bridge(near, client)


def test_a_second_number_of_follow_me_is_the_extensions(tape: Tape) -> None:
    """Its Local channel names the outside number, not the extension: the dial plan had come to that before."""
    client = tape.arrives()
    tape.steps(client, "from-did-direct", "101")
    desk = rings(tape, client, "101", 0)
    forwarded = near, far, mobile = by_local(tape, client, f"Local/FMGL-{OUTSIDE}#@from-internal")
    tape.wait(6)
    answers_by_local(tape, client, *forwarded)
    tape.dial_ends(desk, client, "CANCEL")
    tape.gone(desk, cause="26")
    tape.wait(12)
    tape.hangs_up(client, near, far, mobile)
    call = tape.call()
    assert parts(call) == [("101", "direct", 0.0), ("101", "forward", 12.0)]
    assert (call.answered_by, call.ring_seconds, call.number, call.line) == ("101", 6.0, CLIENT, LINE)


def test_an_outside_member_of_a_ring_group_stands_for_nobody(tape: Tape) -> None:
    client = tape.arrives()
    tape.steps(client, "ext-group", "700")
    forwarded = near, far, mobile = by_local(tape, client, f"Local/RG-700-{OUTSIDE}@from-internal")
    tape.wait(6)
    answers_by_local(tape, client, *forwarded)
    tape.wait(12)
    tape.hangs_up(client, near, far, mobile)
    assert parts(tape.call()) == [(OUTSIDE, "forward", 12.0)]


def test_a_phone_that_forwards_by_itself(tape: Tape) -> None:
    """The phone answers with another number (302): Asterisk calls that by a Local channel."""
    client = tape.arrives()
    tape.steps(client, "ext-local", "101")
    desk = tape.dials(client, "PJSIP/101", "101")
    forwarded = near, far, mobile = by_local(tape, client, f"Local/{OUTSIDE}@from-internal")
    tape.say("DialEnd", client.shown(), desk.shown("Dest"), DialStatus="CANCEL", Forward=f"{OUTSIDE}@from-internal")
    tape.gone(desk, cause="0")
    tape.wait(5)
    answers_by_local(tape, client, *forwarded)
    tape.wait(9)
    tape.hangs_up(mobile, near, far, client)
    call = tape.call()
    assert parts(call) == [("101", "direct", 0.0), ("101", "forward", 9.0)]
    assert (call.answered_by, call.ring_seconds, call.hung_up_by) == ("101", 5.0, Party.US)


def test_the_dial_plan_forwards_straight_to_the_trunk(tape: Tape) -> None:
    client = tape.arrives()
    tape.steps(client, "ext-local", "101")
    mobile = tape.dials(client, "PJSIP/operator", "", f"{OUTSIDE}@operator", "from-trunk")
    tape.ring(mobile)
    tape.wait(5)
    tape.answers(mobile, client)
    tape.wait(9)
    tape.hangs_up(mobile, client)
    assert parts(tape.call()) == [("101", "forward", 9.0)]


def test_a_client_handed_outside_by_the_one_who_answered_is_not_that_ones_any_more(tape: Tape) -> None:
    client = tape.arrives()
    tape.steps(client, "ext-local", "101")
    phone = rings(tape, client, "101", 3)
    tape.answers(phone, client)
    tape.wait(5)
    transfers(tape, phone, OUTSIDE)
    tape.gone(phone)
    tape.leave(client)
    mobile = tape.dials(client, "PJSIP/operator", "", f"{OUTSIDE}@operator", "from-trunk")
    tape.ring(mobile)
    tape.wait(4)
    tape.answers(mobile, client)
    tape.wait(8)
    tape.hangs_up(client, mobile)
    assert parts(tape.call()) == [("101", "direct", 5.0), (OUTSIDE, "transfer_blind", 8.0)]


def test_a_client_handed_on_before_the_other_phone_answered(tape: Tape) -> None:
    """The client takes the place of the line that was calling: its ringing is no talk."""
    client, phone = talks(tape)
    tape.say("Hold", phone.shown())
    second = tape.picks_up_to_dial("101", "102")
    colleague = rings(tape, second, "102", 2)
    tape.leave(client)
    tape.say("AttendedTransfer", phone.shown("OrigTransferer"), second.shown("SecondTransferer"), Result="Success")
    tape.say("AttendedTransfer", second.shown("SecondTransferer"), client.shown("Transferee"), Result="Success")
    tape.gone(phone)
    tape.wait(4)
    tape.up(colleague)
    tape.gone(second)
    tape.dial_ends(colleague, client, "ANSWER")
    tape.bridge(colleague, client)
    tape.wait(7)
    tape.hangs_up(client, colleague)
    call = tape.call()
    assert parts(call) == [("101", "direct", 7.0), ("102", "transfer_attended", 7.0)]
    assert (call.talk_seconds, call.hold_seconds, call.hung_up_by) == (14.0, 2.0, Party.CLIENT)


# Nobody's phone.


@pytest.mark.parametrize(
    ("cause", "reason", "leg"),
    [("17", "phone busy", LegOutcome.BUSY), ("34", "phone offline", LegOutcome.NO_ANSWER)],
)
def test_a_phone_that_is_not_even_called(tape: Tape, cause: str, reason: str, leg: LegOutcome) -> None:
    """Do not disturb: the caller hears busy. Not registered: he hears congestion."""
    client = tape.arrives()
    tape.steps(client, "ext-local", "101")
    tape.wait(1)
    tape.asks(client, state="7", cause=cause)
    tape.gone(client, cause=cause)
    call = tape.call()
    assert (call.outcome, call.reason, call.hung_up_by) == (Outcome.MISSED, reason, Party.SYSTEM)
    assert [(one.extension, one.outcome, one.rang_at) for one in call.legs] == [("101", leg, None)]


@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", Outcome.VOICEMAIL), ("FAILED", Outcome.NO_ANSWER)])
def test_a_colleague_who_is_away_has_a_mailbox(tape: Tape, status: str, outcome: Outcome) -> None:
    caller = tape.picks_up_to_dial("101", "102")
    phone = rings(tape, caller, "102", 15)
    tape.dial_ends(phone, caller, "NOANSWER")
    tape.gone(phone, cause="0")
    tape.up(caller)
    tape.steps(caller, "macro-vm", "s-NOANSWER", "VoiceMail", "102@default,u")
    tape.wait(6)
    tape.asks(caller)
    tape.say("VarSet", caller.shown(), Variable="VMSTATUS", Value=status)
    tape.gone(caller)
    call = tape.call()
    assert (call.direction, call.outcome, call.ring_seconds) == (Direction.INTERNAL, outcome, 15.0)


def test_a_fax_machine_is_nobody(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    tape.steps(client, "ext-fax", "s", "ReceiveFAX", "in.tif")
    tape.wait(30)
    tape.gone(client)
    assert (tape.call().outcome, tape.call().talk_seconds) == (Outcome.MISSED, 0.0)
