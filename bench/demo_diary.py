"""Ten minutes of `hub demo` at speed 10: is every simulated call in the log exactly as the simulator's diary says?

Ten minutes long, so it runs only when it is named; BENCH_SECONDS makes it shorter.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bench.places import Installation, embedded
from bench.report import Reading, at_least, at_most, plain
from hub.telephony.simulator import diary
from tests.waiting import until

SPEED = 10
SECONDS = 600
BUSY_SHARE = 0.5
"""Of the calls an hour of the company's busiest hour brings at least so many must have been played."""
AN_HOUR = 80
LONGEST_SECONDS = 180
"""How long the longest call, of a quarter of an hour and more, can go on after we looked."""
Calls = list[Mapping[str, Any]]


def run() -> Iterator[Reading]:
    seconds = int(os.environ.get("BENCH_SECONDS", SECONDS))
    with embedded() as place:
        place.start("demo", "--port", str(place.port), "--speed", str(SPEED))
        until(place.ready, seconds=60, what="hub demo")
        log = Installation({**place.variables, "HUB_DATA_DIR": str(place.data_dir / "demo")})
        before = _names(_diary(log))
        time.sleep(seconds)
        yield from _compared(log, before, seconds)


def _compared(log: Installation, before: set[str], seconds: int) -> Iterator[Reading]:
    seen = _names(log.calls())
    until(lambda: seen <= _names(_diary(log)), seconds=LONGEST_SECONDS, what="the end of the calls that went on")
    entries = _diary(log)
    names = _names(entries)
    until(lambda: names <= _names(_ended(log.calls())), seconds=60, what="the log of the calls that ended")
    wrong = diary.compared(entries, [call for call in log.calls() if _names([call]) <= names])
    new = [entry for entry in entries if not _names([entry]) <= before]
    told = Counter(f"{entry['connection']} {entry['outcome']}" for entry in new)
    yield plain(f"{seconds} s at speed {SPEED}", ", ".join(f"{count} {what}" for what, count in told.most_common()))
    yield at_least("calls", len(new), BUSY_SHARE * AN_HOUR * seconds * SPEED / 3600, "calls")
    yield at_most("in the log and not in the diary", len(seen - names), 0, "calls")
    for name, problems in wrong.items():
        yield plain(name, "; ".join(problems))
    yield at_most("not as the diary says", len(wrong), 0, "calls")


def _diary(log: Installation) -> Calls:
    return list(diary.read(log.data_dir / "diary.jsonl"))


def _ended(calls: Calls) -> Calls:
    return [call for call in calls if call["state"] == "ended"]


def _names(calls: Calls) -> set[str]:
    return {f"{call['connection']} {call['provider_call_id']}" for call in calls}
