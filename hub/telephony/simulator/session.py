"""One client of the simulated manager interface: stricter than Asterisk, and never kinder."""

import hashlib
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

BANNER = "Asterisk Call Manager/11.0.0"
MAX_LINE = 1024
MAX_HEADERS = 128
SEND_SECONDS = 5
"""A client that reads nothing for so long is cut off."""

Headers = Sequence[tuple[str, str]]


class Refusal(Exception):
    """An action the PBX says no to; the text is what Asterisk answers."""


class Malformed(Exception):
    """Something no client may send: answered with an error, then the connection is closed."""


@dataclass(frozen=True, slots=True)
class Action:
    headers: Headers

    def get(self, name: str) -> str:
        """The first header of that name in any case, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Exchange(Protocol):
    """What a session asks of the PBX behind it."""

    username: str
    secret: str
    offers_challenge: bool
    forbidden: frozenset[str]

    @property
    def uptime(self) -> int: ...

    def channels(self) -> list[dict[str, str]]: ...

    def originate(self, action: Action) -> None: ...

    def hang_up(self, channel: str) -> None: ...

    def hint(self, extension: str) -> int: ...

    def refused(self) -> None: ...


class Session:
    """Reads in the thread that calls `serve`; other threads write through `tell`."""

    def __init__(self, connection: socket.socket, exchange: Exchange) -> None:
        self._socket = connection
        self._exchange = exchange
        self._sending = threading.RLock()
        self._challenge: str | None = None
        self._classes: frozenset[str] | None = frozenset()
        self._filters: list[tuple[bool, re.Pattern[str]]] = []
        self.ready = False
        """Logged in."""
        self.deaf = False
        """Stalled: takes everything, says nothing."""
        limit = struct.pack("ll", SEND_SECONDS, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def serve(self) -> None:
        """Talk until either side has enough."""
        self._send(f"{BANNER}\r\n")
        with self._socket.makefile("rb") as stream:
            try:
                while (action := _read_action(stream.readline)) is not None and self._obey(action):
                    pass
            except Malformed as fault:
                self._send(_block([("Response", "Error"), ("Message", str(fault))]))
            except OSError:
                pass  # the client went away
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def tell(self, text: str, classes: frozenset[str]) -> None:
        """Send an event's text (without the empty line) if this client asked for its classes."""
        with self._sending:  # whoever is just logging in hears of what comes after their answer
            if self.ready and self._wants(text, classes):
                self._send(f"{text}\r\n")

    def tear(self, text: str) -> None:
        """Send the first half of a block, then hang up."""
        self._send(text[: len(text) // 2])
        self.close()

    def _send(self, text: str) -> None:
        if self.deaf:
            return
        try:
            with self._sending:
                self._socket.sendall(text.encode())
        except OSError:
            self.close()

    def _wants(self, text: str, classes: frozenset[str]) -> bool:
        if self._classes is not None and not self._classes & classes:
            return False
        included = [pattern for exclude, pattern in self._filters if not exclude]
        excluded = [pattern for exclude, pattern in self._filters if exclude]
        if any(pattern.search(text) for pattern in excluded):
            return False
        return not included or any(pattern.search(text) for pattern in included)

    def _obey(self, action: Action) -> bool:
        """Answer one action; False when that was the last one."""
        name = action.get("Action").lower()
        if self.deaf:
            return True
        try:
            if not name:
                raise Refusal("Missing action in request")
            if name in self._exchange.forbidden or not (self.ready or name in {"login", "challenge", "logoff"}):
                raise Refusal("Permission denied")
            handler = _ACTIONS.get(name)
            if handler is None:
                known = "Use Action: ListCommands to show available commands."
                raise Refusal(f"Invalid/unknown command: {action.get('Action')}. {known}")
            handler(self, action)
        except Refusal as refusal:
            self._answer(action, ("Response", "Error"), ("Message", str(refusal)))
            return name != "login"
        return name != "logoff"

    def _answer(self, action: Action, *headers: tuple[str, str]) -> None:
        first, *rest = headers
        self._send(_block([first, *_echo(action), *rest]))

    def _list(self, action: Action, title: str, kind: str, rows: Sequence[Mapping[str, str]], end: str) -> None:
        """A list as Asterisk gives it: an answer, one event per row, and an event that says how many."""
        self._answer(action, ("Response", "Success"), ("EventList", "start"), ("Message", title))
        for row in rows:
            self._send(_block([("Event", kind), *_echo(action), *row.items()]))
        ending = [("EventList", "Complete"), ("ListItems", str(len(rows)))]
        self._send(_block([("Event", end), *_echo(action), *ending]))

    def challenge(self, action: Action) -> None:
        if not self._exchange.offers_challenge or action.get("AuthType").upper() != "MD5":
            raise Refusal("Must specify AuthType")
        self._challenge = str(secrets.randbelow(10**9))
        self._answer(action, ("Response", "Success"), ("Challenge", self._challenge))

    def login(self, action: Action) -> None:
        if not self._proven(action):
            self._exchange.refused()
            raise Refusal("Authentication failed")
        self.events(action, quiet=True)
        with self._sending:
            self._answer(action, ("Response", "Success"), ("Message", "Authentication accepted"))
            self.ready = True
        uptime = str(self._exchange.uptime)
        booted = [("Privilege", "system,all"), ("Uptime", uptime), ("LastReload", uptime), ("Status", "Fully Booted")]
        self.tell(_block([("Event", "FullyBooted"), *booted], end=""), frozenset({"system"}))

    def _proven(self, action: Action) -> bool:
        known, secret = action.get("Username") == self._exchange.username, self._exchange.secret
        if action.get("AuthType").upper() != "MD5":
            return known and secrets.compare_digest(action.get("Secret").encode(), secret.encode())
        if self._challenge is None:
            return False
        key = hashlib.md5(f"{self._challenge}{secret}".encode(), usedforsecurity=False).hexdigest()
        return known and secrets.compare_digest(action.get("Key").lower().encode(), key.encode())

    def events(self, action: Action, *, quiet: bool = False) -> None:
        mask = action.get("EventMask") or action.get("Events") or "on"
        all_of_them = mask.lower() in {"on", "all"}
        self._classes = None if all_of_them else frozenset(re.split(r"\s*,\s*", mask.lower()))
        if not quiet:
            self._answer(action, ("Response", "Success"), ("Events", "Off" if mask.lower() == "off" else "On"))

    def filter(self, action: Action) -> None:
        if action.get("Operation").lower() != "add" or not action.get("Filter"):
            raise Refusal("Unknown operation")
        text = action.get("Filter")
        self._filters.append((text.startswith("!"), re.compile(text.removeprefix("!"))))
        self._answer(action, ("Response", "Success"), ("Success", "Filter added successfully"))

    def ping(self, action: Action) -> None:
        self._answer(action, ("Response", "Success"), ("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}"))

    def settings(self, action: Action) -> None:
        version = [("AMIversion", "11.0.0"), ("AsteriskVersion", "22.10.1"), ("SystemName", "")]
        self._answer(action, ("Response", "Success"), *version)

    def core_show_channels(self, action: Action) -> None:
        rows = self._exchange.channels()
        self._list(action, "Channels will follow", "CoreShowChannel", rows, "CoreShowChannelsComplete")

    def queue_status(self, action: Action) -> None:
        self._list(action, "Queue status will follow", "QueueMember", [], "QueueStatusComplete")

    def originate(self, action: Action) -> None:
        self._exchange.originate(action)
        self._answer(action, ("Response", "Success"), ("Message", "Originate successfully queued"))

    def hangup(self, action: Action) -> None:
        if not action.get("Channel"):
            raise Refusal("Channel not specified")
        self._exchange.hang_up(action.get("Channel"))
        self._answer(action, ("Response", "Success"), ("Message", "Channel Hungup"))

    def extension_state(self, action: Action) -> None:
        extension, context = action.get("Exten"), action.get("Context")
        if not extension:
            raise Refusal("Extension not specified")
        status = self._exchange.hint(extension)
        told = [("Exten", extension), ("Context", context or "default"), ("Hint", f"PJSIP/{extension}")]
        words = {-1: "Unknown", 0: "Idle", 1: "InUse", 4: "Unavailable", 8: "Ringing"}
        state = [("Status", str(status)), ("StatusText", words[status])]
        self._answer(action, ("Response", "Success"), ("Message", "Extension Status"), *told, *state)

    def logoff(self, action: Action) -> None:
        self._answer(action, ("Response", "Goodbye"), ("Message", "Thanks for all the fish."))


_ACTIONS: Mapping[str, Callable[[Session, Action], None]] = {
    "challenge": Session.challenge,
    "login": Session.login,
    "logoff": Session.logoff,
    "ping": Session.ping,
    "events": Session.events,
    "filter": Session.filter,
    "coresettings": Session.settings,
    "coreshowchannels": Session.core_show_channels,
    "queuestatus": Session.queue_status,
    "originate": Session.originate,
    "hangup": Session.hangup,
    "extensionstate": Session.extension_state,
}


def _read_action(readline: Callable[[int], bytes]) -> Action | None:
    """The next action; None at the end of the stream, Malformed for what no client may send."""
    headers: list[tuple[str, str]] = []
    while line := readline(MAX_LINE + 1):
        if len(line) > MAX_LINE or not line.endswith(b"\n"):
            raise Malformed("Failed to parse message: line too long")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text and headers:
            return Action(headers)
        if text:
            headers.append(_header(text))
        if len(headers) > MAX_HEADERS:
            raise Malformed("Too many lines in message or allocation failure")
    return None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) or re.search(r"[\x00-\x1f\x7f]", value):
        raise Malformed(f"Failed to parse message: {text[:60]!r} is no header")
    return name, value.strip()


def _echo(action: Action) -> list[tuple[str, str]]:
    action_id = action.get("ActionID")
    return [("ActionID", action_id)] if action_id else []


def _block(headers: Headers, end: str = "\r\n") -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers) + end
