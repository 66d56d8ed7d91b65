"""Queues as FreePBX has them: members behind Local channels, several at once or one after the other."""

import pytest

from hub.domain.calls import Direction, LegOutcome, Outcome, Party
from tests.unit.telephony.asterisk.tape import (
    CLIENT,
    Tape,
    leaves_queue,
    member,
    member_answers,
    member_stops,
    parts,
    queues,
    rings,
    talks,
    transfers,
)


@pytest.fixture
def tape() -> Tape:
    return Tape()


def test_all_members_ring_and_one_answers(tape: Tape) -> None:
    client = tape.arrives()
    queues(tape, client)
    slow, fast = member(tape, client, "101"), member(tape, client, "102")
    tape.wait(5)
    member_answers(tape, client, fast)
    member_stops(tape, client, slow, "CANCEL")
    tape.wait(20)
    near, far, phone = fast
    tape.hangs_up(phone, far, near, client)
    call = tape.call()
    assert parts(call) == [("101", "queue", 0.0), ("102", "queue", 20.0)]
    assert [leg.outcome for leg in call.legs] == [LegOutcome.CANCELLED, LegOutcome.ANSWERED]
    assert (call.queue, call.answered_by, call.ring_seconds, call.hung_up_by) == ("600", "102", 5.0, Party.US)


def test_local_channels_that_step_aside_leave_the_talk_whole(tape: Tape) -> None:
    """Local channel optimisation: the client is moved into the phone's bridge, the Local channel goes."""
    client = tape.arrives()
    queues(tape, client)
    ringing = near, far, phone = member(tape, client, "101")
    tape.wait(5)
    member_answers(tape, client, ringing)
    bridge = phone.bridge
    tape.leave(client, far)
    tape.enter(client, bridge)
    tape.gone(near, far)
    tape.wait(20)
    tape.hangs_up(client, phone)
    call = tape.call()
    assert (parts(call), call.hung_up_by) == ([("101", "queue", 20.0)], Party.CLIENT)


def test_the_next_member_is_tried_when_the_first_does_not_answer(tape: Tape) -> None:
    client = tape.arrives()
    queues(tape, client)
    first = member(tape, client, "101")
    tape.wait(15)
    member_stops(tape, client, first, "NOANSWER")
    tape.wait(5)
    second = member(tape, client, "102")
    tape.wait(3)
    member_answers(tape, client, second)
    tape.wait(10)
    tape.hangs_up(client, *second)
    call = tape.call()
    assert (call.ring_seconds, call.talk_seconds, call.answered_by) == (18.0, 10.0, "102")


@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", Outcome.VOICEMAIL), ("FAILED", Outcome.MISSED)])
def test_a_queue_that_ends_in_a_mailbox_was_not_abandoned(tape: Tape, status: str, outcome: Outcome) -> None:
    client = tape.arrives()
    queues(tape, client)
    ringing = member(tape, client, "101")
    tape.wait(15)
    member_stops(tape, client, ringing, "NOANSWER")
    leaves_queue(tape, client)
    tape.steps(client, "macro-vm", "s-NOANSWER", "VoiceMail", "101@default,u")
    tape.wait(4)
    tape.asks(client)
    tape.say("VarSet", client.shown(), Variable="VMSTATUS", Value=status)
    tape.gone(client)
    call = tape.call()
    assert (call.outcome, call.queue, call.ring_seconds, call.hung_up_by) == (outcome, "600", 15.0, Party.CLIENT)


@pytest.mark.parametrize("answers", [True, False])
def test_a_queue_that_goes_on_to_a_phone(tape: Tape, answers: bool) -> None:
    client = tape.arrives()
    queues(tape, client)
    ringing = member(tape, client, "101")
    tape.wait(10)
    member_stops(tape, client, ringing, "NOANSWER")
    leaves_queue(tape, client)
    phone = rings(tape, client, "103", 4)
    if answers:
        tape.answers(phone, client)
        tape.wait(6)
    tape.hangs_up(client, phone)
    call = tape.call()
    talked = 6.0 if answers else 0.0
    assert parts(call) == [("101", "queue", 0.0), ("103", "direct", talked)]
    assert (call.outcome, call.ring_seconds) == (Outcome.ANSWERED if answers else Outcome.MISSED, 14.0)


def test_a_caller_who_leaves_while_members_ring_abandoned_it(tape: Tape) -> None:
    client = tape.arrives()
    queues(tape, client)
    ringing = member(tape, client, "101")
    tape.wait(8)
    tape.asks(client)
    member_stops(tape, client, ringing, "CANCEL")
    tape.say("QueueCallerAbandon", client.shown(), Queue="600")
    leaves_queue(tape, client)
    tape.gone(client)
    call = tape.call()
    assert (call.outcome, call.reason, call.ring_seconds) == (Outcome.ABANDONED, "caller gave up", 8.0)


@pytest.mark.parametrize("answers", [True, False])
def test_a_client_handed_to_a_queue(tape: Tape, answers: bool) -> None:
    """Somebody had talked to the client before: whatever happens in the queue, the call was answered."""
    client, phone = talks(tape)
    transfers(tape, phone, "600")
    tape.gone(phone)
    tape.leave(client)
    queues(tape, client)
    ringing = member(tape, client, "102")
    tape.wait(6)
    if answers:
        member_answers(tape, client, ringing)
        tape.wait(10)
    else:
        tape.say("QueueCallerAbandon", client.shown(), Queue="600")
    tape.hangs_up(client, *ringing)
    call = tape.call()
    assert parts(call) == [("101", "direct", 5.0), ("102", "transfer_blind", 10.0 if answers else 0.0)]
    assert (call.outcome, call.answered_by, call.queue, call.number) == (Outcome.ANSWERED, "101", "600", CLIENT)


def test_a_colleague_calls_a_queue(tape: Tape) -> None:
    caller = tape.picks_up_to_dial("101", "600")
    queues(tape, caller)
    ringing = member(tape, caller, "102")
    tape.wait(4)
    member_answers(tape, caller, ringing)
    tape.wait(5)
    tape.hangs_up(ringing[2], *ringing[:2], caller)
    call = tape.call()
    assert (call.direction, call.initiated_by, call.answered_by) == (Direction.INTERNAL, "101", "102")
    assert (call.queue, call.ring_seconds, call.talk_seconds) == ("600", 4.0, 5.0)
