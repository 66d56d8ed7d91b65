"""What Twilio says of whole conversations, in any order and any number, is the call it truly was."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.calls import CallState
from tests.standins.twilio.conversations import BY_NAME, CONVERSATIONS, Conversation
from tests.unit.telephony.twilio.hub_side import HubSide, call_of, facts, held, mixed, shape

HELD = {conversation.name: held(conversation) for conversation in CONVERSATIONS}
every_conversation = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=str)
conversations = st.sampled_from(CONVERSATIONS)
chance = st.randoms(use_true_random=False)


@every_conversation
def test_it_is_the_call_it_truly_was(conversation: Conversation) -> None:
    call = call_of(HELD[conversation.name].facts)
    assert call.state is CallState.ENDED
    assert {name: shape(call)[name] for name in conversation.truth} == conversation.truth
    assert {leg.extension: f"{leg.outcome} {leg.via}" for leg in call.legs} == conversation.legs


@given(conversations, chance)
def test_in_any_order_and_any_number_it_is_the_same_call(conversation: Conversation, luck: random.Random) -> None:
    told = HELD[conversation.name].facts
    assert call_of(mixed(told, luck)) == call_of(told)


@given(conversations, chance)
def test_deliveries_that_come_again_a_day_later_change_nothing(conversation: Conversation, luck: random.Random) -> None:
    side = HELD[conversation.name]
    again = luck.sample(side.deliveries, luck.randint(1, len(side.deliveries)))
    late = [replace(one, received_at=one.received_at + timedelta(days=1)) for one in again]
    told = [fact for delivery in [*side.deliveries, *late] for fact in facts(delivery)]
    assert call_of(mixed(told, luck)) == call_of(side.facts)


@given(conversations, chance)
def test_whatever_arrived_so_far_is_a_call_named_after_a_leg_it_knows(
    conversation: Conversation, luck: random.Random
) -> None:
    """Children before their parent, the end before the beginning: never a mistake."""
    side = HELD[conversation.name]
    arrived = luck.sample(side.deliveries, luck.randint(1, len(side.deliveries)))
    told = [fact for delivery in arrived for fact in facts(delivery)]
    assert call_of(told).id in {node for fact in told for node in fact.nodes}


@every_conversation
def test_each_delivery_can_be_the_first_that_is_heard(conversation: Conversation) -> None:
    for delivery in HELD[conversation.name].deliveries:
        told = facts(delivery)
        assert call_of(told).id in {node for fact in told for node in fact.nodes}


def test_a_call_that_is_ringing_and_talking_is_seen_so() -> None:
    side = HELD["answered"]
    states = [call_of(side.facts[: count + 1]).state for count in range(len(side.facts))]
    told = [state for before, state in zip([None, *states], states, strict=False) if state is not before]
    assert told[0] is CallState.RINGING
    assert told[-1] is CallState.ENDED


def test_two_conversations_of_one_exchange_have_nothing_in_common() -> None:
    side = HubSide()
    first, second = (side.hold(BY_NAME[name]) for name in ("answered", "missed"))
    nodes = [fact.nodes for fact in side.facts]
    assert not any({first.sid, second.sid} <= ids for ids in nodes)
