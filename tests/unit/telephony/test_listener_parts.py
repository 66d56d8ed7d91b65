"""The parts of a listener, one by one: stamps, the buffer, and filling gaps from call detail records."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import Transient
from hub.telephony.listener import Timing, Window
from hub.telephony.listener.backfill import MARGIN, Backfill
from hub.telephony.listener.buffer import Buffer, Full, Resumed
from hub.telephony.listener.lines import Stamps
from tests.live.desk import QUICK, Desk
from tests.waiting import until

NOON = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_stamps_increase_even_when_the_clock_is_set_back() -> None:
    with time_machine.travel(NOON) as clock:
        stamps = Stamps()
        given = [stamps.next() for _ in range(100)]
        clock.shift(timedelta(hours=-1))
        given += [stamps.next() for _ in range(100)]
        clock.shift(timedelta(hours=2))
        given += [stamps.next() for _ in range(100)]
    assert all(earlier < later for earlier, later in pairwise(given))
    assert given[199] < NOON + timedelta(minutes=1)
    assert given[-1] >= NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("told", "believed"),
    [(-59.0, True), (-61.0, False), (4.9, True), (5.1, False), (None, False)],
)
def test_the_systems_own_time_counts_while_its_clock_can_be_right(told: float | None, believed: bool) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        stamps = Stamps()
        clock.shift(timedelta(hours=1))
        moment = None if told is None else NOON + timedelta(hours=1, seconds=told)
        stamp = stamps.next(moment)
        assert (stamp == moment) is believed
        assert believed or stamp == NOON + timedelta(hours=1)
        assert stamps.next(moment) > stamp or believed


LINES = st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=60)


@given(lines=LINES, every=st.integers(1, 10), size=st.integers(1, 20))
def test_what_was_put_comes_out_in_order_and_in_bounded_batches(lines: list[bytes], every: int, size: int) -> None:
    buffer = Buffer(replace(QUICK, linger=0.0, batch_lines=size, batch_bytes=100))
    marker = Resumed(None, NOON, None)
    items = [item for n, line in enumerate(lines) for item in ((marker, line) if n % every == 0 else (line,))]
    buffer.put(*items)
    buffer.close()
    taken = list(iter(buffer.take, None))
    assert b"".join(item for item in taken if isinstance(item, bytes)) == b"".join(lines)
    assert taken.count(marker) == items.count(marker)
    assert max(len(item) for item in taken if isinstance(item, bytes)) < 100 + 30
    assert len(buffer) == 0


def test_a_marker_is_taken_alone_and_in_its_place() -> None:
    buffer = Buffer(QUICK)
    marker = Resumed(None, NOON, frozenset())
    buffer.put(b"a", b"b", marker, b"c")
    buffer.close()
    assert [buffer.take() for _ in range(4)] == [b"ab", marker, b"c", None]


@pytest.mark.parametrize("timing", [replace(QUICK, buffer_lines=3), replace(QUICK, buffer_bytes=30)])
def test_a_full_buffer_takes_all_of_a_put_or_nothing(timing: Timing) -> None:
    buffer = Buffer(timing)
    buffer.put(b"x" * 10, b"y" * 10)
    assert not buffer.roomy
    with pytest.raises(Full):
        buffer.put(b"z" * 10, b"z" * 10)
    assert buffer.take() == b"x" * 10 + b"y" * 10
    assert buffer.roomy


@dataclass
class Records:
    """A PBX that writes the record of a call late, and cannot be reached at first."""

    answers: list[list[bytes] | None]
    asked: list[Window] = field(default_factory=list)

    def read(self, window: Window) -> Iterable[bytes]:
        self.asked.append(window)
        answer = self.answers.pop(0)
        if answer is None:
            raise Transient("away")
        return answer


def filled(records: Records, desk: Desk, *windows: Window) -> list[bytes]:
    """What is stored once every planned reading was made."""
    backfill = Backfill(records.read, desk, replace(QUICK, records_after=(0.0, 0.02, 0.04)))
    for window in windows:
        backfill.want(window)
    over = threading.Event()
    thread = threading.Thread(target=backfill.run, args=(over,))
    thread.start()
    until(lambda: not records.answers, what="every reading")
    over.set()
    thread.join(10)
    return [body for body, kind in desk.bodies.values() if kind == "text/csv"]


def test_records_are_read_again_for_those_written_late_and_equal_answers_stored_once() -> None:
    records = Records([[b"one"], [b"one"], [b"one", b"two"]])
    assert filled(records, Desk(), Window(NOON, NOON)) == [b"one", b"two"]
    assert {window.since for window in records.asked} == {NOON - MARGIN}


def test_a_reading_that_fails_stops_none_of_the_others() -> None:
    assert filled(Records([None, [b"one"], None]), Desk(), Window(NOON, NOON)) == [b"one"]


def test_a_second_gap_widens_the_window_of_the_first() -> None:
    records = Records([[], [], []])
    hour = timedelta(hours=1)
    filled(records, Desk(), Window(NOON, NOON + hour), Window(NOON + hour, NOON + 2 * hour))
    assert set(records.asked) == {Window(NOON - MARGIN, NOON + 2 * hour)}
