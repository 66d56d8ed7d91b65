"""A FreeSWITCH's event socket on a real port: it says nothing before the password, and no to what it does not know."""

import json
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

PASSWORD = "the password of an invented switch"
ORIGINATE = re.compile(
    r"originate \{origination_uuid=(?P<uuid>[0-9a-f-]{36}),hub_request=(?P<request>[\w-]+),"
    r"hub_number=(?P<number>\+?\d+),ignore_early_media=true,originate_timeout=(?P<timeout>\d+),origination_caller_id_number=(?P<line>\+?\d+)\}"
    r"user/(?P<extension>\w+) (?P<then>&bridge\(sofia/gateway/operator/\+?\d+\)|\+?\d+ XML default)"
)
KNOWN = {"CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER", "CHANNEL_BRIDGE"}
KNOWN |= {"CHANNEL_UNBRIDGE", "CHANNEL_HOLD", "CHANNEL_UNHOLD", "CHANNEL_HANGUP_COMPLETE", "RECORD_START"}
KNOWN |= {"BACKGROUND_JOB"}
Event = dict[str, str]


@dataclass
class Switch:
    """`alive` are channels that are up; `away` are phones that are not registered."""

    host: str = "127.0.0.1"
    port: int = 0
    rude: bool = False
    alive: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    ordered: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    pinged: int = 0
    _sessions: list["Session"] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator["Switch"]:
        server = socket.create_server((self.host, 0))
        self.port = server.getsockname()[1]
        thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
            self.cut()
            thread.join(10)

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            session = Session(self, connection)
            with self._lock:
                self._sessions.append(session)
            threading.Thread(target=session.run, daemon=True).start()

    def cut(self) -> None:
        """Every line breaks."""
        with self._lock:
            gone, self._sessions = self._sessions, []
        for session in gone:
            session.close()

    @property
    def listeners(self) -> int:
        with self._lock:
            return sum("CHANNEL_CREATE" in session.wants for session in self._sessions)

    def tell(self, events: Iterable[Event]) -> None:
        """To everybody who asked for events of this kind."""
        for event in events:
            name, channel = event["Event-Name"], event.get("Unique-ID", "")
            if name == "CHANNEL_CREATE":
                self.alive.add(channel)
            if name == "CHANNEL_HANGUP_COMPLETE":
                self.alive.discard(channel)
            with self._lock:
                hearing = [session for session in self._sessions if name in session.wants]
            for session in hearing:
                session.say_event(event)

    def originate(self, command: str) -> tuple[Event, bool]:
        """The job's result, and whether a phone rings."""
        found = ORIGINATE.fullmatch(command)
        if found is None:
            self.refused.append(command)
            return {"_body": "-ERR DESTINATION_OUT_OF_ORDER\n"}, False
        if found["extension"] in self.away:
            return {"_body": "-ERR USER_NOT_REGISTERED\n"}, False
        self.ordered.append(found.groupdict())
        self.alive.add(found["uuid"])
        return {"Unique-ID": found["uuid"]}, True

    def kill(self, channel: str) -> str:
        if channel not in self.alive:
            return "-ERR No such channel!\n"
        self.alive.discard(channel)
        return "+OK\n"


@dataclass(eq=False)
class Session:
    switch: Switch
    connection: socket.socket
    wants: set[str] = field(default_factory=set)
    authenticated: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        if self.switch.rude:
            self._say("text/rude-rejection", body=b"Access Denied, go away.\n")
            self.close()
            return
        self._say("auth/request")
        with suppress(OSError), self.connection.makefile("rb") as lines:
            command = b""
            for line in lines:
                command += line
                if command.endswith(b"\n\n"):
                    self._obey(command.decode().strip())
                    command = b""

    def close(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _obey(self, command: str) -> None:
        verb, _, rest = command.partition(" ")
        if not self.authenticated:
            self.authenticated = command == f"auth {PASSWORD}"
            self._reply("+OK accepted" if self.authenticated else "-ERR invalid")
            if not self.authenticated:
                self.switch.refused.append(verb)
                self.close()
        elif verb == "event" and rest.startswith("json ") and set(rest.split()[1:]) <= KNOWN:
            self.wants = set(rest.split()[1:])
            self._reply("+OK event listener enabled json")
        elif verb == "bgapi" and rest.startswith("originate "):
            self._in_background(rest)
        elif verb == "api":
            self._say("api/response", body=self._api(rest))
        else:
            self.switch.refused.append(command)
            self._reply("-ERR command not found")

    def _in_background(self, command: str) -> None:
        job = str(uuid4())
        self._reply(f"+OK Job-UUID: {job}", {"Job-UUID": job})
        said, rings = self.switch.originate(command)
        if rings:
            self.say_event(said | {"Event-Name": "CHANNEL_PROGRESS"})
        else:
            self.say_event(said | {"Event-Name": "BACKGROUND_JOB", "Job-UUID": job})

    def _api(self, command: str) -> bytes:
        match command.split():
            case ["show", "channels", "as", "json"]:
                rows = [{"uuid": one, "call_uuid": one} for one in sorted(self.switch.alive)]
                return json.dumps({"row_count": len(rows)} | ({"rows": rows} if rows else {})).encode()
            case ["hostname"]:
                self.switch.pinged += 1
                return b"pbx"
            case ["uuid_kill", channel]:
                return self.switch.kill(channel).encode()
            case _:
                self.switch.refused.append(command)
                return f"-ERR {command} Command not found!\n".encode()

    def _reply(self, text: str, more: dict[str, str] | None = None) -> None:
        self._say("command/reply", {"Reply-Text": text} | (more or {}))

    def say_event(self, event: Event) -> None:
        self._say("text/event-json", body=json.dumps(event).encode())

    def _say(self, kind: str, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        said = {"Content-Type": kind} | (headers or {}) | ({"Content-Length": str(len(body))} if body else {})
        head = "".join(f"{name}: {value}\n" for name, value in said.items())
        with self._lock, suppress(OSError):
            self.connection.sendall(head.encode() + b"\n" + body)
