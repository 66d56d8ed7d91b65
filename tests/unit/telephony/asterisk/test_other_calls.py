"""Kinds of calls nobody captured for us, played event by event on a plain FreePBX with default settings."""

import pytest

from hub.domain.calls import Direction, LegOutcome, Outcome, Party, Via
from tests.unit.telephony.asterisk.tape import CLIENT, LINE, MOBILE, Tape, goes_on_hold, parts, rings, talks, transfers


@pytest.fixture
def tape() -> Tape:
    return Tape()


# Who calls.


@pytest.mark.parametrize("shown", ["anonymous", "", "<unknown>", "Restricted", "asterisk"])
def test_a_withheld_number_is_none(tape: Tape, shown: str) -> None:
    tape.asks(tape.arrives(shown), state="4")
    assert (tape.call().number, tape.call().direction) == (None, Direction.INBOUND)


def test_a_number_the_caller_asked_to_hide_is_not_shown(tape: Tape) -> None:
    client = tape.arrives()
    tape.say("NewCallerid", client.shown(), **{"CID-CallingPres": "35 (Presentation Prohibited, Network Number)"})
    assert tape.call().number is None


@pytest.mark.parametrize("shown", ["sip:02025550123@192.0.2.7", "02025550123@192.0.2.7", "tel:02025550123;x=1"])
def test_a_sip_address_is_the_number_in_it(tape: Tape, shown: str) -> None:
    tape.arrives(shown)
    assert tape.call().number == "02025550123"


def test_a_caller_may_have_a_name(tape: Tape) -> None:
    tape.arrives(CallerIDName="Ann Example")
    assert tape.call().name == "Ann Example"


def test_a_name_looked_up_later_counts_but_a_number_as_a_name_does_not(tape: Tape) -> None:
    client = tape.arrives(CallerIDName=CLIENT)
    tape.say("NewCallerid", client.shown(), CallerIDName="Ann Example")
    assert tape.call().name == "Ann Example"


def test_a_line_that_cannot_say_the_number_called_says_it_in_a_variable(tape: Tape) -> None:
    client = tape.arrives(line="s", trunk="DAHDI/1")
    tape.say("VarSet", client.shown(), Variable="__FROM_DID", Value="442079460000")
    assert (tape.call().direction, tape.call().line) == (Direction.INBOUND, LINE)


# Before anybody answers.


