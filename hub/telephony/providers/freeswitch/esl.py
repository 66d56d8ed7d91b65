"""One logged-in conversation with an event socket, with a limit on every wait."""

import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from hub.telephony.providers.freeswitch.wire import Message, Reader, command
from hub.telephony.troubles import LoginRefused, Lost

CHUNK = 64 * 1024
ANSWER_SECONDS = 5.0
_ANSWERS = {"command/reply", "api/response"}
_ACL = "the switch lets only known addresses in: name Hub's in apply-inbound-acl of event_socket.conf.xml"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an event socket listens, and its password."""

    host: str
    port: int
    password: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class EventSocket:
    """For one thread; closed by leaving its ``with`` block. Every method raises Lost when the line is gone."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        self._socket = connection
        self._patience = patience
        self._reader = Reader()
        self._waiting: deque[Message] = deque()

    @classmethod
    def connect(cls, there: Endpoint, patience: float = ANSWER_SECONDS) -> Self:
        """Connect and log in; LoginRefused when the switch does not let us."""
        try:
            connection = socket.create_connection((there.host, there.port), timeout=patience)
        except OSError as error:
            raise Lost(f"cannot reach {there}: {error}") from error
        line = cls(connection, patience)
        try:
            line._login(there)
        except Exception:
            line.close()
            raise
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def _login(self, there: Endpoint) -> None:
        greeting = self._await({"auth/request", "text/rude-rejection"})
        if greeting.kind == "text/rude-rejection":
            raise LoginRefused(f"{there} refused: {_ACL}")
        if not self.ask(f"auth {there.password}").reply.startswith("+OK"):
            raise LoginRefused(f"{there} refused the password set")

    def send(self, text: str) -> None:
        try:
            self._socket.settimeout(self._patience)
            self._socket.sendall(command(text))
        except OSError as error:
            raise Lost(f"could not send to the switch: {error}") from error

    def ask(self, text: str) -> Message:
        """Send a command and wait for its answer; events that come meanwhile stay for `receive`."""
        self.send(text)
        return self._await(_ANSWERS)

    def _await(self, kinds: set[str]) -> Message:
        deadline = time.monotonic() + self._patience
        passed: list[Message] = []
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Lost(f"the switch did not answer within {self._patience:g} s")
            for message in (messages := self.receive(left)):
                if message.kind in kinds:
                    rest = messages[messages.index(message) + 1 :]
                    self._waiting.extend([*passed, *rest])
                    return message
                passed.append(message)

    def receive(self, seconds: float) -> list[Message]:
        """Messages that have come, or come within `seconds`; empty when none did."""
        if self._waiting:
            waiting = list(self._waiting)
            self._waiting.clear()
            return waiting
        self._socket.settimeout(max(seconds, 0.001))
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return []
        except OSError as error:
            raise Lost(f"the line to the switch broke: {error}") from error
        if not data:
            raise Lost("the switch closed the connection")
        return list(self._reader.feed(data))
