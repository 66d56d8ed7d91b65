"""Hub's end of the event socket: its bytes, logging in, clicks, and a switch that refuses or breaks."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from hub.domain.dialing import DialOrder
from hub.domain.errors import Invalid, Misconfigured, Rejected, Transient
from hub.telephony.providers.freeswitch import FreeSwitchConnector, FreeSwitchSettings
from hub.telephony.providers.freeswitch.esl import Endpoint, EventSocket
from hub.telephony.providers.freeswitch.line import Switch as Exchange
from hub.telephony.providers.freeswitch.line import SwitchLine
from hub.telephony.providers.freeswitch.live import channel_of
from hub.telephony.providers.freeswitch.wire import Reader, command
from hub.telephony.troubles import LoginRefused, Lost
from tests.standins.freeswitch.switch import PASSWORD, Switch
from tests.waiting import until

SWITCH = FreeSwitchConnector()
ORDER = DialOrder(request="a-click", extension="101", number="+442079460123", line="+44 20 7946 0000")


@pytest.fixture
def switch() -> Iterator[Switch]:
    with Switch().running() as running:
        yield running


def settings(switch: Switch, password: str = PASSWORD, **more: Any) -> FreeSwitchSettings:
    return FreeSwitchSettings(host=switch.host, port=switch.port, password=SecretStr(password), **more)


def test_messages_are_read_however_they_are_cut() -> None:
    said = b"Content-Type: auth/request\n\nContent-Length: 4\nContent-Type: api/response\n\n+OK\n"
    said += b"Content-Type: command/reply\nReply-Text: +OK%20done\n\n"
    whole = list(Reader().feed(said))
    assert [message.kind for message in whole] == ["auth/request", "api/response", "command/reply"]
    assert [message.reply for message in whole] == ["", "+OK", "+OK done"]
    reader = Reader()
    assert [message for byte in said for message in reader.feed(bytes([byte]))] == whole


@pytest.mark.parametrize(
    "said",
    [
        *(b"HTTP/1.1 400 Bad Request\n\n", b"x" * 70_000, b"Content-Length: -1\n\n", b"Content-Length: 9999999999\n\n"),
        *(b"Content-Length: \xd9\xa3\n\n", b"Content-Length: 99999999\n\n"),
    ],
)
def test_what_is_no_event_socket_is_a_lost_line(said: bytes) -> None:
    with pytest.raises(Lost):
        list(Reader().feed(said))


@pytest.mark.parametrize("text", ["api status\n\napi shutdown", "auth a\rb", "auth \0"])
def test_a_command_is_one_line(text: str) -> None:
    with pytest.raises(Invalid):
        command(text)


def test_the_connection_is_tried(switch: Switch) -> None:
    assert SWITCH.probe(settings(switch)) == f"127.0.0.1:{switch.port} answers and takes the password"
    assert "by itself" in SWITCH.probe(FreeSwitchSettings())


def test_a_wrong_password_and_a_closed_door_are_told_apart(switch: Switch) -> None:
    with pytest.raises(LoginRefused, match="refused the password"):
        SWITCH.probe(settings(switch, "ClueCon"))
    switch.rude = True
    with pytest.raises(LoginRefused, match="apply-inbound-acl"):
        SWITCH.probe(settings(switch))


def test_nobody_there_and_a_silent_switch_are_lost_lines() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = Endpoint("127.0.0.1", silent.getsockname()[1], PASSWORD)
        with pytest.raises(Lost, match=r"did not answer within 0\.1 s"):
            EventSocket.connect(there, 0.1)
    with pytest.raises(Lost, match="cannot reach"):
        EventSocket.connect(there, 0.5)


def test_a_click_rings_our_phone_under_an_id_of_its_own(switch: Switch) -> None:
    placed = SWITCH.place(settings(switch), ORDER)
    assert placed.ref == channel_of(ORDER)
    [order] = switch.ordered
    assert (order["uuid"], order["request"], order["extension"]) == (placed.ref, "a-click", "101")
    assert (order["number"], order["line"], order["timeout"]) == ("+442079460123", "+442079460000", "25")
    assert order["then"] == "+442079460123 XML default"
    SWITCH.place(settings(switch, dial_client="sofia/gateway/operator/{number}"), ORDER)
    assert switch.ordered[1]["then"] == "&bridge(sofia/gateway/operator/+442079460123)"
    assert switch.refused == []


def test_a_phone_that_is_away_is_told_in_plain_words(switch: Switch) -> None:
    switch.away = {"101"}
    with pytest.raises(Rejected, match="your phone is not registered"):
        SWITCH.place(settings(switch), ORDER)
    assert switch.ordered == []


def test_a_click_is_taken_back_once(switch: Switch) -> None:
    placed = SWITCH.place(settings(switch), ORDER)
    assert SWITCH.cancel(settings(switch), ORDER, placed.ref) == "the phone system hung up"
    with pytest.raises(Rejected, match="nothing to hang up"):
        SWITCH.cancel(settings(switch), ORDER, placed.ref)


def test_without_a_host_nothing_is_dialled_and_nobody_listens() -> None:
    with pytest.raises(Misconfigured, match="host: is not set"):
        SWITCH.place(FreeSwitchSettings(), ORDER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("dial_phone", "user/101"),
            ("dial_phone", "user/{extension},x=1"),
            ("dial_client", "sofia/{number} &park()"),
        ),
        *(("dial_context", "default inline"), ("host", "pbx /etc"), ("password", "two\nlines"), ("extensions", "(")),
        *(("secret", "short"), ("record_user", "a:b"), ("port", "0"), ("region", "Britain")),
    ],
)
def test_settings_that_could_say_more_than_they_should_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        FreeSwitchSettings.model_validate({name: value})


@contextmanager
def saying(*said: bytes) -> Iterator[Endpoint]:
    """A switch that takes any password and any subscription, then says this and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"Content-Type: auth/request\n\n")
                for answer in (b"+OK accepted", b"+OK"):
                    connection.recv(1000)
                    connection.sendall(b"Content-Type: command/reply\nReply-Text: " + answer + b"\n\n")
                connection.sendall(b"".join(said))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Endpoint("127.0.0.1", server.getsockname()[1], PASSWORD)
        thread.join(10)