def test_a_menu_is_not_an_answer(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    tape.wait(8)
    phone = rings(tape, client, "101", 3)
    tape.answers(phone, client)
    tape.wait(5)
    tape.hangs_up(client, phone)
    call = tape.call()
    assert (call.ring_seconds, call.talk_seconds, call.duration_seconds) == (3.0, 5.0, 16.0)


def test_leaving_in_the_menu_is_a_missed_call(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    tape.wait(8)
    tape.hangs_up(client)
    call = tape.call()
    assert (call.outcome, call.hung_up_by, call.reason) == (Outcome.MISSED, Party.CLIENT, "caller gave up")


@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", Outcome.VOICEMAIL), ("FAILED", Outcome.MISSED)])
def test_voicemail_counts_when_a_message_was_left(tape: Tape, status: str, outcome: Outcome) -> None:
    client = tape.arrives()
    phone = rings(tape, client, "101", 15)
    tape.dial_ends(phone, client, "NOANSWER")
    tape.gone(phone, cause="0")
    tape.up(client)
    tape.steps(client, "macro-vm", "s", "VoiceMail", "101@default,u")
    tape.wait(10)
    tape.asks(client)
    tape.say("VarSet", client.shown(), Variable="VMSTATUS", Value=status)
    tape.gone(client)
    call = tape.call()
    assert (call.outcome, call.talk_seconds, call.ring_seconds) == (outcome, 0.0, 15.0)


def test_a_queue_that_tries_again_is_one_leg_for_each_phone(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    tape.say("QueueCallerJoin", client.shown(), Queue="sales")
    for _ in range(2):
        phone = rings(tape, client, "101", 10)
        tape.dial_ends(phone, client, "NOANSWER")
        tape.gone(phone, cause="0")
        tape.wait(5)
    phone = rings(tape, client, "101", 4)
    tape.answers(phone, client)
    tape.wait(30)
    tape.hangs_up(phone, client)
    call = tape.call()
    assert parts(call) == [("101", "queue", 30.0)]
    assert (call.ring_seconds, call.queue) == (24.0, "sales")


def test_a_queue_that_gives_up_is_missed_not_abandoned(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    tape.say("QueueCallerJoin", client.shown(), Queue="sales")
    phone = rings(tape, client, "101", 10)
    tape.dial_ends(phone, client, "NOANSWER")
    tape.gone(phone, cause="0")
    tape.say("QueueCallerLeave", client.shown(), Queue="sales")
    tape.gone(client)
    call = tape.call()
    assert (call.outcome, call.hung_up_by, call.reason) == (Outcome.MISSED, Party.SYSTEM, "ring timeout")


def test_two_devices_of_one_extension_are_one_leg(tape: Tape) -> None:
    client = tape.arrives()
    desk, mobile = tape.dials(client, "PJSIP/101", "101"), tape.dials(client, "PJSIP/101", "101")
    tape.ring(desk, mobile)
    tape.wait(4)
    tape.answers(desk, client)
    tape.dial_ends(mobile, client, "CANCEL")
    tape.gone(mobile, cause="26")
    tape.wait(7)
    tape.hangs_up(client, desk)
    call = tape.call()
    assert parts(call) == [("101", "direct", 7.0)]
    assert (call.ring_seconds, call.legs[0].outcome) == (4.0, LegOutcome.ANSWERED)


def test_a_colleague_picks_up_the_call_of_a_ringing_phone(tape: Tape) -> None:
    client = tape.arrives()
    phone = rings(tape, client, "101", 4)
    colleague = tape.picks_up_to_dial("103", "*8101")
    tape.up(colleague)
    tape.say("Pickup", colleague.shown(), phone.shown("Target"))
    colleague.linkedid = client.linkedid
    tape.gone(phone, cause="16")
    tape.answers(colleague, client)
    tape.wait(7)
    tape.hangs_up(client, colleague)
    call = tape.call()
    assert (call.answered_by, call.ring_seconds) == ("103", 4.0)
    assert [leg.outcome for leg in call.legs] == [LegOutcome.CANCELLED, LegOutcome.ANSWERED]


# Phones that stand in for others.


def test_follow_me_to_a_mobile_is_the_colleagues_answer(tape: Tape) -> None:
    client = tape.arrives()
    near, far = tape.local(client, "Local/FMPR-101@from-internal")
    mobile = tape.dials_out(far, f"{MOBILE}@operator")
    tape.ring(mobile)
    tape.wait(5)
    tape.answers(mobile, far)
    tape.up(near)
    tape.bridge(near, client)
    tape.wait(20)
    tape.hangs_up(mobile, far, near, client)
    call = tape.call()
    assert (call.direction, call.number, call.answered_by) == (Direction.INBOUND, CLIENT, "101")
    assert (parts(call), call.hung_up_by) == ([("101", "forward", 20.0)], Party.US)


def test_a_mobile_that_does_not_confirm_did_not_answer(tape: Tape) -> None:
    """Follow-me asks to press 1: the phone is up, but nobody is put through."""
    client = tape.arrives()
    near, far = tape.local(client, "Local/FMPR-101@from-internal")
    mobile = tape.dials_out(far, f"{MOBILE}@operator")
    tape.ring(mobile)
    tape.wait(5)
    tape.up(mobile)
    tape.wait(6)
    tape.gone(mobile, far, near)
    tape.gone(client)
    call = tape.call()
    assert (call.outcome, call.ring_seconds, call.answered_at) == (Outcome.MISSED, 5.0, None)


def test_a_colleague_whose_calls_go_outside_stays_a_colleague(tape: Tape) -> None:
    caller = tape.picks_up_to_dial("101", "102")
    near, far = tape.local(caller, "Local/2025550188@from-internal")
    mobile = tape.dials_out(far, "2025550188@operator")
    tape.ring(mobile)
    tape.wait(5)
    tape.answers(mobile, far)
    tape.up(near)
    tape.bridge(near, caller)
    tape.wait(20)
    tape.hangs_up(mobile, far, near, caller)
    call = tape.call()
    assert (call.direction, call.number, parts(call)) == (Direction.INTERNAL, None, [("102", "forward", 20.0)])


# Calling out.


@pytest.mark.parametrize(
    ("trunk", "string"),
    [
        ("PJSIP/operator", "02079460123@operator"),
        ("PJSIP/operator", "operator/sip:02079460123@192.0.2.7"),
        ("SIP/operator", "operator/02079460123"),
        ("IAX2/operator", "operator/02079460123"),
        ("DAHDI/i1/02079460123", "g0/02079460123"),
        ("DAHDI/1", "1/02079460123"),
        ("PJSIP/operator", "1010#02079460123@operator"),
    ],
)
def test_the_number_is_what_was_sent_to_the_network(tape: Tape, trunk: str, string: str) -> None:
    phone = tape.channel("SIP/101", "101", Exten="902079460123")
    client = tape.dials_out(phone, string, trunk)
    tape.ring(client)
    tape.wait(5)
    tape.answers(client, phone)
    tape.wait(20)
    tape.hangs_up(phone, client)
    call = tape.call()
    assert (call.direction, call.number, call.line) == (Direction.OUTBOUND, "02079460123", LINE)
    assert (call.initiated_by, call.ring_seconds, call.talk_seconds) == ("101", 5.0, 20.0)


def test_a_short_number_outside_is_no_extension(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "112")
    client = tape.dials(phone, "PJSIP/operator", "112", "112@operator", context="somewhere")
    tape.ring(client)
    assert (tape.call().direction, tape.call().number) == (Direction.OUTBOUND, "112")


def test_a_trunk_named_like_an_extension_is_known_by_the_number_behind_it(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "02025550123")
    client = tape.dials(phone, "SIP/78123", "", "78123/02025550123", context="my-provider")
    tape.ring(client)
    assert (tape.call().direction, tape.call().number) == (Direction.OUTBOUND, "02025550123")


def test_a_trunk_named_like_an_extension_is_known_by_the_line_it_wants(tape: Tape) -> None:
    tape.channel("SIP/78123", "02025550123", Context="my-provider", Exten="442079460000")
    call = tape.call()
    assert (call.direction, call.number, call.line) == (Direction.INBOUND, "02025550123", LINE)


def test_the_next_trunk_is_tried_for_the_same_client(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "02079460123")
    first = tape.dials_out(phone, "02079460123@one", "PJSIP/one")
    tape.dial_ends(first, phone, "CONGESTION")
    tape.gone(first, cause="34")
    second = tape.dials_out(phone, "02079460123@two", "PJSIP/two")
    tape.ring(second)
    tape.wait(5)
    tape.answers(second, phone)
    tape.wait(6)
    tape.hangs_up(second, phone)
    call = tape.call()
    assert (call.outcome, call.ring_seconds, call.hung_up_by) == (Outcome.ANSWERED, 5.0, Party.CLIENT)


@pytest.mark.parametrize(
    ("cause", "status", "outcome", "reason"),
    [
        ("17", "BUSY", Outcome.BUSY, "busy"),
        ("21", "NOANSWER", Outcome.REJECTED, "declined"),
        ("1", "CHANUNAVAIL", Outcome.FAILED, "no such number"),
        ("38", "CHANUNAVAIL", Outcome.FAILED, "congestion"),
        ("19", "NOANSWER", Outcome.NO_ANSWER, "no answer"),
    ],
)
def test_what_the_network_said_is_told(tape: Tape, cause: str, status: str, outcome: Outcome, reason: str) -> None:
    phone = tape.picks_up_to_dial("101", "02079460123")
    client = tape.dials_out(phone)
    tape.wait(2)
    tape.dial_ends(client, phone, status)
    tape.gone(client, cause=cause)
    tape.gone(phone, cause=cause)
    assert (tape.call().outcome, tape.call().reason) == (outcome, reason)


def test_an_outside_number_no_line_was_taken_for_is_a_failed_call(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "02079460123")
    tape.up(phone)
    tape.wait(3)
    tape.gone(phone)
    call = tape.call()
    assert (call.direction, call.number, call.outcome) == (Direction.OUTBOUND, "02079460123", Outcome.FAILED)


def test_a_click_to_call_whose_phone_declines_reached_nobody(tape: Tape) -> None:
    phone = tape.channel("PJSIP/101", CLIENT, ChannelState="0")
    tape.say("VarSet", phone.shown(), Variable="__HUB_CALL_ID", Value="c2c-7")
    tape.say("DialBegin", phone.shown("Dest"), DialString="101")
    tape.ring(phone)
    tape.wait(4)
    tape.asks(phone, state="5", cause="21")
    tape.gone(phone, cause="21")
    call = tape.call()
    assert (call.direction, call.number, call.request) == (Direction.OUTBOUND, CLIENT, "c2c-7")
    assert (call.outcome, call.hung_up_by) == (Outcome.CANCELLED, Party.US)


def test_the_answer_to_an_originate_tells_the_number_when_the_phone_showed_another(tape: Tape) -> None:
    phone = tape.channel("PJSIP/101", "101", ChannelState="0")
    tape.say("VarSet", phone.shown(), Variable="__HUB_CALL_ID", Value="c2c-8")
    tape.say("DialBegin", phone.shown("Dest"), DialString="101")
    tape.ring(phone)
    tape.wait(9)
    tape.say(
        "OriginateResponse",
        ActionID="c2c-8",
        Response="Failure",
        Channel="PJSIP/101",
        Exten=CLIENT,
        Reason="3",
        Uniqueid="<unknown>",
    )
    tape.gone(phone, cause="19")
    call = tape.call()
    assert (call.direction, call.number, call.outcome) == (Direction.OUTBOUND, CLIENT, Outcome.CANCELLED)


def test_the_clients_number_is_never_our_line(tape: Tape) -> None:
    """The phone that rang first shows the client's number, and a plain dial plan shows the same to the client."""
    phone = tape.channel("PJSIP/101", CLIENT, ChannelState="0")
    tape.say("DialBegin", phone.shown("Dest"), DialString="101")
    tape.ring(phone)
    tape.up(phone)
    client = tape.dials(phone, "PJSIP/operator", "", "2025550123@operator", "from-trunk")
    tape.ring(client)
    tape.wait(4)
    tape.answers(client, phone)
    call = tape.call()
    assert (call.direction, call.number, call.line) == (Direction.OUTBOUND, "2025550123", None)


# Among ourselves.


def test_the_system_calls_a_colleague_for_one_of_us(tape: Tape) -> None:
    caller = tape.channel("PJSIP/101", "102", ChannelState="0")
    tape.say("DialBegin", caller.shown("Dest"), DialString="101")
    tape.ring(caller)
    tape.wait(3)
    tape.up(caller)
    callee = rings(tape, caller, "102", 2)
    tape.answers(callee, caller)
    tape.wait(9)
    tape.hangs_up(caller, callee)
    call = tape.call()
    assert (call.direction, call.initiated_by, call.answered_by) == (Direction.INTERNAL, "101", "102")
    assert (call.ring_seconds, call.talk_seconds) == (2.0, 9.0)


def test_our_own_line_called_from_inside_is_a_colleague_call(tape: Tape) -> None:
    caller = tape.picks_up_to_dial("101", "02079460000")
    callee = rings(tape, caller, "102", 2)
    tape.answers(callee, caller)
    tape.wait(2)
    tape.hangs_up(caller, callee)
    assert (tape.call().direction, tape.call().number) == (Direction.INTERNAL, None)


@pytest.mark.parametrize(
    ("cause", "status", "outcome", "by"),
    [
        ("21", "NOANSWER", Outcome.REJECTED, Party.US),
        ("17", "BUSY", Outcome.BUSY, Party.SYSTEM),
        ("19", "NOANSWER", Outcome.NO_ANSWER, Party.SYSTEM),
    ],
)
def test_a_colleague_who_does_not_answer(tape: Tape, cause: str, status: str, outcome: Outcome, by: Party) -> None:
    caller = tape.picks_up_to_dial("101", "102")
    callee = rings(tape, caller, "102", 3 if cause != "17" else 0)
    tape.dial_ends(callee, caller, status)
    tape.gone(callee, cause=cause)
    tape.gone(caller)
    assert (tape.call().outcome, tape.call().hung_up_by) == (outcome, by)


def test_a_colleague_whose_phone_is_not_there(tape: Tape) -> None:
    caller = tape.picks_up_to_dial("101", "102")
    tape.steps(caller, "from-internal", "102")
    tape.asks(caller, state="7", cause="34")
    tape.gone(caller)
    call = tape.call()
    assert (call.outcome, call.reason, parts(call)) == (Outcome.FAILED, "phone offline", [("102", "direct", 0.0)])


def test_a_colleague_call_handed_on(tape: Tape) -> None:
    caller = tape.picks_up_to_dial("101", "102")
    callee = rings(tape, caller, "102", 3)
    tape.answers(callee, caller)
    tape.wait(5)
    tape.say("Hold", callee.shown())
    tape.wait(2)
    tape.say("Unhold", callee.shown())
    transfers(tape, callee, "103")
    tape.gone(callee)
    tape.leave(caller)
    third = rings(tape, caller, "103", 2)
    tape.answers(third, caller)
    tape.wait(4)
    tape.hangs_up(caller, third)
    call = tape.call()
    assert parts(call) == [("102", "direct", 7.0), ("103", "transfer_blind", 4.0)]
    assert (call.talk_seconds, call.hold_seconds) == (11.0, 2.0)


# Handing a client on.


def test_a_client_of_an_outgoing_call_handed_to_a_colleague(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "02079460123")
    client = tape.dials_out(phone)
    tape.ring(client)
    tape.wait(5)
    tape.answers(client, phone)
    tape.wait(6)
    transfers(tape, phone, "102")
    tape.gone(phone)
    tape.leave(client)
    colleague = rings(tape, client, "102", 3)
    tape.answers(colleague, client)
    tape.wait(4)
    tape.hangs_up(client, colleague)
    call = tape.call()
    assert (call.direction, call.initiated_by, call.talk_seconds) == (Direction.OUTBOUND, "101", 10.0)
    assert parts(call) == [("102", "transfer_blind", 4.0)]


def test_a_client_handed_to_a_phone_outside_after_a_word_with_it(tape: Tape) -> None:
    client, phone = talks(tape)
    goes_on_hold(tape, client, phone)
    second = tape.picks_up_to_dial("101", "02025550188")
    mobile = tape.dials_out(second, "2025550188@operator")
    tape.ring(mobile)
    tape.wait(4)
    tape.answers(mobile, second)
    tape.wait(3)
    bridge = mobile.bridge
    tape.leave(client, second)
    tape.enter(client, bridge)
    tape.say("MusicOnHoldStop", client.shown())
    tape.say(
        "AttendedTransfer",
        {"OrigTransfererUniqueid": phone.id, "SecondTransfererUniqueid": second.id, "TransfereeUniqueid": client.id},
        Result="Success",
    )
    tape.gone(phone, second)
    tape.wait(10)
    tape.hangs_up(client, mobile)
    call = tape.call()
    assert parts(call) == [("101", "direct", 12.0), ("2025550188", "transfer_attended", 10.0)]
    assert (call.number, call.talk_seconds, call.hold_seconds) == (CLIENT, 22.0, 7.0)


def test_a_consultation_without_music_is_still_hold(tape: Tape) -> None:
    """The colleague turns to another bridge and comes back; the client waits in theirs."""
    client, phone = talks(tape)
    ours = phone.bridge
    tape.leave(phone)
    tape.enter(phone, "consultation")
    colleague = rings(tape, phone, "102", 2)
    tape.up(colleague)
    tape.enter(colleague, "consultation")
    tape.wait(3)
    tape.hangs_up(colleague)
    tape.leave(phone)
    tape.enter(phone, ours)
    tape.wait(4)
    tape.hangs_up(client, phone)
    call = tape.call()
    assert (call.talk_seconds, call.hold_seconds) == (14.0, 5.0)
    assert parts(call) == [("101", "direct", 14.0), ("102", "transfer_attended", 0.0)]


def test_a_parked_client_waits_and_is_fetched_by_another_phone(tape: Tape) -> None:
    client, phone = talks(tape)
    transfers(tape, phone, "70")
    tape.gone(phone)
    tape.leave(client)
    tape.bridge(client, technology="holding_bridge")
    tape.say("MusicOnHoldStart", client.shown())
    tape.wait(30)
    fetching = tape.picks_up_to_dial("103", "71")
    tape.up(fetching)
    tape.say("MusicOnHoldStop", client.shown())
    tape.leave(client)
    fetching.linkedid = client.linkedid
    tape.bridge(client, fetching)
    tape.wait(6)
    tape.hangs_up(fetching, client)
    call = tape.call()
    assert parts(call) == [("101", "direct", 5.0), ("103", "direct", 6.0)]
    assert (call.talk_seconds, call.hold_seconds, call.hung_up_by) == (11.0, 0.0, Party.US)


def test_two_parked_clients_do_not_talk(tape: Tape) -> None:
    first, second = tape.arrives(), tape.arrives("+12025550124")
    tape.bridge(first, second, name="lot", technology="holding_bridge")
    tape.wait(60)
    tape.gone(first, second)
    assert [call.talk_seconds for call in tape.calls()] == [0.0, 0.0]


# More than two.


def test_a_conference_is_one_call_with_everybody_of_ours(tape: Tape) -> None:
    client = tape.arrives()
    tape.up(client)
    room = tape.bridge(client, technology="softmix")
    tape.wait(5)
    first, second = tape.picks_up_to_dial("101", "800"), tape.picks_up_to_dial("102", "800")
    for phone in (first, second):
        tape.up(phone)
        phone.linkedid = client.linkedid
        tape.enter(phone, room, "softmix")
    tape.wait(10)
    tape.hangs_up(first)
    tape.wait(5)
    tape.hangs_up(client, second)
    call = tape.call()
    assert parts(call) == [("101", "direct", 10.0), ("102", "direct", 15.0)]
    assert (call.talk_seconds, call.hung_up_by) == (15.0, Party.CLIENT)


def test_clients_who_meet_in_a_conference_are_a_call_each(tape: Tape) -> None:
    first, second = tape.arrives(), tape.arrives("+12025550124")
    room = tape.bridge(first, technology="softmix")
    ours = rings(tape, first, "101", 2)
    tape.up(ours)
    tape.enter(ours, room, "softmix")
    tape.wait(5)
    second.linkedid = first.linkedid
    tape.enter(second, room, "softmix")
    tape.wait(5)
    tape.hangs_up(second)
    tape.hangs_up(first, ours)
    one, other = tape.calls()
    assert [(call.number, call.talk_seconds) for call in (one, other)] == [(CLIENT, 10.0), ("+12025550124", 5.0)]
    assert [[leg.via for leg in call.legs] for call in (one, other)] == [[Via.DIRECT], [Via.DIRECT]]


def test_two_clients_put_together_keep_their_own_phones(tape: Tape) -> None:
    """A colleague talks to one client, then to another, and connects the two."""
    first, phone = talks(tape)
    goes_on_hold(tape, first, phone)
    second = tape.arrives("+12025550177")
    again = rings(tape, second, "101", 2)
    tape.answers(again, second)
    tape.wait(4)
    bridge = again.bridge
    tape.leave(first, again)
    tape.say("MusicOnHoldStop", first.shown())
    tape.enter(first, bridge)
    tape.say("AttendedTransfer", phone.shown("OrigTransferer"), second.shown("TransferTarget"), Result="Success")
    tape.gone(phone, again)
    tape.wait(10)
    tape.hangs_up(second, first)
    one, other = tape.calls()
    assert (parts(one), parts(other)) == ([("101", "direct", 11.0)], [("101", "direct", 4.0)])
    assert (one.ring_seconds, other.ring_seconds) == (3.0, 2.0)


def test_a_feature_code_is_no_call(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "*97")
    tape.up(phone)
    tape.wait(20)
    tape.hangs_up(phone)
    assert tape.calls() == []


def test_a_number_that_begins_like_a_feature_code_is_still_called(tape: Tape) -> None:
    phone = tape.picks_up_to_dial("101", "*6702079460123")
    tape.ring(tape.dials_out(phone, "02079460123@operator"))
    assert tape.call().number == "02079460123"


def test_announcements_and_instant_messages_are_no_calls(tape: Tape) -> None:
    tape.channel("Message/ast_msg_queue", "101")
    assert tape.calls() == []
