"""`hub doctor` finds what is wrong, says what to do, and is silent about what is not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.storage import schema
from hub.storage.database import open_engine
from hub.storage.leases import SCHEDULER, WORKER, Lease
from hub.telephony.models import ComparisonRow, DialRow
from tests.cli.conftest import Operator
from tests.servers import Redis

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class Clinic:
    """A sound set-up on which one thing after another is spoilt."""

    operator: Operator
    more: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def rows(self) -> Iterator[Session]:
        engine = open_engine(self.operator.settings["HUB_DATABASE_URL"])
        with Session(engine) as session, session.begin():
            yield session
        engine.dispose()

    def add(self, *rows: Any) -> None:
        with self.rows() as session:
            session.add_all(rows)

    def says(self) -> dict[str, tuple[str, str]]:
        """What was found → its level and the remedy."""
        result = self.operator.types("doctor --json", **self.more)
        found = json.loads(result.stdout)
        assert result.exit_code == int(any(one["level"] == "broken" for one in found))
        return {one["what"]: (one["level"], one["remedy"]) for one in found}

    def finds(self, words: str) -> tuple[str, str]:
        """Level and remedy of the one finding with these words."""
        found = [rest for what, rest in self.says().items() if words in what]
        assert len(found) == 1, self.says()
        return found[0]

    def work(self, *names: str) -> None:
        engine = open_engine(self.operator.settings["HUB_DATABASE_URL"])
        for name in names:
            assert Lease(engine, name, "somebody", MINUTE).take()
        engine.dispose()


@pytest.fixture
def clinic(operator: Operator) -> Clinic:
    operator.gets("init --admin-email admin@example.org --admin-password 'correct horse battery'")
    operator.gets("connection add generic desk --set region=UA --set lines=+380445551200")
    operator.gets("user add mira@example.org --role manager --password 'correct horse battery' --extension desk:101")
    clinic = Clinic(operator)
    clinic.work(SCHEDULER, WORKER)
    clinic.add(_delivery("fresh", state="done"))
    return clinic


def _delivery(key: str, **more: Any) -> DeliveryRow:
    plain = {"connection_id": 1, "body": b"{}", "content_type": "application/json", "headers": {}}
    return DeliveryRow(**plain | {"key": key, "received_at": clock.now()} | more)


def _dial(state: str, age: timedelta) -> DialRow:
    plain = {"id": state, "who": "user:1", "idempotency_key": state, "connection_id": 1, "extension": "101"}
    return DialRow(**plain, number="+380671234567", state=state, created_at=clock.now() - age)


def _comparison(**more: Any) -> ComparisonRow:
    now = clock.now()
    return ComparisonRow(connection_id=1, since=now - DAY, until=now, compared_at=now, **more)


def test_a_sound_set_up_is_all_green(clinic: Clinic) -> None:
    assert {level for level, _ in clinic.says().values()} == {"good"}


SPOILT: dict[str, tuple[Callable[[Clinic], None], str, str]] = {
    "deliveries wait since": (
        lambda clinic: clinic.add(_delivery("old", received_at=clock.now() - 2 * MINUTE)),
        *("broken", "hub serve"),
    ),
    "1 deliveries failed": (lambda clinic: clinic.add(_delivery("bad", state="failed")), "broken", "hub replay"),
    "1 deliveries were not understood": (
        lambda clinic: clinic.add(_delivery("odd", state="parked")),
        *("doubtful", "hub replay"),
    ),
    "(stored), the oldest for 5 minutes": (
        lambda clinic: clinic.add(_dial("stored", 5 * MINUTE)),
        *("broken", "hub serve"),
    ),
    "(placing), the oldest for 5 minutes": (
        lambda clinic: clinic.add(_dial("placing", 5 * MINUTE)),
        *("broken", "hub serve"),
    ),
    "its own list had 3 calls": (lambda clinic: clinic.add(_comparison(missing=3)), "doubtful", "its log"),
    "could not be read: no answer": (
        lambda clinic: clinic.add(_comparison(problem="no answer")),
        *("doubtful", "compared again"),
    ),
}


@pytest.mark.parametrize("words", SPOILT)
def test_what_is_wrong_is_found_with_its_remedy(clinic: Clinic, words: str) -> None:
    spoil, level, remedy = SPOILT[words]
    spoil(clinic)
    found = clinic.finds(words)
    assert found[0] == level
    assert remedy in found[1]


def test_a_dial_under_way_is_not_stuck(clinic: Clinic) -> None:
    clinic.add(_dial("stored", timedelta(seconds=5)), _dial("placing", MINUTE), _dial("queued", DAY))
    assert not any("clicks" in what for what in clinic.says())


def test_a_phone_system_that_fell_silent(clinic: Clinic) -> None:
    with clinic.rows() as session:
        session.execute(update(DeliveryRow).values(received_at=clock.now() - 3 * DAY))
    assert clinic.finds("desk: nothing was delivered for 3 days")[0] == "doubtful"


def test_a_phone_system_that_never_spoke(clinic: Clinic) -> None:
    clinic.operator.gets("connection add generic second")
    assert "hub connection show second" in clinic.finds("second: nothing was ever delivered")[1]


def test_nobody_works(clinic: Clinic) -> None:
    with clinic.rows() as session:
        session.connection().exec_driver_sql("DELETE FROM leases WHERE name = 'worker'")
    assert clinic.finds("no worker is at work")[0] == "broken"
    with clinic.rows() as session:
        session.connection().exec_driver_sql("DELETE FROM leases")
    assert clinic.finds("no scheduler is at work")[0] == "doubtful"
    assert clinic.finds("no worker shows itself")[0] == "doubtful"


def test_a_line_nobody_holds_and_one_that_is_down(clinic: Clinic) -> None:
    clinic.operator.gets(
        "connection add asterisk pbx --set host=127.0.0.1 --set port=1 --set username=hub --set secret=s"
    )
    assert clinic.finds("pbx: nobody listens to it") == ("broken", "start `hub serve`")
    clinic.work("listen:2")
    with clinic.rows() as session:
        session.execute(
            update(ConnectionRow).where(ConnectionRow.id == 2).values(state="down", detail="cannot reach it")
        )
    assert "hub connection test pbx" in clinic.finds("pbx is not heard: cannot reach it")[1]


def test_a_connection_without_a_line_needs_nobody_to_listen(clinic: Clinic) -> None:
    clinic.operator.gets("connection add asterisk history")
    clinic.operator.gets("connection add freeswitch records")
    assert not [what for what in clinic.says() if "listens" in what]
    assert clinic.finds("history: nothing to try")[0] == "good"


@pytest.mark.parametrize(
    ("url", "level"),
    [("http://hub.example.org", "doubtful"), ("https://hub.example.org", None), ("http://localhost:8000", None)],
)
def test_an_address_that_is_not_encrypted(clinic: Clinic, url: str, level: str | None) -> None:
    clinic.more["HUB_PUBLIC_URL"] = url
    found = [rest[0] for what, rest in clinic.says().items() if "not encrypted" in what]
    assert found == ([level] if level else [])


def test_a_phone_system_that_was_told_another_address(clinic: Clinic) -> None:
    settings = "--set account_sid=AC" + "0" * 32 + " --set auth_token=" + "a" * 32
    clinic.operator.gets(f"connection add twilio main {settings} --set public_url=https://calls.example.org")
    clinic.more["HUB_PUBLIC_URL"] = "https://hub.example.org"
    words = "main delivers to https://calls.example.org, but HUB_PUBLIC_URL is https://hub.example.org"
    assert clinic.finds(words)[0] == "doubtful"


def test_a_clock_that_differs_from_the_database_s(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + timedelta(seconds=30)
    monkeypatch.setattr("hub.doctor.place.clock.now", lambda: later)
    found = [(what, rest[0]) for what, rest in clinic.says().items() if "clock" in what]
    if "postgresql" in clinic.operator.settings["HUB_DATABASE_URL"]:
        assert found[0][1] == "broken"
        assert "seconds ahead of the database's" in found[0][0]
    else:
        assert found == []


def test_redis_that_forgets(clinic: Clinic, own_redis: Redis) -> None:
    clinic.more["HUB_REDIS_URL"] = own_redis.url
    with own_redis.client() as client:
        client.config_set("appendonly", "yes")
        client.config_set("maxmemory-policy", "noeviction")
        assert clinic.finds("Redis answers and keeps what it is told")[0] == "good"
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert clinic.finds("Redis: it throws jobs away")[1] == "set `maxmemory-policy noeviction` in its settings"
        client.config_set("appendonly", "no")
        assert clinic.finds("Redis: it forgets its queue")[1] == "set `appendonly yes` in its settings"


def test_redis_that_does_not_answer(clinic: Clinic) -> None:
    clinic.more["HUB_REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert clinic.finds("Redis does not answer")[0] == "broken"


def test_a_database_that_is_not_the_newest_ends_the_examination(clinic: Clinic) -> None:
    with clinic.rows() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    said = f"the database has schema 0001, this Hub needs {schema.newest()}"
    assert clinic.says() == {said: ("broken", "run `hub migrate`")}


def test_for_people_the_remedy_stands_below(clinic: Clinic) -> None:
    clinic.add(_delivery("bad", state="failed"))
    lines = clinic.operator.types("doctor").stdout.splitlines()
    assert lines[0] == "✕ 1 deliveries failed"
    assert lines[1].startswith("    → read why")
