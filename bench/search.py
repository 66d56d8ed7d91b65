"""The search on top, while somebody types: a hundred thousand clients, the whole answer as the server makes it."""

import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, text

from bench import match
from bench.places import BenchPostgreSQL
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub import bootstrap, telemetry
from hub.app import create_app
from hub.domain import clock
from hub.domain.access import Role
from hub.people import signin, users
from hub.people.signin import Attempt
from hub.people.users import NewUser
from hub.settings import Settings
from hub.storage import search
from hub.storage.schema import migrate
from hub.unit_of_work import Hub

CARDS = 100_000
ROUNDS = 25
P95_MS = 100.0
SECRET = "of a benchmark"  # noqa: S105 - signs nothing that outlives it
PEOPLE = {"reception": Role.RECEPTION, "a manager": Role.MANAGER}
"""Who sees every card, and who sees one's own: none of these, which is the longest way to look."""


SCATTERED = {
    "postgresql": "now() - random() * interval '3 years'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || abs(random() % 94608000) || ' seconds')",
}
"""Who was spoken with last is not who was entered last."""


def typed(dice: random.Random) -> Mapping[str, str]:
    """What people type, from the first letters to a whole number in any spelling."""
    card = dice.randint(1, CARDS)
    return {
        "two letters": "cl",
        "a name begun": f"client {card // 1000}",
        "a whole name": f"Client {card}",
        "a number begun": f"0{670000000 + card}"[:6],
        "a whole number": f"0{670000000 + card}",
        "nobody's number": f"+48 {500000000 + card}",
        "nobody's name": f"zebra {card}",
        "a command": "go to calls",
    }


def run() -> Iterator[Reading]:
    telemetry.start("ERROR")
    with BenchPostgreSQL.running() as server:
        yield from _measure("PostgreSQL", server.create("search"))
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'hub.db'}"
        migrate(url)
        yield from _measure("SQLite", url)


def _measure(database: str, url: str) -> Iterator[Reading]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        hub = bootstrap.build(Settings(data_dir=Path(folder), database_url=url, region="UA"))
        match.fill(hub.engine, CARDS)
        _scatter(hub.engine)
        if hub.engine.dialect.name == "postgresql":
            search.prepare(hub.engine)
        app = create_app(hub, secret=SECRET, public_url="http://localhost", streams=1)
        for who, role in PEOPLE.items():
            times = _times(app, _session(hub, role))
            for what, taken in times.items():
                yield plain(f"{database}, {who}: {what}", milliseconds(taken))
            every = [one for taken in times.values() for one in taken]
            yield at_most(f"{database}, {who}: p95", quantile(every, 0.95) * 1000, P95_MS, "ms")
        hub.engine.dispose()


def _scatter(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        moment = SCATTERED[engine.dialect.name]
        connection.execute(text(f"UPDATE contacts SET last_contact_at = {moment}"))  # noqa: S608 - one of the two
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _session(hub: Hub, role: Role) -> str:
    """The cookie of somebody who works in this role."""
    with hub.unit_of_work() as session:
        new = NewUser(email=f"{role}@example.org", name=str(role), roles=frozenset({role}))
        user = users.create_user(session, new, clock.now())
        attempt = Attempt(user_id=user.id, stored=None, account="", counted=())
        return signin.conclude(session, attempt, clock.now())


def _times(app: Flask, secret: str) -> dict[str, list[float]]:
    """Seconds of each answer, by what was typed; the first round warms up."""
    client, times = app.test_client(), dict[str, list[float]]()
    client.set_cookie("hub", secret)
    for round_ in range(ROUNDS + 1):
        for what, words in typed(random.Random(round_)).items():
            began = time.perf_counter()
            answer = client.get("/search", query_string={"q": words})
            taken = time.perf_counter() - began
            if answer.status_code != 200:
                raise RuntimeError(f"no answer to {words!r}: {answer.status}")
            if round_:
                times.setdefault(what, []).append(taken)
    return times
