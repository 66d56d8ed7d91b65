"""A database that cannot keep up: what is over the limit is sent away at once, what is acknowledged is kept."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import Engine, text

from hub.settings import Settings
from hub.web.gate import RETRY_SECONDS
from tests.faults.provider import Provider
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.waiting import until

AT_ONCE = Settings().threads
"""Deliveries that one web process takes at the same time."""
RUSH = AT_ONCE * 3


@contextmanager
def no_writing(engine: Engine) -> Iterator[None]:
    """Nobody else stores a delivery until the block is left."""
    with engine.connect() as connection, connection.begin():  # on SQLite that alone is the write lock
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE deliveries IN EXCLUSIVE MODE"))
        yield


def _deliver(provider: Provider, said: Mapping[str, Any]) -> httpx.Response:
    body = json.dumps(said).encode()
    headers = {SIGNATURE: signature(body, provider.secret), "content-type": "application/json"}
    return httpx.post(provider.address, content=body, headers=headers, timeout=30)


def _answered(answers: list[Future[httpx.Response]]) -> list[httpx.Response]:
    return [answer.result() for answer in answers if answer.done()]


def test_a_rush_on_a_slow_database_is_shed_and_nothing_accepted_is_lost(either: Provider) -> None:
    with ThreadPoolExecutor(RUSH) as pool:
        with no_writing(either.company.engine):
            answers = [pool.submit(_deliver, either, said) for said in either.calls(RUSH)[:RUSH]]
            until(lambda: len(_answered(answers)) >= RUSH - AT_ONCE, what="the answers to those over the limit")
            refused = _answered(answers)
            pages = [httpx.get(f"{either.company.url}{path}", timeout=2) for path in ("/healthz", "/sign-in")]
        ended = [answer.result() for answer in answers]
    assert {page.status_code for page in pages} == {200}
    assert {answer.status_code for answer in refused} == {503}
    after = [int(answer.headers["retry-after"]) for answer in refused]  # the database, given up, asks for more patience
    assert after.count(RETRY_SECONDS) >= AT_ONCE
    assert min(after) == RETRY_SECONDS
    accepted = [answer for answer in ended if answer.status_code == 200]
    assert {answer.status_code for answer in ended} <= {200, 503}
    assert 0 < len(accepted) <= AT_ONCE
    either.until_states(done=len(accepted))
