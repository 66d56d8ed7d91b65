"""The simulated PBX: calls that are played, clients that listen, and the ways such a machine fails."""

import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Self

from hub.domain import clock
from hub.telephony.simulator.captures import Capture, Cast, Step, Stretch, Take, load
from hub.telephony.simulator.channels import TELLING, Channels
from hub.telephony.simulator.player import Player
from hub.telephony.simulator.session import Action, Refusal, Session

MAX_UNIQUEID = 149
REMEMBERED = 1000
"""How many events `repeat` can say again."""
REASON_FAILURE = 0


class Simulator:
    """A PBX on `host`:`port` (0: any free one), running inside its ``with`` block.

    The faults are methods: `cut`, `disconnect` and `reconnect`, `restart`, `repeat`, `stall` and `revive`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "hub",
        secret: str = "simulated",  # noqa: S107 - guards a PBX that holds invented calls alone
        extensions: Iterable[str] = ("101", "102", "103"),
    ) -> None:
        self.host, self.port = host, port
        self.username, self.secret = username, secret
        self.offers_challenge = True
        self.forbidden: frozenset[str] = frozenset()
        """Actions (small letters) the manager user has no permission for."""
        self.refusals = 0
        """Logins that failed."""
        self.switched_off: set[str] = set()
        """Phones that are not registered."""
        self.pace = 1.0
        """How fast calls asked for by Originate are played."""
        self.stamps = False
        """Each event says when it happened, as with timestampevents = yes."""
        self.ended: Callable[[Take], None] = _nobody_asks
        """Told of each call that was played to its end, by the thread that plays."""
        self._extensions = frozenset(extensions)
        self._lock = threading.RLock()
        self._channels = Channels()
        self._sessions: list[Session] = []
        self._said: deque[tuple[str, frozenset[str]]] = deque(maxlen=REMEMBERED)
        self._cut_next = False
        self._stalled = False
        self._booted = time.monotonic()
        self._player = Player(self._play_step)
        self._door: socket.socket | None = None

    def __enter__(self) -> Self:
        self._player.start()
        self.reconnect()
        return self

    def __exit__(self, *_: object) -> None:
        self._player.stop()
        self.disconnect()

    # Calls

    def play(
        self,
        capture: Capture | str,
        *,
        speed: float = 1.0,
        delay: float = 0.0,
        cast: Cast | None = None,
        stretch: Stretch | None = None,
    ) -> Take:
        """Begin a call like the captured one, now or in `delay` seconds; several may run at once."""
        found = load(capture) if isinstance(capture, str) else capture
        take = Take(found, clock.now(), cast, stretch)
        self._player.add(take, speed, delay)
        return take

    @property
    def busy(self) -> bool:
        """True while a call is being played."""
        return self._player.busy

    @property
    def listeners(self) -> int:
        """How many clients are logged in."""
        with self._lock:
            return sum(session.ready for session in self._sessions)

    @property
    def uptime(self) -> int:
        return int(time.monotonic() - self._booted)

    def refused(self) -> None:
        """A client could not prove who it is."""
        self.refusals += 1

    def channels(self) -> list[dict[str, str]]:
        """What is up now, as CoreShowChannels says it."""
        with self._lock:
            return self._channels.rows(time.monotonic())

    # Faults

    def cut(self) -> None:
        """Break every line in the middle of the next event."""
        with self._lock:
            self._cut_next = True

    def disconnect(self) -> None:
        """The network is gone: nobody is connected, nobody can connect, the calls go on."""
        with self._lock:
            door, self._door = self._door, None
            sessions, self._sessions = self._sessions, []
        if door is not None:
            door.shutdown(socket.SHUT_RDWR)
            door.close()
        for session in sessions:
            session.close()

    def reconnect(self) -> None:
        """Listen (again), on the same port as before."""
        self._door = door = socket.create_server((self.host, self.port))
        self.port = door.getsockname()[1]
        threading.Thread(target=self._welcome, args=(door,), name="simulated-pbx", daemon=True).start()

    def restart(self) -> None:
        """Power off and on: every channel is gone without a word."""
        self.disconnect()
        self._player.forget()
        with self._lock:
            self._channels.clear()
            self._booted = time.monotonic()
        self.reconnect()

    def repeat(self, count: int) -> None:
        """Say the newest `count` events once more."""
        with self._lock:
            for text, classes in list(self._said)[-count:]:
                self._tell(text, classes)

    def stall(self) -> None:
        """Connections stay open and silent; what happens meanwhile is told to nobody."""
        self._set_stalled(True)

    def revive(self) -> None:
        """New connections work again; stalled ones stay silent."""
        self._stalled = False

    def _set_stalled(self, stalled: bool) -> None:
        with self._lock:
            self._stalled = stalled
            for session in self._sessions:
                session.deaf = stalled

    # Inside

    def _welcome(self, door: socket.socket) -> None:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            session = Session(connection, self)
            with self._lock:
                session.deaf = self._stalled
                self._sessions.append(session)
            threading.Thread(target=self._attend, args=(session,), name="simulated-client", daemon=True).start()

    def _attend(self, session: Session) -> None:
        session.serve()
        with self._lock:
            if session in self._sessions:
                self._sessions.remove(session)

    def _play_step(self, take: Take, step: Step) -> None:
        self._perform(take, step, take.moment(step))
        if step is take.capture.steps[-1]:
            self.ended(take)

    def _perform(self, take: Take, step: Step, moment: datetime) -> None:
        text = _stamped(take.text(step), moment) if self.stamps else take.text(step)
        with self._lock:
            if step.kind in TELLING:
                self._channels.note(_headers(text), time.monotonic())
            self._said.append((text, step.classes))
            if self._cut_next:
                self._cut(text)
            else:
                self._tell(text, step.classes)

    def _cut(self, text: str) -> None:
        self._cut_next = False
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            session.tear(text)

    def _tell(self, text: str, classes: frozenset[str]) -> None:
        for session in list(self._sessions):
            session.tell(text, classes)

    # Originate

    def originate(self, action: Action) -> None:
        """Check the request as Asterisk does, then play a click-to-call; Refusal says what is wrong."""
        _check(action)
        channel = action.get("Channel")
        if action.get("ChannelId") in self._channels:
            raise Refusal("Originate failed: ChannelId is in use")
        extension = re.split(r"[/@]", channel)[1]
        if extension not in self._extensions - self.switched_off:
            self._announce_failure(action)
            return
        title = "10b-click-to-call-local-channel" if channel.startswith("Local/") else "10-click-to-call-answered"
        own = "102" if channel.startswith("Local/") else "101"
        cast = Cast(
            extensions={own: extension},
            dialled=action.get("Exten"),
            request=_request(action),
            channel_id=action.get("ChannelId") or None,
        )
        self.play(title, speed=self.pace, cast=cast)

    def hang_up(self, channel: str) -> None:
        """End the call of that channel, by name or unique id: what is up of it hangs up at once."""
        with self._lock:
            uniqueid = self._channels.find(channel)
            if uniqueid is None:
                raise Refusal("No such channel")
        for take, step in self._player.cut_short(uniqueid):
            self._perform(take, step, clock.now())

    def hint(self, extension: str) -> int:
        """ExtensionState's number: idle, in use, unavailable, or no such hint."""
        if extension not in self._extensions:
            return -1
        if extension in self.switched_off:
            return 4
        with self._lock:
            return 1 if self._channels.of_phone(extension) else 0

    def _announce_failure(self, action: Action) -> None:
        fields = {name: action.get(name) for name in ("ActionID", "Channel", "Context", "Exten")}
        told = {"Event": "OriginateResponse", "Privilege": "call,all", "Response": "Failure", **fields}
        told |= {"Reason": str(REASON_FAILURE), "Uniqueid": "<unknown>"}
        text = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        with self._lock:
            self._tell(text, frozenset({"call"}))


