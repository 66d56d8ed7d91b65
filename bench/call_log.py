"""A filtered page of the call log, with 10 thousand and with 5 million calls, for each reach."""

import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from bench import company
from bench.places import BenchPostgreSQL
from bench.report import Reading, at_most, plain, quantile
from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.domain.calls import Direction, Outcome
from hub.domain.identity import PhoneNumber
from hub.reads import calls
from hub.reads.call_query import CallFilter
from hub.reads.paging import Place
from hub.storage.database import open_engine, reading

SIZES = {"10 thousand": 10_000, "5 million": 5_000_000}
ROUNDS = 15
RATIO = 2.0
P95_MS = 50.0


def filters(dice: random.Random, cards: int) -> Mapping[str, CallFilter]:
    """What people narrow the log by, with other values each time; `cards`: how many there are to ask for."""
    since = clock.now() - timedelta(days=dice.randint(32, 900))
    month = CallFilter(since=since, until=since + timedelta(days=30), directions=(Direction.INBOUND,))
    line = f"+3804455512{int(dice.random() ** 2 * 12):02}"
    return {
        "everything": CallFilter(),
        "missed": CallFilter(outcomes=(Outcome.MISSED,)),
        "missed on a line": CallFilter(outcomes=(Outcome.MISSED,), line=line),
        "inbound in 30 days": month,
        "a queue": CallFilter(queue=f"queue{dice.randint(0, 5)}"),
        "a colleague's": CallFilter(users=frozenset({dice.randint(1, 60)})),
        "a number": CallFilter(number=PhoneNumber.parse(f"0{670000000 + dice.randint(1, cards)}", "UA")),
        "a client": CallFilter(contact_id=dice.randint(1, cards)),
        "talked 10 minutes or more": CallFilter(min_talk=600),
        "recorded": CallFilter(recorded=True),
        "tagged": CallFilter(tag="complaint"),
        "with a result": CallFilter(result="Wrong number"),
        "with a rare result": CallFilter(result="Fax"),
        "without a result": CallFilter(unsaid=True),
        "not called back": CallFilter(waiting=True),
        "a word in the note": CallFilter(text="discount"),
        "a name": CallFilter(text=f"Caller {dice.randint(1, cards)}"),
    }


TEAM = frozenset(range(11, 21))
VIEWERS: Mapping[str, Viewer] = {
    "own": Viewer(user_id=5, roles=frozenset({Role.MANAGER})),
    "team": Viewer(user_id=11, roles=frozenset({Role.SUPERVISOR}), team=TEAM),
    "all": Viewer(user_id=60, roles=frozenset({Role.RECEPTION})),
}
Times = dict[tuple[str, str, str], list[float]]
"""Seconds by filter, viewer and page."""


def run() -> Iterator[Reading]:
    with BenchPostgreSQL.running() as server:
        engines = {size: open_engine(server.create(f"calls_{count}")) for size, count in SIZES.items()}
        for size, engine in engines.items():
            yield plain(f"{size} calls made in", f"{company.fill(engine, SIZES[size]):.0f} s")
        yield from _measure(engines)


def _measure(engines: Mapping[str, Engine]) -> Iterator[Reading]:
    times: dict[str, Times] = {size: {} for size in engines}
    for round_ in range(ROUNDS + 1):
        for size, engine in engines.items():
            for key, taken in _pages(engine, SIZES[size] // company.CALLS_A_CARD, round_):
                if round_:  # the first round warms up
                    times[size].setdefault(key, []).append(taken)
    yield from _readings(*times.values())
    if os.environ.get("BENCH_EXPLAIN"):
        _explain(engines["5 million"])


def _readings(small: Times, large: Times) -> Iterator[Reading]:
    for key, taken in large.items():
        ratio = quantile(taken, 0.5) / quantile(small[key], 0.5)
        figure = f"p50 {quantile(taken, 0.5) * 1000:6.1f}   p95 {quantile(taken, 0.95) * 1000:6.1f} ms   {ratio:5.2f} ×"
        met = quantile(taken, 0.95) * 1000 <= P95_MS and ratio <= RATIO
        yield Reading(what=f"{key[0]}, {key[1]}, {key[2]}", figure=figure, met=met)
    every = [one for taken in large.values() for one in taken]
    fewer = [one for taken in small.values() for one in taken]
    yield at_most("all pages: p50, 5 million : 10 thousand", quantile(every, 0.5) / quantile(fewer, 0.5), RATIO, "×")
    yield at_most("all pages: p95, 5 million calls", quantile(every, 0.95) * 1000, P95_MS, "ms")


def _pages(engine: Engine, cards: int, seed: int) -> Iterator[tuple[tuple[str, str, str], float]]:
    for name, wanted in filters(random.Random(seed), cards).items():
        for who, viewer in VIEWERS.items():
            for depth, cursor in (("first page", None), ("deep page", _deep(wanted))):
                yield (name, who, depth), _timed(engine, viewer, wanted, cursor)


def _deep(wanted: CallFilter) -> str:
    """The cursor of somebody who has scrolled back through half of what there is."""
    middle = wanted.until - timedelta(days=15) if wanted.until else clock.now() - timedelta(days=540)
    return str(Place(middle, UUID(int=0)))


def _timed(engine: Engine, viewer: Viewer, wanted: CallFilter, cursor: str | None) -> float:
    with reading(engine) as session:
        session.connection()
        began = time.perf_counter()
        with suppress(OperationalError):  # cancelled at the statement's limit, which is then what it took
            calls.page(session, viewer, wanted, cursor)
        return time.perf_counter() - began


def _explain(engine: Engine) -> None:
    """The plan of every query of every page, as PostgreSQL ran it."""
    for name, wanted in filters(random.Random(0), SIZES["5 million"] // company.CALLS_A_CARD).items():
        for who, viewer in VIEWERS.items():
            click.secho(f"\n{name}, {who}", bold=True)
            with explaining(engine):
                _timed(engine, viewer, wanted, None)


@contextmanager
def explaining(engine: Engine) -> Iterator[None]:
    """Within: every SELECT is shown with its plan before it is run."""

    def explain(_: Connection, cursor: Any, statement: str, parameters: Any, *_more: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", parameters)
            click.echo(statement[:60] + " …")
            click.echo("\n".join(row[0] for row in cursor.fetchall()))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", explain)
