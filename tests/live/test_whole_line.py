"""The line to a phone system that fails in every way, all the way to the call log, on both databases."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub import bootstrap, pipeline
from hub.domain import clock
from hub.listening import Intake
from hub.reads import dump
from hub.reads.call_query import CallFilter
from hub.settings import Settings
from hub.telephony.cdr_source import Records
from hub.telephony.providers.asterisk import keeps
from hub.telephony.simulator import Cast, Simulator
from hub.unit_of_work import Hub
from tests.live.desk import listening
from tests.waiting import until

ANSWERED = "01-inbound-answered"
RING_GROUP = "04c-inbound-ring-group"
MISSED = "02b-inbound-missed-caller-gave-up"
TRANSFERRED = "07-inbound-attended-transfer"
SPEED = 4
TRUNK = "PJSIP/pstn-trunk-0000001d"
RING_GROUP_RECORDS = "\n".join(
    ",".join(row)
    for row in (
        [
            "calldate",
            "src",
            "dst",
            "channel",
            "dstchannel",
            "duration",
            "billsec",
            "disposition",
            "uniqueid",
            "linkedid",
            "did",
        ],
        [
            *("2026-11-22 04:20:42", "+380931230045", "700", TRUNK, "PJSIP/101-0000001e", "3", "0", "NO ANSWER"),
            *("1795314042.21", "1795314042.21", "380445551206"),
        ],
        [
            *("2026-11-22 04:20:42", "+380931230045", "700", TRUNK, "PJSIP/102-0000001f", "9", "6", "ANSWERED"),
            *("1795314042.21", "1795314042.21", "380445551206"),
        ],
    )
)


@dataclass
class Jobs:
    """A doorbell with one worker behind it."""

    rung: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ring(self, connection_id: int) -> None:
        self.rung.release()

    def dial(self, dial_id: str) -> None:
        raise AssertionError(f"nobody asked for a call, yet {dial_id} came")

    def relink(self) -> None:
        pass


@dataclass
class Line:
    """A Hub, its worker, a phone system, and the line between them."""

    hub: Hub
    connection_id: int
    pbx: Simulator
    cdr: Path

    def listening(self) -> AbstractContextManager[None]:
        intake = Intake(self.hub, self.connection_id)
        return listening(self.pbx, intake, keeps=keeps, records=Records(str(self.cdr), ZoneInfo("Europe/Kyiv")).read)

    def connected(self) -> None:
        until(lambda: self.pbx.listeners == 1, what="a connected listener")

    def calls(self) -> list[dict[str, Any]]:
        with self.hub.reading() as session:
            return [dict(call) for call in dump.calls(session, CallFilter())]

    def ended(self, count: int = 1) -> list[dict[str, Any]]:
        """All calls, once there are so many and each is over; until then none."""
        calls = self.calls()
        over = len(calls) == count and all(call["state"] == "ended" for call in calls)
        return calls if over else []


@contextmanager
def worker(hub: Hub, connection_id: int, jobs: Jobs) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            if jobs.rung.acquire(timeout=0.05):
                pipeline.drain(hub, connection_id)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


@pytest.fixture
def line(database_url: str, tmp_path: Path) -> Iterator[Line]:
    jobs = Jobs()
    hub = bootstrap.build(Settings(database_url=database_url, data_dir=tmp_path), jobs)
    settings = {"extensions": r"^1\d\d$", "trunks": "PJSIP/pstn-trunk", "region": "UA", "timezone": "Europe/Kyiv"}
    with hub.unit_of_work() as session:
        made = hub.connections.add(session, "asterisk", "pbx", settings, clock.now())
    with Simulator() as pbx, worker(hub, made.id, jobs):
        yield Line(hub, made.id, pbx, tmp_path / "cdr.csv")
    hub.engine.dispose()


def told(call: dict[str, Any]) -> tuple[object, ...]:
    who = call["answered_by"] and call["answered_by"]["extension"]
    return call["direction"], call["outcome"], call["external_number"], call["line"], who


def test_calls_over_a_sound_line(line: Line) -> None:
    with line.listening():
        line.connected()
        line.pbx.play(ANSWERED, speed=SPEED, cast=Cast(clients={"671234567": "671110001"}))
        line.pbx.play(TRANSFERRED, speed=SPEED, cast=Cast(clients={"671234567": "671110002"}))
        line.pbx.play(MISSED, speed=SPEED, cast=Cast(clients={"501112233": "501110003"}))
        calls = until(lambda: line.ended(3), what="three ended calls")
    assert sorted(map(told, calls), key=str) == [
        ("inbound", "answered", "+380671110001", "+380445551200", "101"),
        ("inbound", "answered", "+380671110002", "+380445551200", "101"),
        ("inbound", "missed", "+380501110003", "+380445551200", None),
    ]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(Simulator.cut, id="the line is cut in the middle of an event"),
        pytest.param(lambda pbx: pbx.repeat(60), id="the phone system repeats itself"),
        pytest.param(lambda pbx: (pbx.stall(), pbx.revive()), id="the phone system stalls"),
    ],
)
def test_a_call_survives(line: Line, harm: Callable[[Simulator], object]) -> None:
    with line.listening():
        line.connected()
        line.pbx.play(ANSWERED, speed=2)
        until(lambda: [call for call in line.calls() if call["state"] == "talking"], what="a talk")
        harm(line.pbx)
        (call,) = until(line.ended, what="the end of the call")
    assert told(call) == ("inbound", "answered", "+380671234567", "+380445551200", "101")
    assert call["talk_seconds"] == pytest.approx(4, abs=0.7)


def test_calls_of_a_phone_system_that_restarts_are_closed(line: Line) -> None:
    with line.listening():
        line.connected()
        line.pbx.play(ANSWERED)
        until(lambda: [call for call in line.calls() if call["state"] == "talking"], what="a talk")
        line.pbx.restart()
        (call,) = until(line.ended, what="the end of the call")
    assert told(call) == ("inbound", "answered", "+380671234567", "+380445551200", "101")
    assert call["reason"] == "end not reported"


def test_what_was_lost_is_marked_and_filled_from_call_detail_records(line: Line) -> None:
    with line.listening():
        line.connected()
        begun = line.pbx.play(RING_GROUP)
        until(line.calls, what="the beginning of the call")
        line.pbx.disconnect()
        unheard = line.pbx.play(RING_GROUP, cast=Cast(clients={"931230045": "931110007"}))
        until(lambda: not line.pbx.busy, seconds=20, what="the end of both calls")
        _, _, rows = unheard.translate(RING_GROUP_RECORDS).partition("\n")
        line.cdr.write_text(f"{begun.translate(RING_GROUP_RECORDS)}\n{rows}\n")
        line.pbx.reconnect()
        calls = until(lambda: line.ended(2), what="both calls, ended")
    assert {told(call) for call in calls} == {
        ("inbound", "answered", "+380931230045", "+380445551206", "102"),
        ("inbound", "answered", "+380931110007", "+380445551206", "102"),
    }
    assert [call["talk_seconds"] for call in calls] == [pytest.approx(6, abs=1)] * 2
