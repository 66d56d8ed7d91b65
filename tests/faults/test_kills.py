"""kill -9 at any moment, and Redis emptied: whatever was acknowledged is in the log exactly once."""

import random

from tests.faults.provider import Provider
from tests.servers import Redis

CALLS = 500
KILLS = 20


def kill_while_sending(provider: Provider, luck: random.Random, redis: Redis | None = None) -> list[str]:
    """Kill and restart a process at moments spread over all deliveries; which ones were killed."""
    victims = []
    deliveries = provider.calls(CALLS)
    moments = sorted(luck.sample(range(20, len(deliveries) - 20), KILLS))
    with provider.sending(deliveries):
        for moment in moments:
            provider.until(moment)
            victim = provider.company.processes[luck.choice(sorted(provider.company.processes))]
            luck.choice((victim.kill9, victim.kill9_alone))()
            victim.start()
            victims.append(victim.name)
            if redis is not None and moment == moments[KILLS // 2]:
                with redis.client() as client:
                    client.flushall()
    return victims


def test_two_thousand_deliveries_survive_twenty_kills_and_an_emptied_redis(many: Provider, hurt_redis: Redis) -> None:
    victims = kill_while_sending(many, random.Random(1), hurt_redis)
    assert set(victims) >= {"web", "worker", "scheduler", "listener"}
    many.assert_nothing_lost_nothing_twice()


def test_two_thousand_deliveries_survive_twenty_kills_of_hub_serve(embedded: Provider) -> None:
    kill_while_sending(embedded, random.Random(2))
    embedded.assert_nothing_lost_nothing_twice()
