"""Time, and the faster time of a demo."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hub.domain import clock
from hub.domain.clock import Pace
from hub.storage.database import open_engine
from hub.storage.leases import Lease

OPENING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def usual_time() -> Iterator[None]:
    yield
    clock.run_at(1)


def test_a_minute_of_fast_time_is_a_minute_later() -> None:
    pace = Pace(OPENING, time.monotonic() - 6, 10)
    assert timedelta(minutes=1) <= pace.now() - OPENING < timedelta(minutes=3)


def test_time_that_is_set_begins_where_it_was_set_and_never_goes_back() -> None:
    clock.run_at(60, OPENING)
    moments = [clock.now() for _ in range(100)]
    assert OPENING <= moments[0] < OPENING + timedelta(hours=1)
    assert moments == sorted(moments)
    assert clock.speed() == 60


def test_time_can_be_set_right_again() -> None:
    clock.run_at(60, OPENING)
    clock.run_at(1)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=10)
    assert clock.speed() == 1


def test_a_lease_lasts_as_long_for_its_holder_in_fast_time() -> None:
    assert Lease(open_engine("sqlite://"), "any", "me")._until() - clock.now() <= timedelta(seconds=10)
    clock.run_at(60, OPENING)
    assert Lease(open_engine("sqlite://"), "any", "me")._until() - clock.now() > timedelta(minutes=9)
