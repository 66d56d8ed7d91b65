"""Running companies to be hurt: everything in one process, or each part its own on durable servers.

One of each for all tests of a process, for starting them is what takes longest. Every test has a connection of its own.
"""

from collections.abc import Iterator

import pytest

from tests.company import Company
from tests.faults.provider import Provider
from tests.servers import DurablePostgreSQL, Redis

KILLER = "tests.faults.killer:Killer"


@pytest.fixture(scope="session")
def hurt_postgresql() -> Iterator[DurablePostgreSQL]:
    with DurablePostgreSQL.running() as server:
        yield server


@pytest.fixture(scope="session")
def hurt_redis() -> Iterator[Redis]:
    with Redis.running() as server:
        yield server


@pytest.fixture(scope="session")
def many_processes(hurt_postgresql: DurablePostgreSQL, hurt_redis: Redis) -> Iterator[Company]:
    with Company.many(hurt_postgresql, hurt_redis, acme=KILLER) as company:
        yield company


@pytest.fixture(scope="session")
def one_process() -> Iterator[Company]:
    with Company.embedded(acme=KILLER) as company:
        yield company


@pytest.fixture
def many(many_processes: Company) -> Provider:
    """A phone system that delivers to web, worker, scheduler and listener."""
    return Provider.connected(many_processes)


@pytest.fixture
def embedded(one_process: Company) -> Provider:
    """A phone system that delivers to `hub serve` alone."""
    return Provider.connected(one_process)


@pytest.fixture(params=["many", "embedded"])
def either(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.getfixturevalue(request.param)
    return found