def _nobody_asks(_take: Take) -> None:
    """Nobody wants to know of calls that ended."""


def _stamped(text: str, moment: datetime) -> str:
    """An event with its moment behind its name, where Asterisk puts it."""
    name, rest = text.split("\r\n", 1)
    return f"{name}\r\nTimestamp: {moment.timestamp():.6f}\r\n{rest}"


def _headers(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def _request(action: Action) -> str | None:
    """The id an Originate carries in its variable HUB_CALL_ID."""
    variables = dict(value.partition("=")[::2] for value in action.all("Variable"))
    return variables.get("__HUB_CALL_ID") or None


def _check(action: Action) -> None:
    if not action.get("Channel"):
        raise Refusal("Channel not specified")
    if not re.fullmatch(r"[A-Za-z]+/[^\s/]+", action.get("Channel")):
        raise Refusal("Invalid channel")
    if action.get("Timeout") and not action.get("Timeout").isdigit():
        raise Refusal("Invalid timeout")
    if action.get("Priority") and not action.get("Priority").isdigit():
        raise Refusal("Invalid priority")
    if len(action.get("ChannelId")) > MAX_UNIQUEID:
        raise Refusal(f"Uniqueid length exceeds maximum of {MAX_UNIQUEID}")
    if action.get("Application"):
        raise Refusal("Originate Access Forbidden: app or data blacklisted")
    if not all(action.get(name) for name in ("Exten", "Context", "Priority")):
        raise Refusal("Originate with 'Exten' requires 'Context' and 'Priority'")
