"""The port a source implements, and how sources are found: by being there.

A phone system is a module (or package) in ``hub/telephony/providers`` that defines one `Connector` subclass; one
that a company keeps to itself is an installed distribution that names its own in the group ``hub.providers``.
Two kinds of systems meet here: those that speak in calls translate each delivery into call events; those
that speak in channels translate into facts, and `interpret` reads all facts of one conversation again.
"""

import hashlib
import importlib
import inspect
import pkgutil
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Protocol

from pydantic import BaseModel

from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import BrowserPhone, DialOrder, PhoneState, Placed
from hub.domain.errors import Invalid, Misconfigured, Rejected
from hub.domain.recordings import Way
from hub.domain.routing import Outgoing, Route

PROVIDER_PACKAGES = ("hub.telephony.providers",)
EXTENSION = re.compile(r"[0-9A-Za-z]{1,32}")
ENTRY_POINTS = "hub.providers"
"""The group in which a distribution names its connector: a company's own phone system needs no change in Hub."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A conversation Hub believes is going on; `nodes` are all its channel and group ids."""

    id: str
    nodes: frozenset[str]
    started_at: datetime


class Lease(Protocol):
    """The right to hold one connection; it runs out by itself when its holder dies."""

    def take(self) -> bool: ...

    def renew(self) -> bool: ...

    def release(self) -> None: ...


class Intake(Protocol):
    """Where a listener hands over what it heard. Any method may raise: it is then asked again later."""

    def store(self, body: bytes, key: str, content_type: str) -> None:
        """Commit to the inbox; the same key again is the same delivery."""

    def open_calls(self) -> Sequence[OpenCall]:
        """Conversations that are open after everything stored so far has been worked off."""

    def heard_until(self) -> datetime | None:
        """The newest moment of which anything is stored; None when nothing ever was."""

    def report(self, state: str, detail: str) -> None:
        """How it goes, for the connection's page: connecting, connected or down, and plain words."""


class Listener(Protocol):
    def run(self, stop: threading.Event) -> None:
        """Stand by for the lease, and listen while it is ours, until `stop`."""


Listening = Callable[[Lease, Intake], Listener]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system that delivered, or asked, is told."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


class Switchboard(Protocol):
    """Whom a system may ask while it waits for an answer. Quick, and never raises but what its methods name."""

    def route(self, caller: str | None, line: str | None) -> Route:
        """Whom an incoming call should ring; no opinion when that takes too long or fails."""

    def outgoing(self, extension: str, number: str) -> Outgoing:
        """What becomes of a call that phone wants to make; Invalid or Conflict say why it must not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A call as the system's own list tells it: what `translate` reads when nothing else told of it."""

    call: str
    at: datetime
    body: bytes
    content_type: str = "application/json"
    path: str = ""