def event(said: bytes) -> bytes:
    return b"Content-Type: text/event-json\nContent-Length: %d\n\n%s" % (len(said), said)


def test_events_that_are_none_are_passed_over_and_the_end_of_the_switch_is_a_lost_line() -> None:
    real = {"Event-Name": "CHANNEL_CREATE", "Unique-ID": "5d0f7f7e-56a7-4be4-8df5-3f3e3fbe3c11"}
    odd = [event(said) for said in (b"[]", b"{", b"7", b'{"Event-Name": []}', b"[" * 50_000)]
    last = event(json.dumps(real | {"More": "than is read"}).encode())
    heard: list[Any] = []
    with saying(*odd, last, b"Content-Type: text/disconnect-notice\n\n") as there, Exchange(there).connect(5) as line:
        until(lambda: _gone(line, heard), what="the end of the switch")
    assert heard == [real]


def _gone(line: SwitchLine, heard: list[Any]) -> bool:
    """Whether the line is lost; what it told until then is put down."""
    try:
        heard += [one.event for one in line.receive(0.1) if one.event is not None]
    except Lost:
        return True
    return False


@pytest.mark.parametrize("body", [b"-ERR no such command", b"[]", b'{"row_count": 1, "rows": 7}', b'{"rows": []}'])
def test_an_odd_list_of_channels_does_not_end_the_listening(body: bytes) -> None:
    answer = b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)
    with saying(answer) as there, Exchange(there).connect(5) as line:
        line.ask()
        [heard] = until(lambda: line.receive(0.1), what="the answer")
    assert heard.listed is not None
    assert heard.listed.alive in (None, frozenset())


def test_what_is_up_is_listed(switch: Switch) -> None:
    channel = "5d0f7f7e-56a7-4be4-8df5-3f3e3fbe3c11"
    for alive in (set[str](), {channel}):
        switch.alive = alive
        with Exchange(Endpoint(switch.host, switch.port, PASSWORD)).connect(5) as line:
            line.ping()
            line.ask()
            heard = [one.listed for _ in range(3) for one in line.receive(1) if one.listed]
        assert [one.alive for one in heard] == [frozenset(alive)]
    assert switch.pinged == 2


def test_a_line_that_is_cut_is_lost(switch: Switch) -> None:
    with Exchange(Endpoint(switch.host, switch.port, PASSWORD)).connect(5) as line:
        switch.cut()
        with pytest.raises(Transient):
            line.receive(5)
