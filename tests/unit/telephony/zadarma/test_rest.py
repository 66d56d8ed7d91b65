"""What Hub asks Zadarma, over real HTTP against a server as strict as Zadarma's own description of it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.delivery import Delivery
from hub.domain.dialing import DialOrder, PhoneState
from hub.domain.errors import Invalid, Misconfigured, Rejected, Transient
from hub.telephony.providers.zadarma import ZadarmaSettings
from tests.servers import free_port
from tests.standins.zadarma import Api, Trouble, conversations
from tests.unit.telephony.zadarma import hub_side
from tests.unit.telephony.zadarma.hub_side import CALLER, CLIENT, CONNECTOR, NOON, call, disagreements

ORDER = DialOrder(request="click-1", extension="101", number=f"+{CLIENT}", hook="/hooks/main", line="+442079460000")
AT_MOST_SECONDS = 9.0
"""Whoever clicked is told something then; the state of the phone was asked before."""
LOOKED_SECONDS = 2.5


@pytest.fixture
def api() -> Iterator[Api]:
    with Api(hub_side.exchange()).running() as running:
        yield running


def settings(api: Api, **more: Any) -> ZadarmaSettings:
    return hub_side.settings(api_base=api.url, **more)


# ---- placing ----


def test_a_call_is_asked_for_as_described(api: Api) -> None:
    placed = CONNECTOR.place(settings(api), ORDER)
    assert (placed.detail, placed.ref) == ("Zadarma rings your phone", None)
    assert api.exchange.ordered == [("101", CLIENT)]
    assert api.refused == []


def test_nothing_is_asked_where_hub_knows_better(api: Api) -> None:
    with pytest.raises(Invalid, match="three digits"):
        CONNECTOR.place(settings(api), replace(ORDER, extension="anna"))
    assert api.asked == []


AGAIN = "; your phone may ring all the same, so wait a minute before you try again"
TOLD = {
    Trouble.TOO_MANY: "Zadarma was asked too often for this account; try again in a moment",
    Trouble.BROKEN: f"Zadarma has trouble of its own (500){AGAIN}",
    Trouble.HTML: f"Zadarma answered something that is no answer (200){AGAIN}",
    Trouble.SILENT: f"Zadarma did not answer in time{AGAIN}",
    Trouble.DRIPPING: f"Zadarma did not answer in time{AGAIN}",
    Trouble.CUT: f"Zadarma hung up without an answer{AGAIN}",
}


@pytest.mark.parametrize("trouble", TOLD, ids=lambda trouble: trouble.name)
def test_trouble_is_told_in_plain_words_in_time_and_nothing_is_asked_twice(api: Api, trouble: Trouble) -> None:
    api.trouble = trouble
    began = time.monotonic()
    with pytest.raises(Transient) as told:
        CONNECTOR.place(settings(api), ORDER)
    assert time.monotonic() - began < AT_MOST_SECONDS - LOOKED_SECONDS
    assert str(told.value) == TOLD[trouble]
    assert len(api.asked) == 1


def test_a_zadarma_that_is_away_is_told_at_once() -> None:
    away = hub_side.settings(api_base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Transient, match=r"^Zadarma cannot be reached$"):
        CONNECTOR.place(away, ORDER)


def test_a_refusal_says_why(api: Api) -> None:
    api.refuses = "You have not enough money"
    with pytest.raises(Rejected, match="Zadarma refuses: You have not enough money"):
        CONNECTOR.place(settings(api), ORDER)


def test_a_wrong_secret_is_named(api: Api) -> None:
    wrong = settings(api, secret="another secret")
    for ask in (lambda: CONNECTOR.place(wrong, ORDER), lambda: CONNECTOR.probe(wrong)):
        with pytest.raises(Misconfigured, match="secret: Zadarma does not accept it"):
            ask()
    assert api.exchange.ordered == []


def test_a_call_cannot_be_taken_back_and_that_is_said(api: Api) -> None:
    with pytest.raises(Rejected, match="hang up your phone"):
        CONNECTOR.cancel(settings(api), ORDER, None)


def test_a_phone_that_is_not_signed_in_is_away(api: Api) -> None:
    assert CONNECTOR.phone_state(settings(api), "101") is PhoneState.FREE
    assert CONNECTOR.phone_state(settings(api), "199") is PhoneState.AWAY


# ---- looking ----


def test_a_try_of_the_connection_compares_the_clocks(api: Api) -> None:
    assert CONNECTOR.probe(settings(api)) == (
        "Zadarma answers: its key is accepted, and in the account it is 14:00 as in Europe/Kyiv"
    )
    with pytest.raises(Misconfigured, match="timezone: got Europe/London, where it is 12:00; in the account it is 14"):
        CONNECTOR.probe(settings(api, timezone="Europe/London"))


def test_the_statistics_tell_each_call_once_and_as_it_was(api: Api) -> None:
    held = [
        conversations.answered(api.exchange, CALLER),
        conversations.missed(api.exchange, CALLER),
        conversations.outbound(api.exchange, CLIENT),
        conversations.outbound(api.exchange, CLIENT, "busy", outcome="busy", talks=0),
    ]
    truths = {one.call: one.truth for one in held}
    found = list(CONNECTOR.listed(settings(api), NOON - timedelta(hours=1), NOON) or ())
    assert {one.call for one in found} == set(truths)
    assert api.refused == []
    for one in found:
        told = call(as_delivery(one.body))
        known = {"direction", "external_number", "outcome", "talk_seconds", "initiated_by", "answered_by"}
        truth = {name: true for name, true in truths[one.call].items() if name in known}
        assert disagreements(told, truth) == {}
        assert (told.id, told.started_at) == (one.call, one.at)


def test_statistics_beside_notifications_change_nothing(api: Api) -> None:
    held = conversations.answered(api.exchange, CALLER)
    (listed,) = CONNECTOR.listed(settings(api), NOON - timedelta(hours=1), NOON) or ()
    told = [hub_side.delivery(fields) for fields in held.told]
    assert call(*told, as_delivery(listed.body)) == call(*told)


def test_a_long_list_is_read_to_its_end(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.telephony.providers.zadarma.listing.PAGE", 3)
    calls = {conversations.missed(api.exchange, CALLER).call for _ in range(8)}
    assert {one.call for one in CONNECTOR.listed(settings(api), NOON - timedelta(hours=1), NOON) or ()} == calls
    assert [given["skip"] for _, given in api.asked] == ["0", "3", "6"]


def test_only_calls_of_the_stretch_are_listed_and_a_long_one_is_asked_for_in_months(api: Api) -> None:
    conversations.missed(api.exchange, CALLER)
    assert list(CONNECTOR.listed(settings(api), NOON - timedelta(days=60), NOON - timedelta(hours=1)) or ()) == []
    assert len(api.asked) == 3


def test_a_list_that_cannot_be_had_now_is_told_so() -> None:
    away = hub_side.settings(api_base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Transient, match="cannot be reached"):
        list(CONNECTOR.listed(away, NOON, NOON) or ())


def as_delivery(body: bytes) -> Delivery:
    return Delivery(connection_id=1, body=body, received_at=NOON + timedelta(hours=3), settings=hub_side.SETTINGS)
