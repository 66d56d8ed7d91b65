"""kill -9 at any moment, and Redis emptied: whatever was acknowledged is in the log exactly once."""

import random
from collections.abc import Iterator

import pytest
import redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.crm.models import OutboxRow
from hub.inbox.models import DeliveryRow
from hub.leads.models import ContactRow, LeadRow, TouchRow
from tests.company import Company
from tests.faults.postman import ACME, SECRET, Postman, calls
from tests.servers import DurablePostgreSQL, Redis
from tests.waiting import until

CALLS = 500
KILLS = 20
SETTLE_SECONDS = 60
"""One takeover of the scheduler, one sweep, and the work itself on a slow machine."""


@pytest.fixture
def many(durable_postgresql: DurablePostgreSQL, own_redis: Redis) -> Iterator[Company]:
    with Company.many(durable_postgresql, own_redis, acme=ACME) as company:
        company.run("connection", "add", "acme", "acme", "--set", f"secret={SECRET}")
        yield company


@pytest.fixture
def embedded() -> Iterator[Company]:
    with Company.embedded(acme=ACME) as company:
        company.run("connection", "add", "acme", "acme", "--set", f"secret={SECRET}")
        yield company


def states(company: Company) -> dict[str, int]:
    """How many deliveries stand in each state."""
    with Session(company.engine) as session:
        rows = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
        return dict(rows.all())


def kill_while_sending(company: Company, postman: Postman, luck: random.Random) -> list[str]:
    """Kill and restart a process at moments spread over all deliveries; which ones were killed."""
    victims = []
    moments = sorted(luck.sample(range(20, len(postman.deliveries) - 20), KILLS))
    with postman.at_work():
        for number, moment in enumerate(moments):
            postman.until(moment)
            victim = company.processes[luck.choice(sorted(company.processes))]
            luck.choice((victim.kill9, victim.kill9_alone))()
            victim.start()
            victims.append(victim.name)
            if number == KILLS // 2:
                empty_redis(company)
    return victims


def empty_redis(company: Company) -> None:
    if url := company.settings.get("HUB_REDIS_URL"):
        with redis.Redis.from_url(url) as client:
            client.flushall()


def assert_nothing_lost_nothing_twice(company: Company, postman: Postman) -> None:
    assert postman.refused == []
    assert len(postman.acknowledged) == len(postman.deliveries)
    until(lambda: set(states(company)) == {"done"}, seconds=SETTLE_SECONDS, what=f"all done, not {states(company)}")
    assert states(company) == {"done": len(postman.deliveries)}
    log = company.json("calls")
    assert sorted(call["provider_call_id"] for call in log) == sorted({one["call"] for one in postman.deliveries})
    assert {(call["state"], call["outcome"], call["talk_seconds"], len(call["legs"])) for call in log} == {
        ("ended", "answered", 60.0, 1)
    }
    with Session(company.engine) as session:
        for table in (ContactRow, LeadRow, TouchRow):
            assert session.scalar(select(func.count()).select_from(table)) == len(log)
        newest = select(func.max(OutboxRow.id)).where(OutboxRow.subject.startswith("call:")).group_by(OutboxRow.subject)
        told = session.scalars(select(OutboxRow.body).where(OutboxRow.id.in_(newest))).all()
    assert {body["id"]: body for body in told} == {call["id"]: call for call in log}


def test_two_thousand_deliveries_survive_twenty_kills_and_an_emptied_redis(many: Company) -> None:
    postman = Postman(f"{many.url}/hooks/acme", calls(CALLS))
    victims = kill_while_sending(many, postman, random.Random(1))
    assert set(victims) == {"web", "worker", "scheduler", "listener"}
    assert_nothing_lost_nothing_twice(many, postman)


def test_two_thousand_deliveries_survive_twenty_kills_of_hub_serve(embedded: Company) -> None:
    postman = Postman(f"{embedded.url}/hooks/acme", calls(CALLS))
    kill_while_sending(embedded, postman, random.Random(2))
    assert_nothing_lost_nothing_twice(embedded, postman)
