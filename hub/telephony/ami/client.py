"""One logged-in conversation with a manager interface, over a blocking socket with a limit on every wait."""

import hashlib
import itertools
import socket
import time
from dataclasses import dataclass, field
from typing import Self

import structlog

from hub.telephony.ami.wire import Block, Reader, one, serialise
from hub.telephony.troubles import LoginRefused, Lost

log = structlog.get_logger()

BANNER = "Asterisk Call Manager/"
CHUNK = 64 * 1024
ANSWER_SECONDS = 5.0
"""How long connecting, and each answer to an action, may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a manager interface listens and who we are there."""

    host: str
    port: int = 5038
    username: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Ami:
    """For one thread; closed by leaving its ``with`` block. Every method raises Lost when the line is gone."""

    def __init__(self, connection: socket.socket, patience: float = ANSWER_SECONDS) -> None:
        self._socket = connection
        self._patience = patience
        self._reader = Reader()
        self._waiting: list[Block] = []
        self._ids = itertools.count(1)
        self.secret_sent = False
        """True after a login that had to show the secret itself."""

    @classmethod
    def connect(cls, endpoint: Endpoint, patience: float = ANSWER_SECONDS) -> Self:
        """Connect and check the banner."""
        try:
            connection = socket.create_connection((endpoint.host, endpoint.port), timeout=patience)
        except OSError as error:
            raise Lost(f"cannot reach {endpoint}: {error}") from error
        ami = cls(connection, patience)
        try:
            ami._check_banner()
        except Lost:
            ami.close()
            raise
        return ami

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def _check_banner(self) -> None:
        deadline = time.monotonic() + self._patience
        while (line := self._reader.line()) is None:
            self._read(self._left(deadline, "greet"))
        if not line.startswith(BANNER):
            raise Lost(f"no manager interface there: expected {BANNER}…, got {line[:60]!r}")

    def login(self, endpoint: Endpoint, events: str) -> None:
        """Prove who we are; `events` are the classes to be told about (``call,agent``) or ``off``."""
        answer = self.request("Login", *self._proof(endpoint), ("Events", events))
        if one(answer, "Response") != "Success":
            reason = one(answer, "Message") or "no reason given"
            raise LoginRefused(f"{endpoint} refused username {endpoint.username!r} with the secret set: {reason}")

    def _proof(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        """A digest of the secret; the secret itself, said aloud, where the PBX offers no challenge."""
        answer = self.request("Challenge", ("AuthType", "MD5"))
        if challenge := one(answer, "Challenge"):
            # MD5 is what this protocol offers; it keeps the secret itself off the network.
            digest = hashlib.md5(f"{challenge}{endpoint.secret}".encode(), usedforsecurity=False).hexdigest()
            return [("AuthType", "MD5"), ("Username", endpoint.username), ("Key", digest)]
        log.warning("no MD5 challenge offered: the secret goes over the network as it is", pbx=str(endpoint))
        self.secret_sent = True
        return [("Username", endpoint.username), ("Secret", endpoint.secret)]

    def send(self, action: str, *headers: tuple[str, str], action_id: str | None = None) -> str:
        """Send an action and return its id, without waiting for the answer."""
        action_id = action_id or f"hub-{next(self._ids)}"
        data = serialise([("Action", action), ("ActionID", action_id), *headers])
        try:
            self._socket.settimeout(self._patience)
            self._socket.sendall(data)
        except OSError as error:
            raise Lost(f"could not send {action} to the PBX: {error}") from error
        return action_id

    def request(self, action: str, *headers: tuple[str, str], action_id: str | None = None) -> Block:
        """Send an action and wait for its answer; events that come meanwhile stay for `receive`."""
        action_id = self.send(action, *headers, action_id=action_id)
        deadline = time.monotonic() + self._patience
        heard: list[Block] = []
        while (answer := _answer(heard, action_id)) is None:
            heard += self.receive(self._left(deadline, f"answer {action}"))
        heard.remove(answer)
        self._waiting = heard
        return answer

    def receive(self, seconds: float) -> list[Block]:
        """Blocks that have come, or come within `seconds`; empty when none did."""
        if self._waiting:
            blocks, self._waiting = self._waiting, []
            return blocks
        self._read(seconds)
        return self._reader.blocks()

    def _read(self, seconds: float) -> None:
        """Take in what comes within `seconds`, if anything does."""
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return
        except OSError as error:
            raise Lost(f"the line to the PBX broke: {error}") from error
        if not data:
            raise Lost("the PBX closed the connection")
        self._reader.feed(data)

    def _left(self, deadline: float, duty: str) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Lost(f"the PBX did not {duty} within {self._patience:g} s")
        return left


def _answer(blocks: list[Block], action_id: str) -> Block | None:
    """The answer to our action; a PBX that echoes no ids answers in order."""
    for block in blocks:
        if "Response" in block and "Event" not in block and one(block, "ActionID") in {"", action_id}:
            return block
    return None
