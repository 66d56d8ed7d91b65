"""Click-to-call through a real socket: what the PBX is asked, and what it answers."""

from collections.abc import Iterator

import pytest

from hub.domain.errors import Transient
from hub.telephony.ami import Endpoint, LoginRefused
from hub.telephony.dialer import DialAnswer, Dialer, DialPlan, DialRequest
from hub.telephony.simulator import Simulator
from tests.live.desk import Desk, listening
from tests.waiting import until

REQUEST = DialRequest(id="0198c0de-1", extension="103", number="+380501112299")


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        simulator.pace = 50
        yield simulator


def dialer(pbx: Simulator, plan: DialPlan | None = None) -> Dialer:
    endpoint = Endpoint(host=pbx.host, port=pbx.port, username=pbx.username, secret=pbx.secret)
    return Dialer(endpoint, plan or DialPlan())


@pytest.mark.parametrize("channel", ["PJSIP/{extension}", "Local/{extension}@from-internal"])
def test_a_placed_call_is_known_again_by_our_id(pbx: Simulator, channel: str) -> None:
    desk = Desk()
    with listening(pbx, desk):
        until(lambda: desk.state == "connected", what="a listener")
        assert dialer(pbx, DialPlan(channel=channel)).place(REQUEST) == DialAnswer(queued=True)
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
        unknown = DialRequest(id="7b1f", extension="199", number="+380501112299")
        assert dialer(pbx).place(unknown).queued
        [response] = until(lambda: desk.events("OriginateResponse"), what="what became of it")
    assert (response["Response"], response["ActionID"]) == ("Failure", "7b1f")


def test_a_user_without_permission_is_told_the_remedy(pbx: Simulator) -> None:
    pbx.forbidden = frozenset({"originate"})
    answer = dialer(pbx).place(REQUEST)
    assert not answer.queued
    assert "write permission 'originate'" in str(answer.reason)


def test_the_words_of_the_pbx_are_passed_on(pbx: Simulator) -> None:
    desk = Desk()
    with listening(pbx, desk):
        until(lambda: desk.state == "connected", what="a listener")
        pbx.pace = 1
        dialer(pbx).place(REQUEST)
        until(lambda: desk.events("Newchannel"), what="the first phone")
        again = dialer(pbx).place(REQUEST)
    assert again == DialAnswer(queued=False, reason="the phone system refused: Originate failed: ChannelId is in use")


def test_a_wrong_secret_places_nothing(pbx: Simulator) -> None:
    wrong = Endpoint(host=pbx.host, port=pbx.port, username="hub", secret="wrong")
    with pytest.raises(LoginRefused):
        Dialer(wrong, DialPlan()).place(REQUEST)


def test_a_pbx_that_is_away_may_be_back_later(pbx: Simulator) -> None:
    pbx.disconnect()
    with pytest.raises(Transient, match="cannot reach"):
        dialer(pbx).place(REQUEST)
