"""What was lost on the way to Hub is found in the phone system's own list, once, and comes no second time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from pydantic import BaseModel

from hub import reconciling, repair
from hub.connectors import Listed
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Transient
from hub.inbox.models import DeliveryRow
from hub.leads.models import LeadRow, TaskRow
from hub.reconciling import Stretch
from hub.storage.exclusive import exclusive
from hub.telephony.models import ComparisonRow
from tests.pipeline.office import MONDAY, Office, answered, hungup, missed, rang, started, talk
from tests.pipeline.providers.acme import Acme

AN_HOUR_LATER = MONDAY + timedelta(hours=1)
ANNA, BORIS, VERA = "0671234567", "0671234568", "0671234569"


@dataclass
class Archive:
    """Acme's own list: whole calls, by when they began."""

    calls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    trouble: Exception | None = None
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    def keep(self, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.calls[said[0]["call"]] = said
        return said

    def listed(self, since: datetime, until: datetime) -> Iterable[Listed]:
        self.asked.append((since, until))
        for call, said in self.calls.items():
            began = datetime.fromisoformat(said[0]["at"])
            if since <= began < until:
                yield Listed(call=call, at=began, body=json.dumps(said).encode())
        if self.trouble:
            raise self.trouble


@dataclass
class Scene:
    office: Office
    archive: Archive

    def compare(self, **stretch: Any) -> tuple[int, int, int, int]:
        """How many were listed; of these received, waiting, missing."""
        row = self.row(**stretch)
        assert row.problem is None
        return row.listed, row.received, row.waiting, row.missing

    def row(self, **stretch: Any) -> ComparisonRow:
        chosen = Stretch(**stretch) if stretch else None
        row = reconciling.compare(self.office.hub, self.office.ids["acme"], chosen)
        assert row is not None
        return row

    def outcomes(self) -> dict[str, tuple[str, float]]:
        return {call["provider_call_id"]: (call["outcome"], call["duration_seconds"]) for call in self.office.calls()}


@pytest.fixture
def scene(office: Office) -> Iterable[Scene]:
    archive = Archive()

    class Archived(Acme):
        def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
            if not isinstance(delivery.json(), list):
                return super().translate(delivery)
            parts = [json.dumps(said).encode() for said in delivery.json()]
            return [told for part in parts for told in super(Archived, self).translate(_with(delivery, part))]

        def listed(self, settings: BaseModel, since: datetime, until: datetime) -> Iterable[Listed] | None:
            return archive.listed(since, until)

    office.teach(Archived())
    with time_machine.travel(AN_HOUR_LATER, tick=False):
        yield Scene(office, archive)


def _with(delivery: Delivery, body: bytes) -> Delivery:
    return Delivery(connection_id=delivery.connection_id, body=body, received_at=delivery.received_at)


def test_what_never_arrived_is_fetched_and_what_comes_late_is_no_second_call(scene: Scene) -> None:
    scene.office.hear(*scene.archive.keep(talk("heard", number=ANNA)))
    lost = scene.archive.keep(missed("lost", 120, number=BORIS))
    assert scene.compare() == (2, 1, 0, 1)
    assert scene.outcomes() == {"heard": ("answered", 65.0), "lost": ("missed", 20.0)}
    before, leads = scene.office.calls(), len(scene.office.rows(LeadRow))
    assert (leads, len(scene.office.rows(TaskRow))) == (2, 1)

    assert scene.compare() == (2, 2, 0, 0)
    scene.office.hear(*lost)
    assert scene.office.calls() == before
    assert len(scene.office.rows(LeadRow)) == leads


def test_a_call_whose_end_was_lost_ends_as_the_list_says(scene: Scene) -> None:
    first, rung, picked_up, _ = scene.archive.keep(talk("cut"))
    scene.office.hear(first, rung, picked_up)
    assert scene.office.call()["state"] == "talking"
    assert scene.compare() == (1, 0, 0, 1)
    assert scene.outcomes() == {"cut": ("answered", 65.0)}
    assert scene.compare() == (1, 1, 0, 0)


def test_so_does_one_the_watchdog_closed(scene: Scene) -> None:
    scene.office.hear(*scene.archive.keep(missed("cut"))[:2])
    repair.close_silent(scene.office.hub)
    scene.office.drain()
    assert scene.office.call()["reason"] == "end not reported"
    assert scene.compare() == (1, 0, 0, 1)
    assert (scene.office.call()["reason"], scene.office.call()["duration_seconds"]) == (None, 20.0)


def test_a_call_that_still_goes_on_is_left_to_its_own_deliveries(scene: Scene) -> None:
    scene.archive.keep([started("long"), rang("long"), answered("long")])
    assert scene.compare() == (1, 0, 1, 0)
    assert scene.office.calls() == []
    scene.office.hear(*scene.archive.calls["long"])
    assert scene.compare() == (1, 1, 0, 0)
    assert scene.office.call()["state"] == "talking"


def test_what_may_still_stand_in_the_inbox_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for said in scene.archive.keep(talk("slow")):
        scene.office.accept(json.dumps(said).encode())
    monkeypatch.setattr("hub.pipeline.drain", lambda *_: 0)  # as when another worker is at it
    assert scene.compare() == (1, 0, 1, 0)
    assert len(scene.office.rows(DeliveryRow)) == 4


def test_a_call_that_cannot_be_read_is_parked_once_with_the_reason(scene: Scene) -> None:
    scene.archive.keep([{"event": "sideways", "call": "odd", "at": started()["at"]}])
    assert scene.compare() == (1, 0, 0, 1)
    assert scene.compare() == (1, 0, 1, 0)
    (parked,) = scene.office.rows(DeliveryRow)
    assert (parked.state, parked.key) == ("parked", "listed:odd")
    assert "sideways" in parked.reason


def test_a_list_that_breaks_off_keeps_what_it_gave_and_is_read_again_from_there(scene: Scene) -> None:
    scene.archive.keep(talk("early"))
    assert scene.compare() == (1, 0, 0, 1)
    scene.archive.trouble = Transient("acme cannot be reached")
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False):
        scene.archive.keep(talk("later", timedelta(hours=2).total_seconds(), number=VERA))
        row = scene.row()
        assert (row.problem, row.missing) == ("acme cannot be reached", 0)
        scene.archive.trouble = None
        scene.compare()
    assert scene.archive.asked[-1][0] == scene.archive.asked[-2][0] == MONDAY + timedelta(minutes=55)
    assert set(scene.outcomes()) == {"early", "later"}


