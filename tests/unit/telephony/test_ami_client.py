"""Logging in to a manager interface and talking to it, over real sockets."""

import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from hub.domain.errors import Transient
from hub.telephony.ami import Ami, Block, Endpoint, LoginRefused, Lost, one
from hub.telephony.simulator import Simulator, load
from tests.servers import free_port
from tests.standins.asterisk import saying

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LIMIT_SECONDS = 10.0


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def at(port: int) -> Endpoint:
    return Endpoint(host="127.0.0.1", port=port, username="hub", secret="simulated")


def listen(ami: Ami, until: Callable[[Block], bool]) -> list[Block]:
    """Everything heard up to the block `until` accepts, within the limit."""
    heard: list[Block] = []
    deadline = time.monotonic() + LIMIT_SECONDS
    while not any(map(until, heard)):
        assert time.monotonic() < deadline, f"not among {len(heard)} blocks"
        heard += ami.receive(0.2)
    return heard


def _hear_until_lost(ami: Ami, heard: list[Block]) -> None:
    while True:
        heard += ami.receive(LIMIT_SECONDS)


def test_login_proves_the_secret_without_sending_it(pbx: Simulator) -> None:
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "call")
        assert not ami.secret_sent
        assert one(ami.request("Ping"), "Ping") == "Pong"


def test_a_pbx_without_challenges_gets_the_secret_and_we_say_so(pbx: Simulator) -> None:
    pbx.offers_challenge = False
    with capture_logs() as logs, Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "call")
    assert ami.secret_sent
    assert "no MD5 challenge offered" in logs[0]["event"]


@pytest.mark.parametrize("offers_challenge", [True, False])
def test_a_wrong_secret_is_an_error_of_its_own(pbx: Simulator, offers_challenge: bool) -> None:
    pbx.offers_challenge = offers_challenge
    endpoint = Endpoint(host="127.0.0.1", port=pbx.port, username="hub", secret="wrong")
    with Ami.connect(endpoint) as ami:
        with pytest.raises(LoginRefused, match=r"refused username 'hub'.*Authentication failed") as refused:
            ami.login(endpoint, "call")
        assert "wrong" not in str(refused.value)
        assert "wrong" not in repr(endpoint)


def test_only_the_classes_asked_for_are_told(pbx: Simulator) -> None:
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "cdr")
        pbx.play("03-inbound-busy", speed=1000)
        heard = listen(ami, lambda block: block.get("Event") == "Cdr")
    assert {one(block, "Event") for block in heard} == {"Cdr"}


def test_events_that_come_before_an_answer_are_kept(pbx: Simulator) -> None:
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "on")
        assert one(ami.receive(0.1)[0], "Event") == "FullyBooted"
        ami.request("Events", ("EventMask", "system,call"))
        pbx.play("03-inbound-busy", speed=1000)
        while pbx.busy:
            assert one(ami.request("Ping"), "Response") == "Success"
        heard = listen(ami, lambda block: block.get("Event") == "Hangup")
    assert heard[0]["Event"] == load("03-inbound-busy").steps[0].kind


def test_the_list_of_channels_follows_the_calls(pbx: Simulator) -> None:
    take = pbx.play("02-inbound-missed-ring-timeout", speed=1)
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "call")
        listen(ami, lambda block: block.get("ChannelStateDesc") == "Ringing")
        ami.send("CoreShowChannels", action_id="list-1")
        heard = listen(ami, lambda block: block.get("Event") == "CoreShowChannelsComplete")
    rows = [block for block in heard if block.get("Event") == "CoreShowChannel"]
    assert [row["Uniqueid"] for row in rows] == [take.renamed["1795313971.2"], take.renamed["1795313971.3"]]
    assert {row["Linkedid"] for row in rows} == {take.renamed["1795313971.2"]}
    assert {row["ActionID"] for row in rows} == {"list-1"}


def test_what_is_no_manager_interface_is_said_in_plain_words() -> None:
    with saying(b"SSH-2.0-OpenSSH_9.2\r\n") as port, pytest.raises(Lost, match=r"got 'SSH-2\.0-OpenSSH_9\.2'"):
        Ami.connect(at(port), patience=LIMIT_SECONDS)


def test_nobody_there_may_be_there_later() -> None:
    port = free_port()
    with pytest.raises(Transient, match=f"cannot reach 127.0.0.1:{port}"):
        Ami.connect(at(port))


def test_silence_has_a_limit() -> None:
    with saying(b"") as port, pytest.raises(Lost, match=r"did not greet within 0\.05 s"):
        Ami.connect(at(port), patience=0.05)


def test_an_answer_has_a_limit() -> None:
    said = pytest.raises(Lost, match=r"did not answer Ping within 0\.05 s")
    with saying(BANNER) as port, Ami.connect(at(port), patience=0.05) as ami, said:
        ami.request("Ping")


def test_a_closed_connection_is_lost(pbx: Simulator) -> None:
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "call")
        pbx.disconnect()
        with pytest.raises(Lost, match=r"closed the connection|broke"):
            _hear_until_lost(ami, [])


def test_a_block_cut_in_the_middle_is_no_event(pbx: Simulator) -> None:
    with Ami.connect(at(pbx.port)) as ami:
        ami.login(at(pbx.port), "call")
        pbx.cut()
        pbx.play("03-inbound-busy", speed=1000)
        heard: list[Block] = []
        with pytest.raises(Lost):
            _hear_until_lost(ami, heard)
    assert [block for block in heard if one(block, "Event") != "FullyBooted"] == []


@pytest.mark.parametrize("stream", [b"X: " + b"x" * 70_000, b"X: 1\r\n" * 300 + b"\r\n"], ids=["line", "headers"])
def test_oversized_blocks_end_the_connection(stream: bytes) -> None:
    said = pytest.raises(Lost, match="the PBX sent a")
    with saying(BANNER, stream) as port, Ami.connect(at(port)) as ami, said:
        ami.request("Ping")
