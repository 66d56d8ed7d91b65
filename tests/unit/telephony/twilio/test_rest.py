"""What Hub asks Twilio, over real HTTP against a server as strict as Twilio's own description of it."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.dialing import DialOrder
from hub.domain.errors import HubError, Invalid, Misconfigured, Rejected, Transient
from hub.telephony.calls import fold
from hub.telephony.providers.twilio import TwilioSettings
from tests.servers import free_port
from tests.standins.twilio import Answers, Api, Exchange, Leg, Trouble
from tests.standins.twilio.conversations import ANNA, BORIS, BY_NAME, CLIENT, EVA, LINE
from tests.unit.telephony.twilio import hub_side
from tests.unit.telephony.twilio.hub_side import CONNECTOR, HOOK, TOKEN, HubSide, facts, shape

ORDER = DialOrder(request="click-1", extension=ANNA, number=CLIENT, hook="/hooks/main", line=LINE)
AT_MOST_SECONDS = 10.0
OTHER = TOKEN + " no more"


@pytest.fixture
def api() -> Iterator[Api]:
    side = HubSide()
    side.exchange.now = clock.now().replace(microsecond=0)
    with Api(side.exchange, TOKEN).running() as running:
        yield running


def settings(api: Api, **more: Any) -> TwilioSettings:
    return hub_side.settings(api_base=api.url, **more)


def creations(api: Api) -> int:
    return sum(method == "POST" and path.endswith("/Calls.json") for method, path, _ in api.asked)


# ---- placing ----


def test_a_call_is_asked_for_within_the_rules_and_told_of_at_every_step(api: Api) -> None:
    placed = CONNECTOR.place(settings(api), ORDER)
    ((_, _, asked),) = api.asked
    (leg,) = api.placed
    assert api.refused == []
    assert placed.ref == leg.sid
    assert (asked["To"], asked["From"], asked["Timeout"]) == ([ANNA], [LINE], ["25"])
    assert asked["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert asked["Url"][0].startswith(f"{HOOK}/connect?of=out&req=click-1&to=%2B12025550123")


@pytest.mark.parametrize("phone", [ANNA, BORIS, EVA])
def test_every_kind_of_phone_can_be_rung(api: Api, phone: str) -> None:
    order = DialOrder(request="click-1", extension=phone, number=CLIENT, hook="/hooks/main")
    CONNECTOR.place(settings(api, caller_id="+44 20 7946 0001"), order)
    assert [(leg.to, leg.from_) for leg in api.placed] == [(phone, "+442079460001")]


def test_what_is_placed_becomes_the_call_that_was_asked_for(api: Api) -> None:
    """All over HTTP: Hub asks, the exchange rings, asks Hub and tells it; its first words come before the answer."""
    side = HubSide(settings=settings(api), exchange_of=api.exchange)
    api.exchange.people = {ANNA: Answers(after=3), CLIENT: Answers(after=5, talks=45)}
    api.when_placed = api.exchange.play
    placed = CONNECTOR.place(side.settings, ORDER)
    api.exchange.tell()
    call = hub_side.call_of(side.facts)
    truth = BY_NAME["click-to-call"].truth
    assert {name: shape(call)[name] for name in truth} == truth
    assert (call.id, call.request) == (placed.ref, "click-1")


def test_nothing_is_asked_where_hub_knows_better(api: Api) -> None:
    with pytest.raises(Misconfigured, match="caller_id"):
        CONNECTOR.place(settings(api, lines=""), DialOrder(request="click-1", extension=ANNA, number=CLIENT))
    with pytest.raises(Invalid, match="client:anna"):
        CONNECTOR.place(settings(api), DialOrder(request="click-1", extension="101", number=CLIENT))
    assert api.asked == []


TOLD = {
    Trouble.TOO_MANY: "Twilio has too much to do for this account; try again in a moment",
    Trouble.BROKEN: "Twilio has trouble of its own (500); nothing was dialled",
    Trouble.HTML: "Twilio answered something that is no answer; nothing was dialled",
    Trouble.SILENT: "Twilio did not answer in time; nothing was dialled",
    Trouble.DRIPPING: "Twilio did not answer in time; nothing was dialled",
    Trouble.CUT: "Twilio hung up without an answer; nothing was dialled",
}


@pytest.mark.parametrize("trouble", TOLD, ids=lambda trouble: trouble.name)
def test_trouble_is_told_in_plain_words_in_time_and_nothing_is_asked_twice(api: Api, trouble: Trouble) -> None:
    api.trouble = trouble
    began = time.monotonic()
    with pytest.raises(Transient) as told:
        CONNECTOR.place(settings(api), ORDER)
    assert time.monotonic() - began < AT_MOST_SECONDS
    assert str(told.value) == TOLD[trouble]
    assert creations(api) == 1


@pytest.mark.parametrize("trouble", [Trouble.BROKEN_AFTERWARDS, Trouble.SILENT_AFTERWARDS], ids=lambda one: one.name)
def test_a_call_that_was_made_all_the_same_is_found_and_not_made_again(api: Api, trouble: Trouble) -> None:
    api.trouble = trouble
    placed = CONNECTOR.place(settings(api), ORDER)
    assert [placed.ref] == [leg.sid for leg in api.placed]
    assert creations(api) == 1


def test_somebody_elses_and_yesterdays_calls_are_not_ours(api: Api) -> None:
    now = api.exchange.now
    for to, from_, age, status in (
        (BORIS, LINE, 0, "ringing"),
        (ANNA, "+442079460009", 0, "ringing"),
        (ANNA, LINE, 3600, "in-progress"),
        (ANNA, LINE, 1, "no-answer"),
    ):
        api.exchange.place(to, from_, status=status, created=now - timedelta(seconds=age), started=None)
    api.trouble = Trouble.BROKEN
    with pytest.raises(Transient, match="nothing was dialled"):
        CONNECTOR.place(settings(api), ORDER)


def test_a_twilio_that_is_away_is_told_at_once() -> None:
    away = hub_side.settings(api_base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Transient, match=r"^Twilio cannot be reached$"):
        CONNECTOR.place(away, ORDER)


def test_where_even_the_list_cannot_be_had_nobody_pretends_to_know(api: Api) -> None:
    api.trouble = Trouble.CUT
    api.list_is_broken = True
    with pytest.raises(Transient, match="hung up without an answer; your phone may ring"):
        CONNECTOR.place(settings(api), ORDER)
    assert creations(api) == 1


def test_a_wrong_token_is_named(api: Api) -> None:
    wrong = settings(api, auth_token=OTHER)
    with pytest.raises(Misconfigured, match="auth_token"):
        CONNECTOR.place(wrong, ORDER)
    with pytest.raises(Misconfigured, match="auth_token"):
        CONNECTOR.probe(wrong)


def test_a_refusal_says_why(api: Api) -> None:
    order = DialOrder(request="click-1", extension=EVA, number=CLIENT, line="client:nobody")
    with pytest.raises(Rejected, match="From must be a telephone number when To is one"):
        CONNECTOR.place(settings(api), order)


# ---- taking back ----


def test_what_was_placed_can_be_taken_back(api: Api) -> None:
    placed = CONNECTOR.place(settings(api), ORDER)
    assert CONNECTOR.cancel(settings(api), ORDER, placed.ref) == "Twilio hangs up"
    assert [leg.status for leg in api.placed] == ["canceled"]
    assert CONNECTOR.cancel(settings(api), ORDER, placed.ref) == "the call was over already"
    assert CONNECTOR.cancel(settings(api), ORDER, f"CA{99:032x}") == "the call was over already"
    with pytest.raises(Rejected, match="hang up your phone"):
        CONNECTOR.cancel(settings(api), ORDER, None)


# ---- looking ----


def test_a_try_of_the_connection_names_the_account(api: Api) -> None:
    assert CONNECTOR.probe(settings(api)) == "Twilio answers: the account Example Ltd is active"


def test_twilios_own_list_tells_each_conversation_once_with_all_its_legs(api: Api) -> None:
    side = HubSide(exchange_of=api.exchange)
    began = api.exchange.now
    names = ("answered", "missed", "transferred", "click-to-call", "from-a-browser")
    legs = {side.hold(BY_NAME[name]).sid: BY_NAME[name].truth for name in names}
    trunk, notice = api.exchange.place(LINE, CLIENT), api.exchange.place(CLIENT, LINE)
    trunk.direction, trunk.started, notice.started = "trunking-originating", began, began
    found = list(CONNECTOR.listed(settings(api), began, api.exchange.now + timedelta(seconds=1)) or ())
    assert {one.call for one in found} == set(legs)
    assert api.refused == []
    for one in found:
        told = fold(CONNECTOR.interpret(facts(_as_delivery(one.body)), side.settings))
        known = {"direction", "outcome", "external_number", "talk_seconds"}
        assert {name: shape(told)[name] for name in known} == {name: legs[one.call][name] for name in known}
        assert (told.id, told.started_at) == (one.call, one.at)


def test_a_long_list_is_read_to_its_end(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.telephony.providers.twilio.listing.PAGE", 3)
    began = api.exchange.now
    legs = [_began(api.exchange, began + timedelta(seconds=number)) for number in range(8)]
    found = list(CONNECTOR.listed(settings(api), began, began + timedelta(seconds=8)) or ())
    assert {one.call for one in found} == {leg.sid for leg in legs}
    some = list(CONNECTOR.listed(settings(api), began + timedelta(seconds=2), began + timedelta(seconds=4)) or ())
    assert {one.call for one in some} == {leg.sid for leg in legs[2:4]}


def test_a_list_that_cannot_be_had_now_is_told_so() -> None:
    away = hub_side.settings(api_base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(HubError, match="cannot be reached"):
        list(CONNECTOR.listed(away, clock.now(), clock.now()) or ())


def _began(exchange: Exchange, at: Any) -> Leg:
    leg = exchange.place(LINE, CLIENT)
    leg.direction, leg.started, leg.ended, leg.status = "inbound", at, at, "completed"
    return leg


def _as_delivery(body: bytes) -> Delivery:
    return Delivery(connection_id=1, body=body, received_at=clock.now())
