"""Click-to-call through a real socket: what the PBX is asked, and what it answers."""

from collections.abc import Iterator

import pytest

from hub.domain.dialing import DialOrder
from hub.domain.errors import Rejected, Transient
from hub.telephony.ami import Endpoint, LoginRefused
from hub.telephony.dialer import DialPlan, place
from hub.telephony.simulator import Simulator
from tests.live.desk import Desk, listening
from tests.waiting import until

ORDER = DialOrder(request="0198c0de-1", extension="103", number="+380501112299")


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        simulator.pace = 50
        yield simulator


def at(pbx: Simulator, secret: str | None = None) -> Endpoint:
    return Endpoint(host=pbx.host, port=pbx.port, username=pbx.username, secret=secret or pbx.secret)


@pytest.mark.parametrize("channel", ["PJSIP/{extension}", "Local/{extension}@from-internal"])
def test_a_placed_call_is_known_again_by_our_id(pbx: Simulator, channel: str) -> None:
    desk = Desk()
    with listening(pbx, desk):
        until(lambda: desk.state == "connected", what="a listener")
        place(at(pbx), DialPlan(channel=channel), ORDER)
        [response] = until(lambda: desk.events("OriginateResponse"), what="what became of it")
        until(lambda: not pbx.busy and len(desk.events("Hangup")) == len(desk.events("Newchannel")), what="its end")
    assert response["ActionID"] == "0198c0de-1"
    assert response["Uniqueid"] == "hub-0198c0de-1-a"
    assert response["Exten"] == "+380501112299"
    first = desk.events("Newchannel")[0]
    assert first["Uniqueid"] == "hub-0198c0de-1-a"
    assert first["Channel"].startswith(channel.format(extension="103"))
    inherited = {event["Uniqueid"] for event in desk.events("VarSet") if event["Variable"].endswith("HUB_CALL_ID")}
    assert "hub-0198c0de-1-a" in inherited


def test_a_phone_that_is_not_there_is_told_by_an_event(pbx: Simulator) -> None:
    desk = Desk()
    with listening(pbx, desk):
        until(lambda: desk.state == "connected", what="a listener")
        place(at(pbx), DialPlan(), DialOrder(request="7b1f", extension="199", number="+380501112299"))
        [response] = until(lambda: desk.events("OriginateResponse"), what="what became of it")
    assert (response["Response"], response["ActionID"]) == ("Failure", "7b1f")


def test_a_user_without_permission_is_told_the_remedy(pbx: Simulator) -> None:
    pbx.forbidden = frozenset({"originate"})
    with pytest.raises(Rejected, match="write permission 'originate'"):
        place(at(pbx), DialPlan(), ORDER)


def test_the_words_of_the_pbx_are_passed_on(pbx: Simulator) -> None:
    desk = Desk()
    with listening(pbx, desk):
        until(lambda: desk.state == "connected", what="a listener")
        pbx.pace = 1
        place(at(pbx), DialPlan(), ORDER)
        until(lambda: desk.events("Newchannel"), what="the first phone")
        with pytest.raises(Rejected, match="the phone system refused: Originate failed: ChannelId is in use"):
            place(at(pbx), DialPlan(), ORDER)


def test_a_wrong_secret_places_nothing(pbx: Simulator) -> None:
    with pytest.raises(LoginRefused):
        place(at(pbx, secret="wrong"), DialPlan(), ORDER)


def test_a_pbx_that_is_away_may_be_back_later(pbx: Simulator) -> None:
    pbx.disconnect()
    with pytest.raises(Transient, match="cannot reach"):
        place(at(pbx), DialPlan(), ORDER)
