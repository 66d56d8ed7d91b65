"""`hub serve` on a company's data, from the command to the first page."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.request import urlopen

from bench import cel_import, pbx
from bench.places import Installation, embedded, many
from bench.report import Reading, at_most
from tests.waiting import until

STARTS = 5
ROWS = 20_000
SECONDS = 2.0


def run() -> Iterator[Reading]:
    yield from _measure("embedded", embedded())
    yield from _measure("PostgreSQL and Redis", many())


def _measure(way: str, made: AbstractContextManager[Installation]) -> Iterator[Reading]:
    with made as place:
        table = place.data_dir / "cel.csv"
        calls = cel_import.write(table, ROWS)
        pbx.connect(place)
        place.run("feed", "--history", pbx.NAME, str(table))
        slowest = max(_start(place) for _ in range(STARTS))
        yield at_most(f"{way}: slowest of {STARTS} starts, {calls:,} calls", slowest, SECONDS, "s")


def _start(place: Installation) -> float:
    """Seconds until a browser that asks for the front page has it."""
    began = time.monotonic()
    place.start("serve", "--port", str(place.port))
    until(place.ready, seconds=30, what="hub serve")
    with urlopen(place.url, timeout=10) as page:  # noqa: S310 - our own address
        page.read()
    seconds = time.monotonic() - began
    place.stop()
    return seconds