class Connector(ABC):
    """One kind of source. Subclasses are pure: they hold no connection, no clock, no database."""

    kind: ClassVar[str]
    title: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]
    receives: ClassVar[bool] = True
    """Whether it takes deliveries over HTTP at ``/hooks/<connection>``."""
    names_clicks: ClassVar[bool] = True
    """Whether a call that came of `place` says so in its events (`request`); else phone, number and moment tell."""
    headers: ClassVar[frozenset[str]] = frozenset()
    """Headers of a delivery that `verify` and `translate` read, in lower case."""

    @abstractmethod
    def verify(self, delivery: Delivery) -> None:
        """Prove the sender or raise Unauthentic. No default: every connector chooses in the open."""

    @abstractmethod
    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        """What the delivery says; Unrecognised when its shape is unknown; empty when nothing happened."""

    def key(self, delivery: Delivery) -> str:
        """What makes this delivery the same as an earlier one: its bytes, unless the system gives it an id."""
        place = f"{delivery.path}?{delivery.query}" if delivery.query else delivery.path
        return "sha256:" + hashlib.sha256(place.encode() + b"\0" + delivery.body).hexdigest()

    def is_question(self, delivery: Delivery) -> bool:
        """Whether it only asks (whom to ring? are you there?) and tells nothing: answered, never kept."""
        return delivery.method == "GET"

    def kept(self, delivery: Delivery) -> Delivery:
        """What the inbox keeps of it: everything, unless a part only proves the sender (a secret in the path)."""
        return delivery

    def answer(self, delivery: Delivery, switchboard: Switchboard) -> Answer | None:
        """What the sender is told, after what it told is stored. None: received, or for a question: nobody home."""
        return None

    def addresses(self, settings: BaseModel, hook: str) -> Mapping[str, str]:
        """What to enter on the other side, by what it is called there; `hook` is this connection's public address."""
        return {}

    def phone(self, extension: str) -> str:
        """A phone of this system in the one spelling its events use; Invalid says what is expected."""
        if not EXTENSION.fullmatch(extension):
            raise Invalid(f"got {extension[:80]!r}: expected an extension such as 101", "extensions")
        return extension

    def interpret(self, facts: Sequence[Fact], settings: BaseModel) -> Sequence[CallEvent]:
        """All facts of one conversation, in any order and with repeats, as call events.

        Systems that speak in calls have no facts, so there is nothing to say here.
        """
        return ()

    def listener(self, settings: BaseModel) -> Listening | None:
        """What holds a line to the system; None where it delivers by itself, or no line was asked for."""
        return None

    def probe(self, settings: BaseModel) -> str:
        """Reach the system and say in a sentence how it went; Misconfigured or Transient when it did not."""
        return "nothing to try: this system delivers by itself"

    def phone_state(self, settings: BaseModel, extension: str) -> PhoneState:
        """Whether that phone would ring now, asked before it is; any HubError counts as unknown."""
        return PhoneState.UNKNOWN

    def place(self, settings: BaseModel, order: DialOrder) -> Placed:
        """Have the system ring our phone, then the client; within ten seconds, never twice. Rejected: it will not."""
        raise Rejected(f"{self.title} cannot place calls")

    def cancel(self, settings: BaseModel, order: DialOrder, ref: str | None) -> str:
        """Hang up what `place` began; `ref` as it said. What came of it, for people. Rejected: it cannot be done."""
        raise Rejected(f"{self.title} cannot take a call back; hang up your phone")

    def browser_phone(self, settings: BaseModel, extension: str) -> BrowserPhone | None:
        """What a browser needs to be this phone; None where the system has no such phones."""
        return None

    def reference(self, settings: BaseModel, said: str) -> str:
        """The one name of a recording, however the system spelled it this time."""
        return said

    def recording(self, settings: BaseModel, reference: str) -> Sequence[Way]:
        """The ways to a recording, tried in this order; none: the connection is not told where they lie.

        Transient, Rejected or Misconfigured when the system must be asked first and does not say.
        """
        return ()

    def folder(self, settings: BaseModel) -> Path | None:
        """Where the system puts its recordings as files, for Hub to watch."""
        return None

    def recordings(self, settings: BaseModel) -> Iterable[str]:
        """Recordings the system says it has, by their names; for systems that tell of some to whoever asks alone."""
        return ()

    def call_of(self, reference: str) -> str | None:
        """The call a recording's name speaks of, as a channel or call id; None where names say nothing."""
        return None

    def listed(self, settings: BaseModel, since: datetime, until: datetime) -> Iterable[Listed] | None:
        """Calls the system itself says began in that time; None: it keeps no list we can read. Transient: not now."""
        return None


def discover(packages: Sequence[str] = PROVIDER_PACKAGES) -> Mapping[str, Connector]:
    """Every connector by kind: found directly below `packages`, or named by an installed distribution."""
    found = [connector for package in packages for module in _modules(package) for connector in _connectors(module)]
    return {connector.kind: connector() for connector in (*found, *_installed())}


def _modules(package: str) -> Iterator[ModuleType]:
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        yield importlib.import_module(f"{package}.{entry.name}")


def _connectors(module: ModuleType) -> Iterator[type[Connector]]:
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, Connector) and value.__module__.startswith(module.__name__):
            yield value


def _installed() -> Iterator[type[Connector]]:
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            connector = entry.load()
        except Exception as error:
            raise Misconfigured(f"the installed phone system {entry.name} ({entry.value}) fails: {error}") from error
        if not (inspect.isclass(connector) and issubclass(connector, Connector)):
            raise Misconfigured(f"the installed phone system {entry.name}: expected a Connector, got {connector!r}")
        yield connector