def test_whatever_a_connector_breaks_over_is_a_problem_in_words(scene: Scene) -> None:
    scene.archive.trouble = KeyError("start")
    assert scene.row().problem == "KeyError: 'start'"


def test_the_past_opens_no_lead_and_no_task(scene: Scene) -> None:
    scene.archive.keep(missed("old", -86_400 * 9))
    assert scene.compare() == (0, 0, 0, 0), "before the connection was made"
    wanted = {"since": MONDAY - timedelta(days=10), "until": MONDAY, "history": True}
    assert scene.compare(**wanted) == (1, 0, 0, 1)
    assert set(scene.outcomes()) == {"old"}
    assert (scene.office.rows(LeadRow), scene.office.rows(TaskRow)) == ([], [])


def test_many_calls_are_looked_up_in_steps(scene: Scene) -> None:
    for number in range(250):
        said = scene.archive.keep(missed(f"c{number}", number, number=f"+38067123{number:04}"))
        if number % 2:
            scene.office.hear(*said)
    assert scene.compare() == (250, 125, 0, 125)
    assert len(scene.outcomes()) == 250
    assert scene.compare() == (250, 250, 0, 0)


def test_two_at_once_are_one(scene: Scene) -> None:
    connection = scene.office.ids["acme"]
    with exclusive(scene.office.hub.engine, f"comparing:{connection}") as ours:
        assert ours()
        assert reconciling.compare(scene.office.hub, connection) is None
    assert scene.archive.asked == []


def test_a_connection_is_due_each_hour_and_a_system_without_a_list_never_shows(scene: Scene) -> None:
    ids = scene.office.ids
    assert set(reconciling.due(scene.office.hub, AN_HOUR_LATER)) == set(ids.values())
    scene.compare()
    assert reconciling.compare(scene.office.hub, ids["exchange"]) is None
    assert [row.connection_id for row in scene.office.rows(ComparisonRow)] == [ids["acme"]]
    assert ids["acme"] not in reconciling.due(scene.office.hub, AN_HOUR_LATER + timedelta(minutes=59))
    assert ids["acme"] in reconciling.due(scene.office.hub, AN_HOUR_LATER + timedelta(minutes=60))


def test_a_hangup_that_comes_after_the_list_said_so_changes_nothing(scene: Scene) -> None:
    said = scene.archive.keep([*talk("cut")[:3], hungup("cut", 65)])
    scene.office.hear(*said[:3])
    scene.compare()
    before = scene.office.calls()
    scene.office.hear(said[3])
    assert scene.office.calls() == before
