"""What every test may ask for: a fresh database of either kind, a Redis, a browser (tests/browser.py)."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from hypothesis import HealthCheck, settings

from hub.storage.schema import migrate
from tests.servers import DurablePostgreSQL, PostgreSQL, Redis

# What Hub says while it is tested goes where pytest looks for it: shown with a test that failed, short traces.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(key_order=["event"])],
    logger_factory=structlog.stdlib.LoggerFactory(),
)

pytest_plugins = ["tests.browser"]

# How long an example takes says more about the machine than about Hub. Each run tries the same examples, so that a
# change is judged by what it changed; `make explore` looks for new ones.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("hub", PATIENT, derandomize=True)
settings.register_profile("explore", PATIENT, max_examples=1_000)
settings.load_profile("hub")

TEMPLATE = "hub_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--screenshots`: where the tests of pages leave a picture of each, in both themes and three widths."""
    parser.addoption("--screenshots", default="build/screenshots", help="folder for pictures of every page")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The cluster of this test process, with a template at the newest schema."""
    with PostgreSQL.running() as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(server.url(TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """A fresh PostgreSQL database at the newest schema."""
    name = f"hub_{uuid4().hex}"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield postgresql.url(name)
    postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database at the newest schema."""
    path = tmp_path / "hub.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at the newest schema: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """The Redis of this test process."""
    with Redis.running() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """An empty Redis."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def durable_postgresql() -> Iterator[DurablePostgreSQL]:
    """A cluster of the test's own, to be killed; without any database of Hub."""
    with DurablePostgreSQL.running() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis of the test's own, to be killed and flushed."""
    with Redis.running() as server:
        yield server
