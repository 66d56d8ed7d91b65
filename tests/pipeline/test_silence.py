"""The watchdog: a call whose end nobody reported is closed, and a real end that comes later counts."""

import json
from datetime import timedelta

import pytest
import time_machine

from hub import repair
from hub.leads.models import TaskRow
from tests.pipeline.office import MONDAY, Office, after, answered, hungup, rang, started
from tests.pipeline.test_order import TRANSFER


@pytest.mark.parametrize(("minutes", "closed"), [(9, 0), (11, 1)])
def test_a_call_that_rings_for_ever_is_closed(office: Office, minutes: int, closed: int) -> None:
    office.hear(started(), rang(at=1))
    with time_machine.travel(MONDAY + timedelta(minutes=minutes)):
        assert repair.close_silent(office.hub) == closed
        office.drain()
    assert office.call()["state"] == ("ended" if closed else "ringing")


def test_a_call_nobody_ended_ends_where_it_was_last_heard_of(office: Office) -> None:
    office.hear(started(), rang(), answered(at=5))
    with time_machine.travel(MONDAY + timedelta(hours=7)):
        assert repair.close_silent(office.hub) == 1
        office.drain()
        assert repair.close_silent(office.hub) == 0
    call = office.call()
    assert (call["outcome"], call["reason"], call["ended_at"]) == (
        "answered",
        "end not reported",
        "2026-11-23T10:00:05.000Z",
    )
    assert call["duration_seconds"] == 5.0


def test_the_real_end_that_comes_later_counts(office: Office) -> None:
    office.hear(started(), rang(), answered(at=5))
    with time_machine.travel(MONDAY + timedelta(hours=7)):
        repair.close_silent(office.hub)
        office.drain()
    assert office.call()["reason"] == "end not reported"
    office.hear(hungup(at=65))
    call = office.call()
    assert (call["ended_at"], call["reason"], call["hung_up_by"]) == ("2026-11-23T10:01:05.000Z", None, "client")
    assert [row.type for row in office.told()] == ["call.talking", "call.ended", "call.ended"]


def test_a_call_in_channels_is_closed_too(office: Office) -> None:
    office.hear(TRANSFER[0], to="exchange")
    with time_machine.travel(MONDAY + timedelta(hours=1)):
        assert repair.close_silent(office.hub) == 1
        office.drain("exchange")
    assert (office.call()["state"], office.call()["outcome"]) == ("ended", "missed")
    assert [task.state for task in office.rows(TaskRow)] == ["open"]


def test_hubs_own_word_on_a_call_that_was_none_is_no_call(office: Office) -> None:
    office.hear(*TRANSFER[3:6], to="exchange")
    with time_machine.travel(MONDAY + timedelta(hours=7)):
        assert repair.close_silent(office.hub) == 1
        office.drain("exchange")
    office.hear(*TRANSFER[:3], *TRANSFER[6:], to="exchange")
    assert (office.call()["provider_call_id"], office.call()["reason"]) == ("client-1", None)


def test_no_sender_can_speak_in_hubs_name(office: Office) -> None:
    office.hear(started(), {"event": "CallEnded", "call": "c1", "at": after(5)})
    assert office.states() == ["done", "parked"]
    assert office.call()["state"] == "ringing"


def test_no_call_is_closed_while_its_end_may_wait_to_be_read(office: Office) -> None:
    office.hear(started(), rang(), answered(at=5))
    office.accept(json.dumps(hungup(at=65)).encode())
    with time_machine.travel(MONDAY + timedelta(hours=7)):
        assert repair.close_silent(office.hub) == 0
        office.drain()
    assert [row.type for row in office.told()] == ["call.talking", "call.ended"]
