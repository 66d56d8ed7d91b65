"""Every capture, told by its manager events alone, is the call that truly took place."""

from datetime import timedelta

import pytest

from hub.telephony.calls import Call
from tests.unit.telephony.asterisk.captures import CAPTURES, ENDED_BY, NEVER_KNOWN_LINE, Capture

SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.parametrize("capture", CAPTURES, ids=str)


@pytest.fixture
def call(capture: Capture) -> Call:
    return capture.call()


def test_it_is_one_call_known_by_the_clients_linked_id(capture: Capture, call: Call) -> None:
    assert call.id == capture.truth.linkedids[0]


def test_it_has_the_right_parties(capture: Capture, call: Call) -> None:
    truth = capture.truth
    assert (call.direction, call.number, call.name) == (
        truth.direction,
        truth.customer_number_as_seen,
        truth.customer_name,
    )
    assert call.initiated_by == truth.caller
    assert call.request == truth.data.get("click_to_call")


def test_it_came_over_the_right_line(capture: Capture, call: Call) -> None:
    known = capture.truth.line and capture.name not in NEVER_KNOWN_LINE
    assert call.line == (f"+{capture.truth.line}" if known else None)
    assert call.queue == (capture.truth.queue.split()[0] if capture.truth.queue else None)


def test_it_ended_as_it_did(capture: Capture, call: Call) -> None:
    assert (call.state, call.outcome, call.hung_up_by) == (
        "ended",
        capture.truth.outcome,
        ENDED_BY[capture.truth.ended_by],
    )


def test_it_happened_when_it_did(capture: Capture, call: Call) -> None:
    truth = capture.truth
    assert abs(call.started_at - truth.began) <= SECOND
    assert call.ended_at is not None
    assert abs(call.ended_at - truth.began - timedelta(seconds=truth.seconds_to_end)) <= SECOND
    if truth.seconds_to_answer is None:
        assert call.answered_at is None
    else:
        assert call.answered_at is not None
        assert abs(call.answered_at - truth.began - timedelta(seconds=truth.seconds_to_answer)) <= SECOND


def test_waiting_talking_and_holding_are_told_apart(capture: Capture, call: Call) -> None:
    told = (call.ring_seconds, call.talk_seconds, call.hold_seconds)
    truth = (capture.truth.ring_seconds, capture.truth.talk_seconds, capture.truth.hold_seconds)
    assert told == pytest.approx(truth, abs=0.3)


def test_every_phone_that_was_called_has_its_part(capture: Capture, call: Call) -> None:
    told = sorted((leg.extension, leg.rang_at is not None, leg.answered_at is not None) for leg in call.legs)
    assert told == sorted((one["extension"], one["rang"], one["picked_up"]) for one in capture.truth.callees)


def test_every_phone_talked_as_long_as_it_did(capture: Capture, call: Call) -> None:
    told = {leg.extension: leg.talk_seconds for leg in call.legs}
    truth = {one["extension"]: one["talk_seconds"] for one in capture.truth.callees}
    assert told == pytest.approx(truth, abs=0.3)
    spoke = [extension for extension, seconds in truth.items() if seconds]
    outbound = capture.truth.direction == "outbound"
    assert call.answered_by == (None if outbound or not spoke else spoke[0])


def test_a_recording_is_announced_where_the_pbx_made_a_file(capture: Capture, call: Call) -> None:
    files = [name.rpartition("/")[2] for name in call.recordings]
    assert capture.truth.recording is None or files == [capture.truth.recording]
