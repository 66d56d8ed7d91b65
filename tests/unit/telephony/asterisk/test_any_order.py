"""Lines swapped and doubled, facts shuffled, events repeated late: always the same call."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.calls import CallState
from hub.domain.clock import parse_iso
from hub.domain.delivery import Fact
from hub.telephony.calls import fold
from tests.unit.telephony.asterisk.captures import (
    CAPTURES,
    CONNECTOR,
    SETTINGS,
    Capture,
    calls_of,
    facts_of,
    only_call,
)

captures = st.sampled_from(CAPTURES)
chance = st.randoms(use_true_random=False)


@given(captures, chance)
def test_facts_in_any_order_and_any_number_tell_the_same_call(capture: Capture, luck: random.Random) -> None:
    facts = capture.facts
    mixed = [*facts, *luck.sample(facts, luck.randint(0, len(facts)))]
    luck.shuffle(mixed)
    assert only_call(mixed) == only_call(facts)


@pytest.mark.parametrize("capture", CAPTURES, ids=str)
def test_lines_swapped_and_doubled_tell_the_same_call(capture: Capture) -> None:
    mixed = [*capture.lines, *capture.lines[::2]]
    random.Random(capture.name).shuffle(mixed)
    assert only_call(facts_of(b"\n".join(mixed))) == capture.call()


@given(captures, chance)
def test_call_events_in_any_order_and_any_number_fold_to_the_same_call(capture: Capture, luck: random.Random) -> None:
    events = list(CONNECTOR.interpret(capture.facts, SETTINGS))
    mixed = [*events, *luck.choices(events, k=luck.randint(0, 20))]
    luck.shuffle(mixed)
    assert fold(mixed) == fold(events)


@pytest.mark.parametrize("capture", CAPTURES, ids=str)
def test_a_pbx_that_repeats_everything_later_lengthens_nothing(capture: Capture) -> None:
    repeated = [*capture.lines, *(_later(line, 30) for line in capture.lines)]
    told, once = only_call(facts_of(b"\n".join(repeated))), capture.call()
    assert replace(told, last_event_at=once.last_event_at) == once


@pytest.mark.parametrize("capture", CAPTURES, ids=str)
def test_a_pbx_that_says_everything_twice_says_it_once(capture: Capture) -> None:
    doubled = [said for line in capture.lines for said in (line, _later(line, 0.00001))]
    told, once = only_call(facts_of(b"\n".join(doubled))), capture.call()
    assert replace(told, last_event_at=once.last_event_at) == once


@given(captures, st.floats(0, 1), st.integers(1, 20))
def test_a_call_that_goes_on_only_moves_forward(capture: Capture, share: float, more: int) -> None:
    cut = int(len(capture.facts) * share)
    now, later = _states(capture.facts[:cut]), _states(capture.facts[: cut + more])
    assert all(later.get(call, state) >= state for call, state in now.items())


@given(captures, st.floats(0, 1))
def test_a_call_in_progress_has_no_outcome_and_no_end(capture: Capture, share: float) -> None:
    for call in calls_of(capture.facts[: int(len(capture.facts) * share)]):
        over = call.state is CallState.ENDED
        assert (call.outcome is not None, call.ended_at is not None) == (over, over)
        assert call.hold_seconds <= call.talk_seconds <= call.duration_seconds + 0.1


@given(captures, chance)
def test_any_part_of_a_capture_is_understood(capture: Capture, luck: random.Random) -> None:
    part = luck.sample(capture.facts, luck.randint(0, len(capture.facts)))
    for call in calls_of(part):
        assert call.duration_seconds >= call.talk_seconds - 0.1


def _states(facts: list[Fact]) -> dict[str, int]:
    order = list(CallState)
    return {call.id: order.index(call.state) for call in calls_of(facts)}


def _later(line: bytes, seconds: float) -> bytes:
    said = json.loads(line)
    said["at"] = (parse_iso(said["at"]) + timedelta(seconds=seconds)).isoformat()
    return json.dumps(said).encode()
