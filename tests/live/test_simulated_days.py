"""Days go by on two simulated phone systems while each of Hub's processes dies and comes back."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain import clock
from hub.telephony.simulator import Cast, Simulator, Take, diary, scripted, truth
from hub.telephony.simulator.days import Days, RecordsFile
from hub.telephony.simulator.diary import Diary
from hub.telephony.simulator.pusher import Pusher
from hub.telephony.simulator.script import Planned
from hub.telephony.simulator.scripted import ScriptedCall
from tests.company import Company, Process
from tests.servers import DurablePostgreSQL, Redis, Server
from tests.waiting import until

TITLES = (
    "01-inbound-answered",
    "04-inbound-queue-answered",
    "02b-inbound-missed-caller-gave-up",
    "08-outbound-answered-agent-hangs-up",
    "06-inbound-blind-transfer",
    "05-inbound-queue-abandoned",
)
CALLS = 18
EVERY = timedelta(seconds=1)
LINES = ",".join(f"+38044555120{last}" for last in (0, 1, 2, 3, 4, 6))
SHOP = "+380445551210"
SURE = ("connection", "provider_call_id", "direction", "state", "outcome", "external_number", "line")
"""What is the same however little of a call was heard; the lengths of one heard in part are those of its records."""


@dataclass
class World:
    """A company of many processes and, in this process, its phone systems."""

    company: Company
    folder: Path
    running: ExitStack
    stop: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> threading.Thread:
        """The days; the thread ends when the last call was begun."""
        since = clock.now() + timedelta(seconds=1)
        pbx, pusher = self._pbx(), self._pusher()
        calls = [_planned(number, since + number * EVERY) for number in range(CALLS)]
        shop = [_pushed(number, since + number * EVERY) for number in range(CALLS)]
        days = threading.Thread(target=Days(pbx, pusher, calls, shop).run, args=(self.stop,), daemon=True)
        days.start()
        return days

    def _pbx(self) -> Simulator:
        records, told = RecordsFile(self.folder / "cdr.csv"), Diary(self.folder / "diary.jsonl")
        pbx = Simulator()

        def ended(take: Take) -> None:
            records.add(take)
            told.write("pbx", truth.entry(take))

        pbx.stamps, pbx.ended = True, ended
        self.running.enter_context(pbx)
        options = {"host": pbx.host, "port": pbx.port, "username": pbx.username, "secret": pbx.secret}
        options |= {"trunks": "PJSIP/pstn-trunk", "region": "UA", "timezone": "Europe/Kyiv", "lines": LINES}
        options |= {"cdr": self.folder / "cdr.csv"}
        self.company.run("connection", "add", "asterisk", "pbx", *(f"--set={k}={v}" for k, v in options.items()))
        return pbx

    def _pusher(self) -> Pusher:
        told = Diary(self.folder / "diary.jsonl")
        said = self.company.run("connection", "add", "generic", "desk", f"--set=lines={SHOP}", "--set=region=UA")
        address = f"{self.company.url}/hooks/desk/{said.splitlines()[-1].rpartition('/')[2]}"
        return self.running.enter_context(Pusher(address, 5, lambda call: told.write("desk", scripted.entry(call))))

    def diary(self) -> list[dict[str, Any]]:
        return diary.read(self.folder / "diary.jsonl")

    def log(self) -> list[dict[str, Any]]:
        return self.company.json("calls")


def _planned(number: int, at: datetime) -> Planned:
    title = TITLES[number % len(TITLES)]
    client = truth.notes(title)["customer_number"][-9:]
    return Planned(at, title, Cast(clients={client: f"6711122{number:02}"}), None)


def _pushed(number: int, at: datetime) -> ScriptedCall:
    return ScriptedCall(
        id=f"shop-{number}",
        at=at.replace(microsecond=0),
        outbound=False,
        client=f"+3805011133{number:02}",
        line=SHOP,
        phones=("201",),
        rings=2,
        talks=3,
        picked_up="201",
    )


@pytest.fixture
def world(durable_postgresql: DurablePostgreSQL, own_redis: Redis, tmp_path: Path) -> Iterator[World]:
    with Company.many(durable_postgresql, own_redis) as company, ExitStack() as running:
        world = World(company, tmp_path, running)
        yield world
        world.stop.set()


def test_everything_dies_and_comes_back_and_no_call_is_lost_or_doubled(
    world: World, durable_postgresql: DurablePostgreSQL, own_redis: Redis
) -> None:
    company, days = world.company, world.begin()
    processes: list[Process] = [company.processes[name] for name in ("worker", "web", "scheduler", "listener")]
    victims: list[Process | Server] = [*processes, own_redis, durable_postgresql]
    for count, victim in enumerate(victims, start=1):
        until(lambda: len(world.diary()) >= 4 * count, seconds=60, what=f"{4 * count} calls")  # noqa: B023 - at once
        victim.kill9()
        victim.start()
    until(lambda: not days.is_alive() and len(world.diary()) == 2 * CALLS, seconds=180, what="the last call")
    assert [name for name, process in company.processes.items() if not process.alive] == []
    until(lambda: all(call["state"] == "ended" for call in world.log()), seconds=90, what="the end of every call")
    until(lambda: _known(world.log()) == _known(world.diary()), seconds=90, what="the calls nobody heard")
    wrong = diary.compared([_sure(entry) for entry in world.diary()], world.log())
    assert wrong == {}
    shop = [entry for entry in world.diary() if entry["connection"] == "desk"]
    assert diary.compared(shop, [call for call in world.log() if call["connection"] == "desk"]) == {}
    until(lambda: company.command("doctor").returncode == 0, seconds=60, what="a doctor who finds nothing broken")


def _sure(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in SURE}


def _known(calls: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((call["connection"], call["provider_call_id"]) for call in calls)
