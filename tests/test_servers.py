"""The servers the other tests stand on."""

import ssl

import httpx
import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text

from tests.servers import DurablePostgreSQL, Nginx, Redis, free_port, program


def test_a_database_is_at_the_newest_schema(database_url: str) -> None:
    engine = create_engine(database_url)
    assert "alembic_version" in inspect(engine).get_table_names()
    engine.dispose()


@pytest.mark.parametrize("visit", [1, 2])
def test_every_test_gets_a_database_nobody_wrote_to(database_url: str, visit: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visitors (visit INTEGER)"))
        connection.execute(text("INSERT INTO visitors VALUES (:visit)"), {"visit": visit})
        assert connection.scalars(text("SELECT visit FROM visitors")).all() == [visit]
    engine.dispose()


def test_a_durable_postgresql_keeps_what_was_committed_before_a_kill(durable_postgresql: DurablePostgreSQL) -> None:
    durable_postgresql.execute("CREATE DATABASE kept")
    durable_postgresql.kill9()
    assert not durable_postgresql.answers()
    durable_postgresql.start()
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        durable_postgresql.execute("CREATE DATABASE kept")


def test_a_redis_comes_back_with_its_data(own_redis: Redis) -> None:
    with own_redis.client() as client:
        client.set("bell", "rung")
    own_redis.restart()
    with own_redis.client() as client:
        assert client.get("bell") == b"rung"


def test_a_proxy_speaks_tls_and_says_when_nobody_is_behind_it() -> None:
    with Nginx.before(free_port()) as proxy:
        trusted = ssl.create_default_context(cafile=str(proxy.certificate))
        assert httpx.get(proxy.url, verify=trusted).status_code == 502


def test_a_missing_program_says_how_to_get_it() -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        program("no-such-server")


def test_the_browser_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Hub</h1>")
    assert page.inner_text("h1") == "Hub"
