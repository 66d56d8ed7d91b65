"""History: a large CEL table of a PBX, through `hub feed`, into calls on cards."""

import csv
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import pbx
from bench.places import Installation, embedded, many
from bench.report import Reading, at_least, plain
from hub.telephony.simulator import Capture, Cast, Take, load, titles
from hub.telephony.simulator.captures import ZONE, Step

ROWS = 200_000
ROWS_A_SECOND = 5_000
EVERY = timedelta(seconds=40)
"""Between the beginnings of two calls: what a year of a busy office looks like."""
CLIENTS = 20_000
COLUMNS = {
    "eventtype": "EventName",
    "eventtime": "EventTime",
    "cid_name": "CallerIDname",
    "cid_num": "CallerIDnum",
    "cid_ani": "CallerIDani",
    "cid_rdnis": "CallerIDrdnis",
    "cid_dnid": "CallerIDdnid",
    "exten": "Exten",
    "context": "Context",
    "channame": "Channel",
    "appname": "Application",
    "appdata": "AppData",
    "uniqueid": "UniqueID",
    "linkedid": "LinkedID",
    "peer": "Peer",
    "extra": "Extra",
}
"""Columns of the `cel` table, and the manager's names for the same."""


def run() -> Iterator[Reading]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        table = Path(folder) / "cel.csv"
        began = time.monotonic()
        calls = write(table, ROWS)
        yield plain("table", f"{ROWS:,} rows, {calls:,} calls; made in {time.monotonic() - began:.0f} s")
        yield from _measure("PostgreSQL", many(), table)
        yield from _measure("embedded", embedded(), table)


def _measure(way: str, made: AbstractContextManager[Installation], table: Path) -> Iterator[Reading]:
    with made as place:
        pbx.connect(place)
        began, computed = time.monotonic(), _computed()
        place.run("feed", "--history", pbx.NAME, str(table))
        seconds, computed = time.monotonic() - began, _computed() - computed
        yield plain(f"{way}: for each second Hub computed", f"{ROWS / computed:,.0f} rows")
        yield at_least(f"{way}: rows of CEL", ROWS / seconds, ROWS_A_SECOND, "rows/s")


def _computed() -> float:
    """Seconds of a core that finished commands have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write(path: Path, rows: int) -> int:
    """A CSV of about so many rows: our captured calls again and again, each with its own ids, times and client."""
    captures = [capture for capture in map(load, titles()) if _steps(capture)]
    began = datetime(2026, 1, 5, 6, tzinfo=UTC)
    written = calls = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(COLUMNS))
        table.writeheader()
        while written < rows:
            capture, at = captures[calls % len(captures)], began + calls * EVERY
            told = _told(capture, Take(capture, at, Cast(clients=pbx.clients(calls % CLIENTS))), at)
            table.writerows(told)
            written, calls = written + len(told), calls + 1
    return calls


def _told(capture: Capture, take: Take, at: datetime) -> list[dict[str, str]]:
    """The CEL rows of one playing of a capture."""
    return [_row(pbx.headers(take.text(step)), at + timedelta(seconds=step.after)) for step in _steps(capture)]


def _steps(capture: Capture) -> list[Step]:
    return [step for step in capture.steps if step.kind == "CEL"]


def _row(event: Mapping[str, str], at: datetime) -> dict[str, str]:
    """With the fractions of a second that tables have and manager events lack."""
    row = {column: event.get(name, "") for column, name in COLUMNS.items()}
    return row | {"eventtime": at.astimezone(ZONE).replace(tzinfo=None).isoformat(" ", "microseconds")}
