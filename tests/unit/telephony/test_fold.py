"""The fold: a set of call events is one call, whatever the order and however often each was said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import calls as said
from hub.domain.calls import CallEvent, CallState, Direction, LegOutcome, Outcome, Party, Via, from_json, to_json
from hub.telephony.calls import Call, fold
from hub.telephony.spans import Track, shared, total, union

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def tell(kind: Callable[..., CallEvent], seconds: float, **fields: Any) -> CallEvent:
    return kind(call="c-1", at=at(seconds), **fields)


INBOUND = [
    tell(said.CallStarted, 0, direction=Direction.INBOUND, number="+12025550123", line="+442079460000"),
    tell(said.QueueEntered, 1, queue="sales"),
    tell(said.PhoneTried, 2, leg="a", extension="101", via=Via.QUEUE),
    tell(said.PhoneRang, 2, leg="a", extension="101", via=Via.QUEUE),
    tell(said.PhoneRang, 4, leg="b", extension="102", via=Via.QUEUE),
    tell(said.PhoneAnswered, 8, leg="b", extension="102", via=Via.QUEUE),
    tell(said.PhoneLeft, 8, leg="a", outcome=LegOutcome.CANCELLED),
    tell(said.TalkBegan, 8, leg="b"),
    tell(said.RecordingAnnounced, 8, reference="q-sales.wav"),
    tell(said.HoldBegan, 10),
    tell(said.HoldEnded, 13),
    tell(said.TalkEnded, 20, leg="b"),
    tell(said.PhoneRang, 21, leg="c", extension="103", via=Via.TRANSFER_BLIND),
    tell(said.PhoneAnswered, 24, leg="c", extension="103", via=Via.TRANSFER_BLIND),
    tell(said.TalkBegan, 24, leg="c"),
    tell(said.CallEnded, 30, by=Party.CLIENT),
]
OUTBOUND = [
    tell(said.CallStarted, 0, direction=Direction.OUTBOUND, number="0671234567", extension="101", request="c2c-1"),
    tell(said.ClientRang, 3),
    tell(said.ClientAnswered, 7),
    tell(said.TalkBegan, 7),
    tell(said.TalkEnded, 17),
    tell(said.CallEnded, 17.5, by=Party.US),
]


def test_an_inbound_call_with_a_queue_hold_and_transfer() -> None:
    call = fold(INBOUND)
    assert (call.direction, call.state, call.outcome) == (Direction.INBOUND, CallState.ENDED, Outcome.ANSWERED)
    assert (call.number, call.line, call.queue) == ("+12025550123", "+442079460000", "sales")
    assert (call.started_at, call.answered_at, call.ended_at) == (at(0), at(8), at(30))
    assert (call.ring_seconds, call.talk_seconds, call.hold_seconds, call.duration_seconds) == (6.0, 18.0, 3.0, 30.0)
    assert (call.answered_by, call.initiated_by, call.hung_up_by) == ("102", None, Party.CLIENT)
    assert call.recordings == ("q-sales.wav",)


def test_its_legs_are_the_phones_that_were_called() -> None:
    first, second, third = fold(INBOUND).legs
    assert (first.extension, first.rang_at, first.left_at, first.outcome) == ("101", at(2), at(8), LegOutcome.CANCELLED)
    assert (second.extension, second.answered_at, second.via) == ("102", at(8), Via.QUEUE)
    assert (third.outcome, third.left_at, third.talk_seconds) == (LegOutcome.ANSWERED, at(30), 6.0)


def test_an_outbound_call_waits_for_the_client() -> None:
    call = fold(OUTBOUND)
    assert (call.answered_at, call.ring_seconds, call.talk_seconds) == (at(7), 4.0, 10.0)
    assert (call.initiated_by, call.answered_by, call.request) == ("101", None, "c2c-1")
    assert call.legs == ()


@given(st.permutations(INBOUND), st.lists(st.sampled_from(INBOUND)))
def test_any_order_and_repetition_is_the_same_call(events: list[CallEvent], again: list[CallEvent]) -> None:
    assert fold([*events, *again]) == fold(INBOUND)


def test_no_events_are_no_call() -> None:
    with pytest.raises(ValueError, match="at least one event"):
        fold([])


def test_an_event_said_again_later_lengthens_nothing() -> None:
    rang = tell(said.PhoneRang, 9, leg="b", extension="102")
    later = [tell(said.TalkBegan, 9, leg="b"), rang, tell(said.HoldBegan, 11)]
    assert fold([*INBOUND, *later]) == fold(INBOUND)


# While it goes on.


@pytest.mark.parametrize(("known", "state"), [(3, CallState.RINGING), (8, CallState.TALKING), (12, CallState.TALKING)])
def test_a_call_that_goes_on_has_a_state_and_no_outcome(known: int, state: CallState) -> None:
    call = fold(INBOUND[:known])
    assert (call.state, call.outcome, call.ended_at, call.reason) == (state, None, None, None)


def test_a_status_never_goes_backwards() -> None:
    """Between two colleagues a client waits; the call was talked on and stays so."""
    assert fold(INBOUND[:13]).state is CallState.TALKING


# How it ends.


def ended(*events: CallEvent, direction: Direction = Direction.INBOUND, **end: Any) -> Call:
    return fold([tell(said.CallStarted, 0, direction=direction), *events, tell(said.CallEnded, 9, **end)])


def test_nobody_talked_is_missed_abandoned_or_voicemail() -> None:
    assert ended().outcome is Outcome.MISSED
    assert ended(tell(said.QueueAbandoned, 8)).outcome is Outcome.ABANDONED
    assert ended(tell(said.QueueAbandoned, 4), tell(said.VoicemailLeft, 8)).outcome is Outcome.VOICEMAIL


def test_picking_up_without_talking_is_no_answer() -> None:
    """A phone that must confirm first, a colleague who hangs up while being put through."""
    call = ended(tell(said.PhoneAnswered, 4, leg="a", extension="101"))
    assert (call.outcome, call.answered_at, call.answered_by) == (Outcome.MISSED, None, None)


@pytest.mark.parametrize(("by", "outcome"), [(Party.US, Outcome.CANCELLED), (Party.SYSTEM, Outcome.NO_ANSWER)])
def test_calling_in_vain_is_cancelled_by_us_or_not_answered(by: Party, outcome: Outcome) -> None:
    assert ended(by=by, direction=Direction.OUTBOUND).outcome is outcome


def test_what_the_system_knows_better_counts() -> None:
    call = ended(outcome=Outcome.BUSY, reason="busy", direction=Direction.OUTBOUND)
    assert (call.outcome, call.reason) == (Outcome.BUSY, "busy")


def test_an_end_nobody_reported_was_at_the_last_moment_known() -> None:
    call = fold([*INBOUND[:12], tell(said.CallSeen, 25), tell(said.CallEnded, 9999, certain=False)])
    assert (call.state, call.ended_at, call.reason) == (CallState.ENDED, at(25), "end not reported")


def test_a_reported_end_replaces_a_supposed_one() -> None:
    call = fold([*INBOUND, tell(said.CallEnded, 9999, certain=False), tell(said.CallEnded, 25, certain=False)])
    assert (call.ended_at, call.reason, call.hung_up_by) == (at(30), None, Party.CLIENT)


def test_a_leg_nobody_closed_ends_with_the_call() -> None:
    call = ended(tell(said.PhoneRang, 2, leg="a", extension="101"), by=Party.CLIENT)
    assert (call.legs[0].left_at, call.legs[0].outcome, call.ring_seconds) == (at(9), LegOutcome.NO_ANSWER, 7.0)


def test_a_phone_tried_in_vain_did_not_ring() -> None:
    busy = tell(said.PhoneLeft, 3, leg="a", outcome=LegOutcome.BUSY)
    call = ended(tell(said.PhoneTried, 2, leg="a", extension="101"), busy)
    assert (call.legs[0].rang_at, call.legs[0].outcome, call.ring_seconds) == (None, LegOutcome.BUSY, 0.0)


def test_a_phone_that_rings_twice_rang_both_times() -> None:
    left = [tell(said.PhoneLeft, second, leg="a", outcome=LegOutcome.NO_ANSWER) for second in (3, 8)]
    call = ended(*(tell(said.PhoneRang, second, leg="a", extension="101") for second in (1, 6)), *left)
    assert (call.ring_seconds, call.legs[0].rang_at, call.legs[0].left_at) == (4.0, at(1), at(8))


def test_a_client_who_stopped_ringing_does_not_ring_on() -> None:
    events = [tell(said.ClientRang, 1), tell(said.ClientLeft, 3)]
    assert ended(*events, direction=Direction.OUTBOUND).ring_seconds == 2.0


# When the beginning is late.


@pytest.mark.parametrize(
    ("event", "direction"),
    [
        (tell(said.ClientRang, 1), Direction.OUTBOUND),
        (tell(said.ClientAnswered, 1), Direction.OUTBOUND),
        (tell(said.PhoneRang, 1, leg="a", extension="101"), Direction.INBOUND),
    ],
)
def test_without_its_beginning_a_call_is_guessed_by_who_rings(event: CallEvent, direction: Direction) -> None:
    assert (fold([event]).direction, fold([event]).started_at) == (direction, at(1))


def test_the_first_to_know_a_field_says_it() -> None:
    starts = [
        tell(said.CallStarted, 0, direction=Direction.INBOUND),
        tell(said.CallStarted, 1, direction=Direction.INBOUND, number="1", name="Ann"),
        tell(said.CallStarted, 2, direction=Direction.INBOUND, number="2"),
    ]
    assert (fold(starts).number, fold(starts).name, fold(starts).started_at) == ("1", "Ann", at(0))


@pytest.mark.parametrize("event", [*INBOUND, *OUTBOUND, tell(said.CallSeen, 1), tell(said.ClientLeft, 1)], ids=repr)
def test_every_event_survives_json(event: CallEvent) -> None:
    assert from_json(to_json(event)) == event


# Stretches of time.

spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (at(pair[0]), at(sum(pair)))))


def _since_noon(moment: datetime) -> int:
    return int((moment - NOON).total_seconds())


@given(spans)
def test_time_covered_twice_counts_once(covered: list[tuple[datetime, datetime]]) -> None:
    seconds = {second for start, end in covered for second in range(_since_noon(start), _since_noon(end))}
    assert total(covered) == len(seconds)
    merged = union(covered)
    assert all(end < start for (_, end), (start, _) in pairwise(merged))


@given(spans, spans)
def test_shared_time_is_in_both(left: list[tuple[datetime, datetime]], right: list[tuple[datetime, datetime]]) -> None:
    both = total(shared(left, right))
    assert both == pytest.approx(total(left) + total(right) - total([*left, *right]))


def test_a_track_said_to_begin_twice_began_once() -> None:
    track = Track()
    for begin in (at(1), at(2)):
        track.begin(begin)
    for end in (at(5), at(6)):
        track.end(end)
    assert track.until(at(4)) == [(at(1), at(4))]
    assert (track.first, track.ever) == (at(1), True)
