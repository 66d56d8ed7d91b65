"""Servers that go away and come back, processes that stand still, deliveries that kill their reader."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
from redis import RedisError
from sqlalchemy import Engine, text

from tests.faults.provider import PATIENCE_SECONDS, Provider
from tests.servers import DurablePostgreSQL, Redis
from tests.waiting import until


@contextmanager
def no_placing(engine: Engine) -> Iterator[Callable[[], bool]]:
    """No call is written until the block is left, deliveries are; what is given says whether a job waits for that."""
    waits = text("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'calls'::regclass")
    with engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE calls IN EXCLUSIVE MODE"))
        yield lambda: bool(connection.execute(waits).scalar_one())


def test_a_database_that_dies_and_comes_back_costs_time_alone(
    many: Provider, hurt_postgresql: DurablePostgreSQL
) -> None:
    with many.sending(many.calls(60)):
        many.until(80)
        hurt_postgresql.kill9()
        answer = httpx.post(many.address, content=b"{}", timeout=20)
        ready = httpx.get(f"{many.company.url}/readyz", timeout=20)
        assert (answer.status_code, ready.status_code) == (503, 503)
        assert "retry-after" in answer.headers
        hurt_postgresql.start()
        many.until(160)
        hurt_postgresql.restart()
    many.assert_nothing_lost_nothing_twice()
    assert all(process.alive for process in many.company.processes.values())


def test_processes_that_begin_before_their_database_wait_for_it(
    many: Provider, hurt_postgresql: DurablePostgreSQL
) -> None:
    processes = list(many.company.processes.values())
    for process in processes:
        process.kill9()
    hurt_postgresql.kill9()
    for process in processes:
        process.log.unlink()
        process.start()
    for process in processes:
        until(lambda: "waited for" in process.log.read_text(), seconds=60, what=process.name)  # noqa: B023 - at once
    hurt_postgresql.start()
    many.sends(many.calls(10))
    many.assert_nothing_lost_nothing_twice()


def test_without_redis_everything_is_acknowledged_and_done_when_it_is_back(many: Provider, hurt_redis: Redis) -> None:
    hurt_redis.kill9()
    many.sends(many.calls(10))
    hurt_redis.start()
    with hurt_redis.paused():
        many.sends(many.calls(10, first=10))
    assert many.tries_again == 0
    many.assert_nothing_lost_nothing_twice()


def test_redis_dies_in_the_middle_of_a_job_and_the_worker_goes_on(many: Provider, hurt_redis: Redis) -> None:
    with no_placing(many.company.engine) as waiting:
        many.sends(many.call(0))
        until(waiting, seconds=PATIENCE_SECONDS, what="a job in the middle of its work")
        with hurt_redis.client() as client, suppress(RedisError):  # Celery minds which of its connections ends first
            client.pipeline(transaction=False).client_kill_filter(_type="pubsub").shutdown(nosave=True).execute()
        hurt_redis.kill9()
        many.sends(many.calls(10, first=1))
    hurt_redis.start()
    with hurt_redis.client() as client:
        until(
            lambda: client.client_list(_type="pubsub"), seconds=PATIENCE_SECONDS, what="a worker that hears Redis again"
        )
    many.sends(many.calls(10, first=11))
    many.assert_nothing_lost_nothing_twice()


def test_a_worker_that_stands_still_is_replaced_and_changes_nothing_when_it_wakes(many: Provider) -> None:
    worker = many.company.processes["worker"]
    with many.sending(many.calls(100)):
        until(lambda: many.states().get("done", 0) >= 50, seconds=PATIENCE_SECONDS, what="the first work done")
        worker.pause()
    many.company.add("another worker", "worker")
    many.assert_nothing_lost_nothing_twice()
    before = many.log()
    worker.resume()
    many.sends(many.call(100))
    many.until_states(done=404)
    assert [call for call in many.log() if call["provider_call_id"] != "call-100"] == before


def test_a_delivery_that_kills_its_reader_is_given_up_and_its_neighbours_are_not(either: Provider) -> None:
    deliveries = either.calls(10)
    deliveries[13] = {**deliveries[13], "call": "poison"}
    either.sends(deliveries)
    either.until_states(done=39, failed=1)
    assert len(either.log()) == 10
