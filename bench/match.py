"""Whose number is this? With 10 thousand and with 1 million client cards, in turns within one run."""

import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.places import BenchPostgreSQL
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub.domain.activity import Channel, Contacted, Match
from hub.domain.clock import now
from hub.domain.identity import PhoneNumber
from hub.leads import lookup, matching
from hub.leads.persons import Person
from hub.storage.database import open_engine, reading
from hub.storage.schema import migrate

SIZES = {"10 thousand": 10_000, "1 million": 1_000_000}
ROUNDS = 10
IN_A_ROUND = 500
RATIO = 1.5
P99_MS = 3.0

CARDS = """
    INSERT INTO contacts (id, name, stand_in, do_not_call, tags, created_at, last_contact_at)
    WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :count)
    SELECT n, 'Client ' || n, n % 3 = 0, false, '[]', :now, CASE WHEN n % 2 = 0 THEN :now END FROM series
"""
# A card has its own number; every fifth has a second one, which a colleague's card has too.
OWN_NUMBERS = """
    INSERT INTO contact_numbers (contact_id, e164, tail, typed)
    SELECT id, '+380' || (670000000 + id), '' || (670000000 + id), '0' || (670000000 + id) FROM contacts
"""
SHARED_NUMBERS = """
    INSERT INTO contact_numbers (contact_id, e164, tail, typed)
    SELECT id, '+380' || (440000000 + id / 10), '' || (440000000 + id / 10), '0' || (440000000 + id / 10)
    FROM contacts WHERE id % 5 = 0
"""
OPEN_LEADS = """
    INSERT INTO leads (contact_id, status, current, source, owner_why, assigned, created_at, last_touch_at)
    SELECT id, 'new', true, 'call', '', false, :now, :now FROM contacts WHERE id % 20 = 0
"""


def run() -> Iterator[Reading]:
    with BenchPostgreSQL.running() as server:
        engines = {size: open_engine(server.create(f"cards_{count}")) for size, count in SIZES.items()}
        yield from _measure("PostgreSQL", engines)
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        urls = {size: f"sqlite:///{Path(folder) / f'{count}.db'}" for size, count in SIZES.items()}
        for url in urls.values():
            migrate(url)
        yield from _measure("SQLite", {size: open_engine(url) for size, url in urls.items()})


def _measure(database: str, engines: Mapping[str, Engine]) -> Iterator[Reading]:
    began = time.monotonic()
    for size, engine in engines.items():
        fill(engine, SIZES[size])
    yield plain(f"{database}: cards made in", f"{time.monotonic() - began:.0f} s")
    times = _in_turns(engines)
    for size, taken in times.items():
        yield plain(f"{database}: {size} cards", milliseconds(taken))
    small, large = times.values()
    yield at_most(f"{database}: p50, 1 million : 10 thousand", quantile(large, 0.5) / quantile(small, 0.5), RATIO, "×")
    yield at_most(f"{database}: p99, 1 million cards", quantile(large, 0.99) * 1000, P99_MS, "ms")
    for engine in engines.values():
        engine.dispose()


def fill(engine: Engine, count: int) -> None:
    """`count` cards with their numbers and leads."""
    moment = now().replace(tzinfo=None) if engine.dialect.name == "sqlite" else now()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in (CARDS, OWN_NUMBERS, SHARED_NUMBERS, OPEN_LEADS):
            wanted = {"count": count, "now": moment}
            connection.execute(text(statement), {name: wanted[name] for name in wanted if f":{name}" in statement})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _in_turns(engines: Mapping[str, Engine]) -> Mapping[str, list[float]]:
    """Seconds of each match; the sizes take turns, so that a busy moment of the machine hits both."""
    times: dict[str, list[float]] = {size: [] for size in engines}
    for round_ in range(ROUNDS + 1):
        for size, engine in engines.items():
            with reading(engine) as session:
                taken = [_timed(session, number) for number in _numbers(SIZES[size], seed=round_)]
            if round_:  # the first round warms up
                times[size] += taken
    return times


def _numbers(count: int, seed: int) -> Sequence[str]:
    """Callers as they come: known, unknown, of several cards, and known by their last nine digits alone."""
    choose = random.Random(seed)
    shapes = ("+380{0}", "0{0}", "+380{1}", "+380{2}", "+48{0}")
    kinds = choose.choices(shapes, weights=(40, 20, 20, 10, 10), k=IN_A_ROUND)
    cards = [choose.randint(1, count) for _ in kinds]
    return [
        kind.format(670000000 + card, 930000000 + card, 440000000 + card // 10)
        for kind, card in zip(kinds, cards, strict=True)
    ]


def _timed(session: Session, typed: str) -> float:
    began = time.perf_counter()
    match(session, typed)
    return time.perf_counter() - began


def match(session: Session, typed: str) -> Match:
    """What the leads stage does to find out whose call this is."""
    number = PhoneNumber.parse(typed, "UA")
    person = Person.of(Contacted(channel=Channel.CALL, subject="bench", at=now(), number=number))
    found = lookup.candidates(session, person)
    return matching.decide(person, found, choice=lookup.choice(session, person.e164))
