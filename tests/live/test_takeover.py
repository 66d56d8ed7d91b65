"""Two processes for one connection: one listens, the other takes over when the first dies."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, update

from hub.domain import clock
from hub.storage.database import open_engine
from hub.storage.leases import Lease, LeaseRow
from hub.telephony.listener import Timing
from hub.telephony.simulator import Simulator
from tests.live.desk import Desk, listening
from tests.waiting import until

LENGTH = timedelta(seconds=1)


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def lease(engine: Engine, holder: str) -> Lease:
    return Lease(engine, "listen:pbx", holder, LENGTH)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def _hold(port: int, url: str) -> None:
    """The other process: it listens until it is killed."""
    with listening(Simulator(port=port), Desk(), lease(open_engine(url), "other")):
        multiprocessing.Event().wait()


@contextmanager
def other_process(pbx: Simulator, url: str) -> Iterator[Callable[[], None]]:
    """A holder in a process of its own; gives what kills it on the spot."""
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(pbx.port, url))
    process.start()
    try:
        yield process.kill
    finally:
        process.kill()
        process.join(10)


def test_a_killed_holder_is_replaced_when_its_lease_runs_out(pbx: Simulator, engine: Engine, database_url: str) -> None:
    with other_process(pbx, database_url) as kill:
        until(lambda: pbx.listeners == 1, seconds=30, what="the first holder")
        desk = Desk()
        with listening(pbx, desk, lease(engine, "us")):
            assert not lease(engine, "somebody else").take()
            assert desk.reports == []
            kill()
            until(lambda: desk.state == "connected", what="the takeover")
            until(lambda: pbx.listeners == 1, what="one listener")


def test_the_waits_in_use_allow_a_takeover_within_fifteen_seconds() -> None:
    length = Lease(create_engine("sqlite://"), "listen:pbx", "us").length
    longest = length + timedelta(seconds=Timing().standby + Timing().answer / 2)
    assert longest < timedelta(seconds=15)
    assert Timing().renew * 3 < length.total_seconds()


def test_two_who_want_it_are_never_connected_at_once(pbx: Simulator, engine: Engine) -> None:
    first, second = Desk(), Desk()
    with listening(pbx, first, lease(engine, "first")):
        until(lambda: first.state == "connected", what="the first holder")
        with listening(pbx, second, lease(engine, "second")):
            seen = len(first.reports)
            until(lambda: len(first.reports) > seen + 20, what="twenty renewals")
            assert pbx.listeners == 1
            assert second.reports == []


def test_a_stopped_holder_hands_over_at_once(pbx: Simulator, engine: Engine) -> None:
    with listening(pbx, Desk(), lease(engine, "first")):
        until(lambda: pbx.listeners == 1, what="the first holder")
    assert lease(engine, "second").take()


def test_who_loses_the_lease_stops_at_once_and_keeps_what_it_heard(pbx: Simulator, engine: Engine) -> None:
    desk = Desk()
    with listening(pbx, desk, lease(engine, "us")):
        until(lambda: desk.state == "connected" and desk.events("FullyBooted"), what="the holder")
        _steal(engine)
        until(lambda: pbx.listeners == 0, what="the end of listening")
        assert lease(engine, "thief").renew()
    assert desk.state == "connected"


def _steal(engine: Engine) -> None:
    """What a process finds that was asleep for longer than its lease, with a lease that lasts."""
    with engine.begin() as connection:
        connection.execute(update(LeaseRow).values(holder="thief", until=clock.now() + timedelta(hours=1)))
