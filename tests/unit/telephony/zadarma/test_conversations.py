"""Whole conversations, and what they amount to whatever the order of their notifications."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from hub.domain.calls import CallState, Direction, LegOutcome, Outcome, Party, Via
from tests.standins.zadarma import LINE, Conversation, Exchange, conversations
from tests.unit.telephony.zadarma.hub_side import CALLER, CLIENT, NOON, call, delivery, disagreements, exchange, heard

CONVERSATIONS: dict[str, Callable[[Exchange], Conversation]] = {
    "answered": lambda held: conversations.answered(held, CALLER),
    "missed": lambda held: conversations.missed(held, CALLER),
    "ring timeout": lambda held: conversations.missed(held, CALLER, "no answer", "ring timeout"),
    "busy": lambda held: conversations.missed(held, "anonymous", "busy", "phone busy"),
    "message": lambda held: conversations.message(held, CALLER),
    "menu": lambda held: conversations.in_the_menu(held, CALLER),
    "transferred": lambda held: conversations.transferred(held, CALLER),
    "outbound": lambda held: conversations.outbound(held, CLIENT),
    "client busy": lambda held: conversations.outbound(held, CLIENT, "busy", outcome="busy", talks=0),
    "we gave up": lambda held: conversations.outbound(held, CLIENT, "cancel", outcome="cancelled", talks=0),
    "no such number": lambda held: conversations.outbound(
        held, CLIENT, "unallocated number", outcome="failed", talks=0
    ),
}
every_conversation = pytest.mark.parametrize("name", CONVERSATIONS)


@every_conversation
def test_it_is_the_call_it_truly_was_in_any_order_and_told_twice(name: str) -> None:
    held = CONVERSATIONS[name](exchange())
    truth = heard(held)
    assert disagreements(truth, held.truth) == {}
    assert (truth.state, truth.ended_at) == (CallState.ENDED, NOON)
    luck = random.Random(name)
    for _ in range(20):
        order = [*range(len(held.told)), *luck.choices(range(len(held.told)), k=3)]
        luck.shuffle(order)
        assert heard(held, order) == truth


@every_conversation
def test_it_may_be_received_as_late_as_you_like(name: str) -> None:
    """Each notification late by a time of its own, and so in any order: who, how and how long stay the same."""
    held = CONVERSATIONS[name](exchange())
    luck = random.Random(name)
    for _ in range(20):
        told = call(*(delivery(fields, at=luck.uniform(0, 40)) for fields in held.told))
        assert disagreements(told, {key: held.truth[key] for key in held.truth if key != "talk_seconds"}) == {}
        assert 0 <= told.talk_seconds <= told.duration_seconds
        if name != "transferred":
            assert told.talk_seconds == held.truth["talk_seconds"]


def test_the_client_hears_ringing_until_somebody_picks_up() -> None:
    told = heard(conversations.answered(exchange(), CALLER, rings=8, talks=60))
    assert (told.started_at, told.answered_at) == (NOON - timedelta(seconds=68), NOON - timedelta(seconds=60))
    assert told.recordings == (conversations.answered(exchange(), CALLER).told[-1]["call_id_with_rec"],)


def test_while_it_goes_on_it_is_ringing_then_talking() -> None:
    start, rings, _, picks_up, *_ = conversations.answered(exchange(), CALLER, by="101").told
    ringing = call(delivery(start, at=-68), delivery(rings, at=-67))
    assert (ringing.state, [leg.extension for leg in ringing.legs]) == (CallState.RINGING, ["101"])
    talking = call(delivery(start, at=-68), delivery(rings, at=-67), delivery(picks_up, at=-60))
    assert (talking.state, talking.answered_by, talking.ring_seconds) == (CallState.TALKING, "101", 7.0)


def test_whoever_was_put_through_is_told_so() -> None:
    held = conversations.transferred(exchange(), CALLER, rings=5, talks=90)
    moments = (-95, -94, -90, -40, -30, 0)
    told = call(*(delivery(fields, at=at) for fields, at in zip(held.told, moments, strict=True)))
    assert [(leg.extension, leg.via, leg.talk_seconds) for leg in told.legs] == [
        ("101", Via.DIRECT, 60.0),
        ("103", Via.TRANSFER_BLIND, 30.0),
    ]
    assert (told.ring_seconds, told.talk_seconds) == (4.0, 90.0)


def test_an_end_for_each_phone_ends_the_call_once() -> None:
    """The phone that rang in vain is told to have ended while the other one talks."""
    held = conversations.answered(exchange(), CALLER, by="102")
    *before, end, _ = held.told
    vain = end | {"internal": "101", "disposition": "cancel", "duration": "0", "is_recorded": "0"}
    going = call(*(delivery(fields, at=-60) for fields in before), delivery(vain, at=-59))
    assert going.state is CallState.TALKING
    told = call(*(delivery(fields, at=-60) for fields in before), delivery(vain, at=-59), delivery(end))
    assert (told.outcome, told.answered_by, told.talk_seconds, told.ended_at) == (Outcome.ANSWERED, "102", 60.0, NOON)


def test_a_call_sent_on_to_a_number_outside_was_forwarded() -> None:
    held = conversations.answered(exchange(), CALLER)
    mobile = held.told[3] | {"destination": "442079460199"}
    del mobile["internal"]
    told = call(delivery(held.told[0]), delivery(mobile), delivery(held.told[4] | {"internal": ""}))
    assert [(leg.extension, leg.via) for leg in told.legs] == [("442079460199", Via.FORWARD)]
    assert (told.outcome, told.talk_seconds) == (Outcome.ANSWERED, 60.0)


@pytest.mark.parametrize(
    ("how", "outcome", "talks"), [("answered", Outcome.ANSWERED, 20), ("no answer", Outcome.NO_ANSWER, 0)]
)
def test_a_call_to_a_colleague_is_internal(how: str, outcome: Outcome, talks: int) -> None:
    told = heard(conversations.outbound(exchange(), "102", how, talks=talks))
    assert (told.direction, told.outcome, told.number, told.initiated_by) == (
        *(Direction.INTERNAL, outcome),
        *(None, "101"),
    )
    assert [(leg.extension, leg.talk_seconds) for leg in told.legs] == [("102", float(talks))]


def test_a_call_we_made_and_put_through_stays_the_clients() -> None:
    start, answer, end = conversations.outbound(exchange(), CLIENT).told
    through = answer | {"caller_id": "101", "destination": "103", "internal": "103"}
    for order in ((start, answer, through, end), (through, end, answer, start)):
        told = call(*(delivery(fields) for fields in order))
        assert (told.direction, told.number, told.line, told.initiated_by, told.talk_seconds) == (
            *(Direction.OUTBOUND, CLIENT, LINE),
            *("101", 45.0),
        )


def test_a_transfer_that_is_not_picked_up_is_told_as_one() -> None:
    held = conversations.answered(exchange(), CALLER, by="101")
    start, rings, _, picks_up, end, _ = held.told
    vain = rings | {"internal": "103"}
    told = call(
        *(delivery(one, at=at) for one, at in ((start, -68), (rings, -67), (picks_up, -60), (vain, -20), (end, 0)))
    )
    assert [(leg.extension, leg.via, leg.outcome) for leg in told.legs] == [
        ("101", Via.DIRECT, LegOutcome.ANSWERED),
        ("103", Via.TRANSFER_BLIND, LegOutcome.CANCELLED),
    ]


def test_of_a_callback_only_the_clients_call_counts() -> None:
    ours, theirs = conversations.clicked(exchange(), CLIENT)
    told = call(*(delivery(fields) for fields in [*ours.told, *theirs.told]))
    assert told.id == theirs.call
    assert disagreements(told, theirs.truth) == {}


def test_who_gave_up_is_told() -> None:
    assert heard(conversations.missed(exchange(), CALLER)).hung_up_by is Party.CLIENT
    told = heard(conversations.missed(exchange(), CALLER, "no answer", "ring timeout"))
    assert [leg.outcome for leg in told.legs] == [LegOutcome.NO_ANSWER]


def test_an_end_alone_tells_the_call() -> None:
    held = conversations.answered(exchange(), CALLER, by="102")
    told = call(delivery(held.told[4]))
    assert (told.outcome, told.answered_by, told.talk_seconds, told.recordings) == (
        *(Outcome.ANSWERED, "102", 60.0),
        (held.told[5]["call_id_with_rec"],),
    )


def test_a_disposition_nobody_knows_ends_the_call_all_the_same() -> None:
    *before, end = conversations.missed(exchange(), CALLER).told
    told = call(*(delivery(fields) for fields in before), delivery(end | {"disposition": "abducted"}))
    assert (told.state, told.outcome, told.reason) == (CallState.ENDED, Outcome.MISSED, None)


def test_the_later_hour_of_two_is_told_by_the_receipt() -> None:
    """Kyiv's clocks go back at 04:00 on 25 October: 03:30 is 00:30 and 01:30 in UTC."""
    start = conversations.missed(exchange(), CALLER).told[0] | {"call_start": "2026-10-25 03:30:00"}
    minutes = (NOON.replace(month=10, day=25, hour=1, minute=30) - NOON).total_seconds()
    assert call(delivery(start, at=minutes)).started_at.hour == 1
    assert call(delivery(start, at=minutes - 3600)).started_at.hour == 0


def test_a_clock_ahead_of_ours_starts_nothing_before_it_was_heard_of() -> None:
    start = conversations.missed(exchange(), CALLER).told[0] | {"call_start": "2026-11-23 19:00:00"}
    assert call(delivery(start)).started_at == NOON


def test_a_recording_alone_is_no_call_yet() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        call(delivery(conversations.answered(exchange(), CALLER).told[-1]))
