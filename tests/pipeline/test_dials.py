"""Click-to-call: the wish is stored first, placed once, and not placed when nobody waits for it any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from hub import clicks
from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.leads import cards
from hub.people import users
from hub.telephony import lines
from hub.telephony.models import CallRow, DialRow
from tests.pipeline.office import MONDAY, Office, after, answered, hungup, started
from tests.pipeline.providers.acme import Acme

ANNA = "+380671234567"


@pytest.fixture
def manager(office: Office) -> Viewer:
    """A manager with phone 101 on acme."""
    new = users.NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}), password="!")
    with office.hub.unit_of_work() as session:
        user = users.create_user(session, new, clock.now())
        lines.assign(session, office.ids["acme"], "101", user.id)
        return Viewer(user_id=user.id, roles=frozenset({Role.MANAGER}))


def click(office: Office, viewer: Viewer, **more: Any) -> Any:
    return clicks.dial(office.hub, viewer, clicks.Click(**({"number": "067 123 45 67", "key": "k1"} | more)))


def test_a_click_is_stored_then_placed_and_becomes_a_call(office: Office, manager: Viewer) -> None:
    asked = click(office, manager)
    assert (asked["state"], asked["number"], asked["extension"]) == ("asked", ANNA, "101")
    assert office.bell.dials == [asked["id"]]
    clicks.place(office.hub, asked["id"])
    (row,) = office.rows(DialRow)
    assert (row.state, row.detail) == ("queued", "ringing 101 for +380671234567")
    office.hear(started("c1", from_="101", request=asked["id"]), answered("c1"), hungup("c1"))
    again = click(office, manager)
    assert (again["state"], again["call_id"]) == ("ended", office.call()["id"])


def test_whose_phone_rings_is_told_from_the_moment_it_does(office: Office, manager: Viewer) -> None:
    asked = click(office, manager)
    clicks.place(office.hub, asked["id"])
    office.hear(started("c1", from_="101", request=asked["id"]))
    assert click(office, manager)["state"] == "calling_you"
    office.hear({"event": "reached", "call": "c1", "at": after(3)})
    assert click(office, manager)["state"] == "calling_client"
    office.hear(answered("c1"))
    assert click(office, manager)["state"] == "talking"


def test_a_double_click_is_one_call(office: Office, manager: Viewer) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: click(office, manager), range(8)))
        assert len({one["id"] for one in asked}) == 1
        list(pool.map(lambda _: clicks.place(office.hub, asked[0]["id"]), range(8)))
    assert office.bell.dials == [asked[0]["id"]]
    assert [row.state for row in office.rows(DialRow)] == ["queued"]


def test_another_key_is_another_call_and_keys_are_ones_own(office: Office, manager: Viewer) -> None:
    script = Viewer(user_id=None, roles=frozenset({Role.MANAGER}), extension="105", name="script")
    ids = {click(office, manager)["id"], click(office, manager, key="k2")["id"], click(office, script)["id"]}
    assert len(ids) == 3


@pytest.mark.parametrize("other", [{"number": "+380501112233"}, {"extension": "102"}, {"contact_id": 1}])
def test_a_key_stands_for_one_call_alone(office: Office, manager: Viewer, other: dict[str, Any]) -> None:
    with office.hub.unit_of_work() as session:
        lines.assign(session, office.ids["acme"], "102", manager.user_id or 0)
        cards.create(session, {"name": "Anna", "owner_id": manager.user_id}, "UA", clock.now())
    first = click(office, manager)
    with pytest.raises(Conflict, match="another call"):
        click(office, manager, **other)
    assert click(office, manager) == first


def test_a_card_out_of_sight_is_none(office: Office, manager: Viewer) -> None:
    with office.hub.unit_of_work() as session:
        card = cards.create(session, {"name": "Anna", "numbers": [ANNA]}, "UA", clock.now()).id
    with pytest.raises(NotFound):
        click(office, manager, contact_id=card)
    assert office.rows(DialRow) == []


def test_a_dial_a_lost_broker_forgot_is_found(office: Office, manager: Viewer) -> None:
    asked = click(office, manager)
    assert clicks.forgotten(office.hub) == [asked["id"]]
    clicks.place(office.hub, asked["id"])
    assert clicks.forgotten(office.hub) == []


def test_a_dial_found_too_late_is_refused(office: Office, manager: Viewer) -> None:
    asked = click(office, manager)
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        clicks.place(office.hub, asked["id"])
        assert click(office, manager) == asked | {"state": "refused", "detail": "it was too late to call"}


def test_a_dial_whose_process_died_is_not_placed_twice(office: Office, manager: Viewer) -> None:
    asked = click(office, manager)
    with office.hub.unit_of_work() as session:
        session.get_one(DialRow, asked["id"]).state = "placing"
    assert clicks.forgotten(office.hub) == []
    clicks.place(office.hub, asked["id"])
    assert office.rows(DialRow)[0].state == "placing"
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert clicks.forgotten(office.hub) == []
    (row,) = office.rows(DialRow)
    assert (row.state, row.detail) == ("refused", "Hub was interrupted while it dialled; the phone may have rung")


def test_what_the_phone_system_refuses_is_said(office: Office, manager: Viewer) -> None:
    with office.hub.unit_of_work() as session:
        lines.reassign(session, manager.user_id or 0, {office.ids["acme"]: ["13"]})
    asked = click(office, manager)
    clicks.place(office.hub, asked["id"])
    assert click(office, manager)["detail"] == "acme: phone 13 is switched off"


HOSTILE = ("0671234567\r\nAction: Originate", "0671234567\x00", "", "anonymous", "101", "sip:a@b", "+", "1" * 40)


@pytest.mark.parametrize("number", HOSTILE)
def test_what_is_no_number_is_never_dialled(office: Office, manager: Viewer, number: str) -> None:
    with pytest.raises(Invalid):
        click(office, manager, number=number)
    assert office.rows(DialRow) == []


@pytest.mark.parametrize("key", ["", "a b", "a\r\nb", "k" * 101, "ключ"])
def test_a_key_that_is_none_is_refused(office: Office, manager: Viewer, key: str) -> None:
    with pytest.raises(Invalid):
        click(office, manager, key=key)


def test_who_may_not_call_does_not(office: Office, manager: Viewer) -> None:
    with pytest.raises(Forbidden):
        click(office, Viewer(user_id=manager.user_id, roles=frozenset({Role.ADMINISTRATOR})))
    with pytest.raises(Conflict, match="no phone"):
        click(office, Viewer(user_id=99, roles=frozenset({Role.MANAGER})))
    with pytest.raises(Invalid, match="not your phone"):
        click(office, manager, extension="102")


class Silent(Acme):
    """A system that does not say which call came of a click."""

    names_clicks = False


def call_out(office: Office, call: str, at: float, phone: str = "101", number: str = "0671234567") -> None:
    """That phone calls out, so many seconds after Monday ten o'clock."""
    office.hear(started(call, at=at, from_=phone, number=number), answered(call, at=at + 5), hungup(call, at=at + 9))


def requests(office: Office) -> dict[str, str | None]:
    return {row.provider_call_id: row.request_id for row in office.rows(CallRow)}


def test_where_no_system_says_so_phone_number_and_moment_tell_which_call_came_of_a_click(
    office: Office, manager: Viewer
) -> None:
    office.teach(Silent())
    with time_machine.travel(MONDAY, tick=False):
        asked = click(office, manager)
        clicks.place(office.hub, asked["id"])
    call_out(office, "another phone", 20, phone="102")
    call_out(office, "another number", 20, number="0501112233")
    call_out(office, "before", -30)
    call_out(office, "it", 40)
    call_out(office, "once more by hand", 60)
    call_out(office, "too late", 200)
    office.hear(answered("it", at=46))
    assert {call: request for call, request in requests(office).items() if request} == {"it": asked["id"]}
    assert click(office, manager)["state"] == "ended"


def test_a_system_that_says_so_is_believed_alone(office: Office, manager: Viewer) -> None:
    with time_machine.travel(MONDAY, tick=False):
        click(office, manager)
    call_out(office, "by hand", 40)
    assert requests(office) == {"by hand": None}
