"""Every delivery is kept once, byte for byte, and ends visibly; one bad one never stops its neighbours."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
import time_machine

from hub import pipeline, repair
from hub.domain import clock
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.storage.exclusive import exclusive
from tests.pipeline.office import MONDAY, Office, after, hungup, started, talk
from tests.pipeline.providers.acme import Acme

PARKED = {"event": "whispered", "call": "c1", "at": after(9)}


class BetterAcme(Acme):
    """The next release: it knows what whispering is."""

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        said = delivery.json()
        if said["event"] == "whispered":
            delivery = replace(delivery, body=json.dumps(said | {"event": "answered", "phone": "101"}).encode())
        return super().translate(delivery)


class BrokenAcme(Acme):
    """A release with a bug: a call named "bad" makes it fall over."""

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        if delivery.json()["call"].startswith("bad"):
            raise KeyError("agent_id")
        return super().translate(delivery)


def test_a_delivery_is_stored_once_byte_for_byte_and_rings_the_bell_once(office: Office) -> None:
    body = b'{"event" :\t"started"}\xff\x00'
    assert office.accept(body, key="same", x_acme_signature="ab") is True
    assert office.accept(body, key="same", x_acme_signature="ab") is False
    assert office.accept(body, key="same", to="exchange") is True
    assert office.bell.rung == [office.ids["acme"], office.ids["exchange"]]
    first, _ = office.rows(DeliveryRow)
    assert (first.body, first.headers, first.state) == (body, {"x-acme-signature": "ab"}, "pending")


def test_what_nobody_understands_is_parked_with_the_reason(office: Office) -> None:
    office.hear(PARKED, {"hello": "world"}, *talk())
    office.accept(b"\xff\xfe not json")
    office.accept(b"[" * 100_000)
    office.drain()
    assert office.states() == ["parked", "parked", "done", "done", "done", "done", "parked", "parked"]
    first, second, *_, junk, _ = office.rows(DeliveryRow)
    assert first.reason == "acme event 'whispered'"
    assert second.reason == "acme payload without an event"
    assert junk.reason.startswith("not JSON: ")
    assert office.call()["outcome"] == "answered"


def test_a_replay_reads_what_was_parked_once_the_connector_has_learnt_it(office: Office) -> None:
    office.hear(started(), PARKED, hungup())
    assert office.call()["outcome"] == "missed"
    before = office.call()
    office.teach(BetterAcme())
    assert repair.replay(office.hub, office.ids["acme"]) == 3
    assert office.states() == ["done", "done", "done"]
    assert office.call() | {"id": before["id"], "outcome": "answered"} == office.call()
    assert office.call()["talk_seconds"] == 56.0


def test_a_replay_takes_back_what_a_better_connector_no_longer_understands(office: Office) -> None:
    office.teach(BetterAcme())
    office.hear(started(), PARKED, hungup())
    assert office.call()["outcome"] == "answered"
    office.teach(Acme())
    repair.replay(office.hub, office.ids["acme"])
    assert office.states() == ["done", "parked", "done"]
    assert office.call()["outcome"] == "missed"


def test_one_bad_delivery_among_fifty_stops_none_of_them(office: Office) -> None:
    office.teach(BrokenAcme())
    for number in range(50):
        name = "bad" if number == 17 else f"c{number}"
        office.accept(json.dumps(started(name, at=number)).encode())
    with time_machine.travel(MONDAY, tick=False):
        assert office.drain() == 50
    assert office.states() == ["done"] * 17 + ["failed"] + ["done"] * 32
    assert len(office.calls()) == 49


def test_a_failing_delivery_is_tried_five_times_ever_later_and_then_waits_for_a_person(office: Office) -> None:
    office.teach(BrokenAcme())
    with time_machine.travel(0, tick=False) as traveller:
        office.hear(started("bad"))
        waits = []
        while (row := office.rows(DeliveryRow)[0]).next_attempt_at is not None:
            waits.append(row.next_attempt_at.timestamp() - time.time())
            assert office.drain() == 0
            traveller.shift(waits[-1])
            assert repair.sweep(office.hub) == [office.ids["acme"]]
            assert office.drain() == 1
    assert waits == [5, 30, 120, 600]
    assert (row.state, row.attempts, row.reason) == ("failed", 5, "KeyError: 'agent_id'")
    assert repair.sweep(office.hub) == []


def test_a_person_lets_a_failed_delivery_try_again_after_the_fix(office: Office) -> None:
    office.teach(BrokenAcme())
    office.hear(started("bad"))
    office.teach(Acme())
    with office.hub.unit_of_work() as session:
        inbox.release(session, [row.id for row in office.rows(DeliveryRow)])
    office.drain()
    assert office.states() == ["done"]
    assert office.call()["provider_call_id"] == "bad"


def test_a_replay_keeps_what_a_delivery_said_when_its_connector_falls_over_today(office: Office) -> None:
    office.hear(started("bad"), *talk("good"))
    before = {call["id"]: call for call in office.calls()}
    office.teach(BrokenAcme())
    repair.replay(office.hub, office.ids["acme"])
    assert office.states() == ["failed", "done", "done", "done", "done"]
    assert {call["id"]: call for call in office.calls()} == before


def test_a_worker_that_died_leaves_its_deliveries_free_at_once(office: Office) -> None:
    office.accept(json.dumps(started()).encode())
    with office.hub.unit_of_work() as session:
        inbox.claim(session, office.ids["acme"], clock.now())
    assert repair.sweep(office.hub) == [office.ids["acme"]]
    assert office.drain() == 1
    assert office.states() == ["done"]


def test_a_worker_that_wakes_late_changes_nothing(office: Office) -> None:
    office.accept(json.dumps(started("late")).encode())
    with office.hub.unit_of_work() as session:
        (paused,) = inbox.claim(session, office.ids["acme"], clock.now())
    office.drain()
    before = office.everything()
    with pytest.raises(inbox.LeaseLost):
        pipeline.process(office.hub, office.ids["acme"], [paused])
    assert office.everything() == before
    assert office.states() == ["done"]


def test_only_one_at_a_time_works_on_a_connection(office: Office) -> None:
    office.accept(json.dumps(started()).encode())
    acme = office.ids["acme"]
    with exclusive(office.hub.engine, pipeline.lock_of(acme)) as ours:
        assert ours()
        assert office.drain() == 0
    assert office.drain() == 1


def test_what_kills_its_process_every_time_is_given_up_and_its_neighbours_are_not(office: Office) -> None:
    for name in ("first", "killer", "last"):
        office.accept(json.dumps(started(name)).encode())
    deaths = 0
    while entries := _claimed(office):
        if any(b"killer" in entry.delivery.body for entry in entries):
            deaths += 1
        else:
            pipeline.process(office.hub, office.ids["acme"], entries)
    assert deaths == inbox.MAX_DEATHS
    assert office.states() == ["done", "failed", "done"]
    assert office.rows(DeliveryRow)[1].reason == "the process died 10 times while working on it"


def _claimed(office: Office) -> list[inbox.Claimed]:
    with office.hub.unit_of_work() as session:
        return inbox.claim(session, office.ids["acme"], clock.now())
