"""A click that meets every kind of phone system: silent, broken, away; and one that is taken back at every moment."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pydantic import BaseModel

from hub import clicks
from hub.clicks import placing
from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.errors import Conflict, Invalid, NotFound, Rejected, Transient
from hub.leads import cards
from hub.people import users
from hub.telephony import lines
from hub.telephony.models import DialRow
from tests.pipeline.office import Office, answered, hungup, started
from tests.pipeline.providers.acme import Acme

ANNA = "+380671234567"


@dataclass
class Exchange:
    """What a phone system does when it is asked, and what it was asked."""

    places: Callable[[DialOrder], Placed] = lambda order: Placed(detail="rings", ref=f"acme-{order.request}")
    state: PhoneState = PhoneState.UNKNOWN
    hangs_up: bool = True
    placed: list[DialOrder] = field(default_factory=list)
    hung_up: list[str | None] = field(default_factory=list)


@dataclass
class Scene:
    office: Office
    exchange: Exchange
    manager: Viewer

    def asks(self, key: str = "k1", **more: Any) -> dict[str, Any]:
        click = clicks.Click(**({"number": ANNA, "key": key} | more))
        return dict(clicks.dial(self.office.hub, self.manager, click))

    def placed(self, key: str = "k1", **more: Any) -> dict[str, Any]:
        asked = self.asks(key, **more)
        clicks.place(self.office.hub, asked["id"])
        return self.now(asked)

    def now(self, asked: dict[str, Any]) -> dict[str, Any]:
        return dict(clicks.dialled(self.office.hub, self.manager, asked["id"]))

    def takes_back(self, asked: dict[str, Any]) -> dict[str, Any]:
        return dict(clicks.cancel(self.office.hub, self.manager, asked["id"]))


@pytest.fixture
def scene(office: Office) -> Scene:
    exchange = Exchange()

    class Wired(Acme):
        def phone_state(self, settings: BaseModel, extension: str) -> PhoneState:
            return exchange.state

        def place(self, settings: BaseModel, order: DialOrder) -> Placed:
            exchange.placed.append(order)
            return exchange.places(order)

        def cancel(self, settings: BaseModel, order: DialOrder, ref: str | None) -> str:
            if not exchange.hangs_up:
                raise Rejected("acme cannot hang up")
            exchange.hung_up.append(ref)
            return "hung up"

    office.teach(Wired())
    with office.hub.unit_of_work() as session:
        new = users.NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}), password="!")
        user = users.create_user(session, new, clock.now())
        lines.assign(session, office.ids["acme"], "101", user.id)
        lines.ensure(session, "+380445551200", "UA", office.ids["acme"])
        manager = Viewer(user_id=user.id, roles=frozenset({Role.MANAGER}))
    return Scene(office, exchange, manager)


def test_the_phone_system_is_told_who_where_and_which_line_to_show(scene: Scene) -> None:
    asked = scene.placed()
    assert scene.exchange.placed == [
        DialOrder(request=asked["id"], extension="101", number=ANNA, hook="/hooks/acme", line="+380445551200")
    ]
    assert asked["state"] == "calling_you"


def test_a_phone_that_would_not_ring_is_not_rung(scene: Scene) -> None:
    scene.exchange.state = PhoneState.AWAY
    asked = scene.placed()
    assert (asked["state"], scene.exchange.placed) == ("refused", [])
    assert asked["detail"].startswith("your phone 101 is not reachable")


@pytest.mark.parametrize("state", [PhoneState.FREE, PhoneState.BUSY, PhoneState.UNKNOWN])
def test_any_other_phone_is(scene: Scene, state: PhoneState) -> None:
    scene.exchange.state = state
    assert scene.placed()["state"] == "calling_you"


def _refuses(error: Exception) -> Callable[[DialOrder], Placed]:
    def place(_order: DialOrder) -> Placed:
        raise error

    return place


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Rejected("the number is barred"), "the number is barred"),
        (Transient("too many calls at once: try again in a minute"), "too many calls at once"),
        (ValueError("<html>"), "nobody understands"),
        (Rejected("x" * 1000), "x" * 300),
    ],
)
def test_what_the_phone_system_answers_is_told_in_words_and_nothing_is_dialled_again(
    scene: Scene, error: Exception, told: str
) -> None:
    scene.exchange.places = _refuses(error)
    asked = scene.placed()
    assert asked["state"] == "refused"
    assert told in asked["detail"]
    clicks.place(scene.office.hub, asked["id"])
    assert clicks.forgotten(scene.office.hub) == []
    assert len(scene.exchange.placed) == 1


def test_a_phone_system_that_is_silent_for_a_minute_is_told_of_in_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "PATIENCE_SECONDS", 0.2)
    over = threading.Event()

    def silent(_order: DialOrder) -> Placed:
        over.wait(60)
        return Placed(detail="at last")

    scene.exchange.places = silent
    began = time.monotonic()
    asked = scene.placed()
    over.set()
    assert time.monotonic() - began < 5
    assert (asked["state"], "did not answer in time" in asked["detail"]) == ("refused", True)
    clicks.place(scene.office.hub, asked["id"])
    assert len(scene.exchange.placed) == 1


def test_the_promise_is_ten_seconds() -> None:
    assert placing.PATIENCE_SECONDS < 10


# ---- taking back ----


def test_before_it_is_placed_nothing_is_ever_dialled(scene: Scene) -> None:
    asked = scene.asks()
    assert scene.takes_back(asked)["state"] == "cancelled"
    clicks.place(scene.office.hub, asked["id"])
    assert clicks.forgotten(scene.office.hub) == []
    assert (scene.exchange.placed, scene.exchange.hung_up) == ([], [])


def test_while_it_is_being_placed_it_is_hung_up_as_soon_as_it_is(scene: Scene) -> None:
    asked = scene.asks()

    def slow(_order: DialOrder) -> Placed:
        scene.takes_back(asked)
        return Placed(detail="rings", ref="acme-7")

    scene.exchange.places = slow
    clicks.place(scene.office.hub, asked["id"])
    assert scene.now(asked)["state"] == "cancelled"
    assert scene.exchange.hung_up == ["acme-7"]


def test_while_it_rings_it_is_hung_up(scene: Scene) -> None:
    asked = scene.placed()
    assert scene.takes_back(asked)["state"] == "cancelled"
    assert scene.exchange.hung_up == [f"acme-{asked['id']}"]
    assert scene.takes_back(asked)["state"] == "cancelled"
    assert len(scene.exchange.hung_up) == 1


def test_while_people_talk_it_is_hung_up_and_stays_a_talk(scene: Scene) -> None:
    asked = scene.placed()
    scene.office.hear(started("c1", from_="101", request=asked["id"]), answered("c1"))
    assert scene.now(asked)["state"] == "talking"
    scene.takes_back(asked)
    assert len(scene.exchange.hung_up) == 1
    scene.office.hear(hungup("c1"))
    ended = scene.now(asked)
    assert (ended["state"], ended["outcome"], ended["talk_seconds"]) == ("ended", "answered", 60.0)


def test_when_it_is_over_there_is_nothing_to_take_back(scene: Scene) -> None:
    asked = scene.placed()
    scene.office.hear(started("c1", from_="101", request=asked["id"]), answered("c1"), hungup("c1"))
    with pytest.raises(Conflict, match="the call is over"):
        scene.takes_back(asked)
    assert scene.exchange.hung_up == []


def test_what_cannot_be_hung_up_was_not_taken_back(scene: Scene) -> None:
    scene.exchange.hangs_up = False
    asked = scene.placed()
    with pytest.raises(Rejected, match="acme cannot hang up"):
        scene.takes_back(asked)
    assert scene.now(asked)["state"] == "calling_you"


def test_what_was_refused_stays_refused(scene: Scene) -> None:
    scene.exchange.places = _refuses(Rejected("barred"))
    asked = scene.placed()
    assert scene.takes_back(asked)["state"] == "refused"


def test_a_colleague_s_click_is_none(scene: Scene) -> None:
    asked = scene.placed()
    stranger = Viewer(user_id=999, roles=frozenset({Role.MANAGER}))
    with pytest.raises(NotFound):
        clicks.cancel(scene.office.hub, stranger, asked["id"])
    assert scene.exchange.hung_up == []


# ---- checks ----


def card(scene: Scene, *, do_not_call: bool = False) -> int:
    with scene.office.hub.unit_of_work() as session:
        fields: cards.CardFields = {"name": "Anna", "numbers": [ANNA], "owner_id": scene.manager.user_id}
        return cards.create(session, fields | {"do_not_call": do_not_call}, "UA", clock.now()).id


def test_whoever_asked_not_to_be_called_is_not_called_from_another_card_either(scene: Scene) -> None:
    card(scene, do_not_call=True)
    other = card(scene)
    for contact in (None, other):
        with pytest.raises(Conflict, match="asked not to be called"):
            scene.asks(contact_id=contact)
    assert scene.office.rows(DialRow) == []


def test_our_own_line_is_no_client(scene: Scene) -> None:
    with pytest.raises(Invalid, match="one of our own lines"):
        scene.asks(number="044 555 12 00")


NIGHT, DAY = datetime(2026, 11, 23, 1, 12, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(("at", "warned"), [(NIGHT, ["it is 03:12 there"]), (DAY, [])])
def test_the_client_s_night_is_a_warning_and_no_refusal(scene: Scene, at: datetime, warned: list[str]) -> None:
    with time_machine.travel(at, tick=False):
        asked = scene.placed()
        looked = clicks.check(scene.office.hub, scene.manager, ANNA)
    assert [warning["text"] for warning in asked["warnings"]] == warned
    assert [warning["text"] for warning in looked["warnings"]] == warned
    assert asked["state"] == "calling_you"


def test_where_it_is_day_somewhere_nobody_is_warned(scene: Scene) -> None:
    """A mobile number of the United States may be in any of its zones."""
    with time_machine.travel(datetime(2026, 11, 23, 3, 30, tzinfo=UTC), tick=False):
        assert scene.asks(number="+18002345678", key="k9")["warnings"] == []


def test_a_check_says_everything_and_dials_nothing(scene: Scene) -> None:
    with time_machine.travel(DAY, tick=False):
        looked = clicks.check(scene.office.hub, scene.manager, "067 123 45 67")
    assert looked == {
        "number": ANNA,
        "local_time": "12:00",
        "warnings": [],
        "phones": [{"connection": "acme", "number": "101"}],
        "refusal": None,
    }
    card(scene, do_not_call=True)
    assert "asked not to be called" in clicks.check(scene.office.hub, scene.manager, ANNA)["refusal"]
    assert scene.office.rows(DialRow) == []


def test_the_call_is_on_the_card_it_was_clicked_on_though_the_number_stands_on_two(scene: Scene) -> None:
    first, second = card(scene), card(scene)
    for number, contact in enumerate((second, first)):
        asked = scene.placed(f"k{number}", contact_id=contact)
        call = f"c{number}"
        scene.office.hear(started(call, from_="101", request=asked["id"]), answered(call), hungup(call))
    told = {call["provider_call_id"]: call["contact"]["id"] for call in scene.office.calls()}
    assert told == {"c0": second, "c1": first}
