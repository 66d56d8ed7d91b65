"""The simulated PBX is at least as strict as a real one; otherwise what is tested with it proves little."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub.telephony.simulator import Cast, Simulator, Take, load, titles

LOGIN = b"Action: Login\r\nUsername: hub\r\nSecret: simulated\r\nEvents: off\r\n\r\n"


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def say(pbx: Simulator, *requests: bytes) -> str:
    """Everything the PBX says to these requests up to its hanging up, or to our saying goodbye."""
    with socket.create_connection((pbx.host, pbx.port), timeout=10) as client:
        client.sendall(b"".join((*requests, b"Action: Logoff\r\n\r\n")))
        return b"".join(iter(lambda: client.recv(65536), b"")).decode()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"Action: Fly\r\n\r\n", "Invalid/unknown command: Fly"),
        (b"ActionID: 1\r\n\r\n", "Missing action in request"),
        (b"Action: Originate\r\nExten: 1\r\n\r\n", "Channel not specified"),
        (b"Action: Originate\r\nChannel: PJSIP 101\r\n\r\n", "Invalid channel"),
        (b"Action: Originate\r\nChannel: PJSIP/101\r\nExten: 1\r\n\r\n", "requires 'Context' and 'Priority'"),
        (b"Action: Originate\r\nChannel: PJSIP/101\r\nTimeout: soon\r\n\r\n", "Invalid timeout"),
        (b"Action: Originate\r\nChannel: PJSIP/101\r\nPriority: x\r\n\r\n", "Invalid priority"),
        (b"Action: Originate\r\nChannel: PJSIP/101\r\nApplication: System\r\n\r\n", "blacklisted"),
        (b"Action: Originate\r\nChannel: PJSIP/1\r\nChannelId: " + b"x" * 150 + b"\r\n\r\n", "exceeds maximum"),
        (b"Action: Filter\r\nOperation: Delete\r\nFilter: x\r\n\r\n", "Unknown operation"),
    ],
)
def test_a_wrong_action_is_refused_and_the_talk_goes_on(pbx: Simulator, request_: bytes, answer: str) -> None:
    heard = say(pbx, LOGIN, request_)
    assert f"Response: Error\r\nMessage: {answer}" in heard.replace("ActionID: 1\r\n", "") or answer in heard
    assert "Response: Goodbye" in heard


@pytest.mark.parametrize("request_", [b"Action Ping\r\n\r\n", b"A: " + b"x" * 1100 + b"\r\n", b"X: 1\r\n" * 129])
def test_what_is_malformed_ends_the_talk(pbx: Simulator, request_: bytes) -> None:
    heard = say(pbx, LOGIN, request_)
    assert "Response: Error\r\nMessage: " in heard
    assert "Response: Goodbye" not in heard


def test_nothing_is_answered_before_login(pbx: Simulator) -> None:
    assert "Permission denied" in say(pbx, b"Action: CoreShowChannels\r\n\r\n")


def test_a_digest_without_a_challenge_proves_nothing(pbx: Simulator) -> None:
    key = b"Action: Login\r\nAuthType: MD5\r\nUsername: hub\r\nKey: 0\r\n\r\n"
    heard = say(pbx, key)
    assert "Authentication failed" in heard
    assert "Goodbye" not in heard


@pytest.mark.parametrize("title", titles())
def test_two_takes_of_a_capture_share_no_id_and_each_is_whole(title: str) -> None:
    capture = load(title)
    now = datetime.now(UTC)
    first, second = Take(capture, now), Take(capture, now)
    unchanging = {name for name in capture.names if first.renamed[name] == second.renamed[name]}
    assert not [name for name in unchanging if "." in name or name.startswith(("PJSIP/", "Local/"))]
    assert len(set(first.renamed.values())) >= len({name for name in capture.names if "." in name})
    captured = [step for step in capture.steps if step.kind in {"Newchannel", "Hangup"}]
    text = "".join(first.text(step) for step in captured)
    assert not [name for name in capture.names - unchanging if name in text and name not in first.renamed.values()]


def test_a_take_may_have_other_people_in_it() -> None:
    capture = load("01-inbound-answered")
    take = Take(capture, datetime.now(UTC), Cast(clients={"671234567": "639998877"}, extensions={"101": "205"}))
    text = "".join(take.text(step) for step in capture.steps)
    assert "+380639998877" in text
    assert "671234567" not in text
    assert "PJSIP/205" in text
    assert "PJSIP/101" not in text
