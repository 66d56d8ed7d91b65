"""The days of an invented company: the same each time, and as days are."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise, takewhile

import pytest

from hub.telephony.simulator import hours, truth
from hub.telephony.simulator.captures import ZONE
from hub.telephony.simulator.script import Planned, Script

MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
CLIENTS = [f"67123450{digit}" for digit in range(10)]


def days(count: int, seed: int = 1) -> list[Planned]:
    end = MONDAY + timedelta(days=count)
    return list(takewhile(lambda call: call.at < end, Script(seed, MONDAY, CLIENTS).calls()))


WEEK = days(7)


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    assert days(1) == days(1)
    assert days(1) != days(1, seed=2)


def test_days_have_hours() -> None:
    by_hour = Counter((call.at.astimezone(ZONE).weekday() < 5, call.at.astimezone(ZONE).hour) for call in WEEK)
    assert by_hour[True, 10] > 3 * by_hour[True, 19] > 0
    assert by_hour[True, 13] < 0.75 * by_hour[True, 10]
    assert by_hour[True, 3] < by_hour[True, 10] / 10
    assert sum(count for (working, _), count in by_hour.items() if not working) < sum(by_hour.values()) / 5
    assert 300 < len(days(1)) < 900


def test_at_night_nobody_answers() -> None:
    nightly = [call for call in WEEK if call.at.astimezone(ZONE).hour in {1, 2, 3, 4}]
    assert {truth.notes(call.title)["outcome"] for call in nightly} == {"missed", "voicemail"}


def test_calls_of_every_kind_happen_and_most_are_answered() -> None:
    told = [truth.notes(call.title) for call in WEEK]
    assert {one["direction"] for one in told} == {"inbound", "outbound", "internal"}
    answered = sum(one["outcome"] == "answered" for one in told) / len(told)
    assert 0.6 < answered < 0.9
    assert any(one["queue"] for one in told)
    assert any(one.get("transfers") for one in told)


def test_they_come_in_order_and_nobody_of_ours_has_two_calls_at_once() -> None:
    assert all(earlier.at <= later.at for earlier, later in pairwise(WEEK))
    busy: dict[str, datetime] = {}
    for call in WEEK:
        for phone in truth.phones(call.title):
            who = call.cast.extensions[phone]
            assert busy.get(who, call.at) <= call.at
            busy[who] = call.at + timedelta(seconds=call.seconds)


def test_the_regulars_call_often_and_who_was_missed_calls_again() -> None:
    callers = Counter(number for call in WEEK for number in call.cast.clients.values())
    assert callers[CLIENTS[0]] > 3 * callers[CLIENTS[9]] > 0


def test_talks_are_of_all_lengths() -> None:
    talks = sorted(call.stretch.by for call in WEEK if call.stretch)
    assert talks[0] < 20
    assert 45 < talks[len(talks) // 2] < 120
    assert 300 < talks[-1] <= 900


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 11, 23, 10, 17, tzinfo=ZONE), datetime(2026, 11, 23, 10, 17, tzinfo=ZONE)),
        (datetime(2026, 11, 23, 5, 17, tzinfo=ZONE), datetime(2026, 11, 23, 9, tzinfo=ZONE)),
        (datetime(2026, 11, 27, 22, 0, tzinfo=ZONE), datetime(2026, 11, 30, 9, tzinfo=ZONE)),
    ],
)
def test_the_day_begins_when_the_company_is_busy(now: datetime, opens: datetime) -> None:
    assert hours.opening(now) == opens
