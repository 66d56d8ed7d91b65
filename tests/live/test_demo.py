"""The invented company, faster: every call of both its phone systems is in the log as their diary says."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.domain.clock import parse_iso
from hub.telephony.simulator import diary
from tests.company import Company, Process
from tests.waiting import until

SPEED = 60
LIVE = {"pbx": 14, "desk": 4}
"""So many calls of each phone system while we watch."""


@dataclass(frozen=True)
class Demo:
    company: Company
    process: Process

    def diary(self) -> list[dict[str, Any]]:
        return diary.read(Path(self.company.environment["HUB_DATA_DIR"]) / "diary.jsonl")

    def told(self) -> Counter[str]:
        return Counter(entry["connection"] for entry in self.diary())

    def log(self) -> list[dict[str, Any]]:
        return self.company.json("calls")


@pytest.fixture
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as name:
        folder = Path(name)
        company = Company({"HUB_DATA_DIR": str(folder / "demo")}, folder)
        place = {**company.environment, "HUB_DATA_DIR": name}
        command = ("demo", "--port", str(company.port), "--speed", str(SPEED))
        company.processes["web"] = Process("web", command, place, folder)
        company.start()
        try:
            yield Demo(company, company.processes["web"])
        finally:
            if company.processes["web"].alive:
                company.processes["web"].kill9()


def ids(calls: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(call["connection"], call["provider_call_id"]) for call in calls}


def test_every_call_is_in_the_log_as_the_diary_says(demo: Demo) -> None:
    before = demo.told()
    assert before["pbx"] > 20
    until(lambda: demo.told() - before >= Counter(LIVE), seconds=120, what=f"{LIVE} calls")
    seen = ids(demo.log())
    until(lambda: seen <= ids(demo.diary()), seconds=60, what="the end of the calls that were going on")
    entries = demo.diary()
    until(lambda: ids(entries) <= _ended(demo.log()), seconds=30, what="the log of calls that ended")
    wrong = diary.compared(entries, [call for call in demo.log() if ids([call]) <= ids(entries)])
    assert wrong == {}, "\n".join(f"{call}: {problem}" for call, problems in wrong.items() for problem in problems)
    assert seen <= ids(entries), "the log has calls nobody made"
    assert len(ids(entries)) == len(entries)


def _ended(calls: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return ids([call for call in calls if call["state"] == "ended"])


def test_it_goes_on_where_it_was_left(demo: Demo) -> None:
    first = demo.told()
    until(lambda: demo.told()["pbx"] >= first["pbx"] + 3, seconds=60, what="three calls")
    demo.process.stop()
    left = max(parse_iso(entry["started_at"]) for entry in demo.diary())
    until_now = ids(demo.diary())
    demo.process.start()
    demo.company.until_ready()
    until(lambda: len(demo.diary()) >= len(until_now) + 3, seconds=60, what="three more calls")
    later = [entry for entry in demo.diary() if ids([entry]).isdisjoint(until_now)]
    assert min(parse_iso(entry["started_at"]) for entry in later) > left
    assert len(ids(demo.diary())) == len(demo.diary())
