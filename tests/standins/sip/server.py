"""Registrar and proxy in one thread for each phone: RFC 3261 §10 and §16, digest of RFC 2617, WebSocket of RFC 7118."""

import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.standins.sip.messages import MAGIC, Malformed, Message
from tests.waiting import until

REALM = "asterisk"
PAIR = re.compile(r'(\w+)="?([^",]+)"?')
USER = re.compile(r"sip:([^@;>]+)@")


@dataclass
class _Forwarded:
    """An INVITE on its way: whom its answers go back to."""

    caller: ServerConnection
    callee: ServerConnection
    invite: Message


@dataclass
class SipServer:
    """`passwords` by extension. `heard` is every request it took, `complaints` what no phone may say."""

    passwords: Mapping[str, str]
    heard: list[Message] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _phones: dict[str, ServerConnection] = field(default_factory=dict)
    _contacts: dict[str, ServerConnection] = field(default_factory=dict)
    _under_way: dict[str, _Forwarded] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)
    _server: Server | None = None

    def __enter__(self) -> Self:
        self._server = serve(self._talk, "127.0.0.1", 0, subprotocols=["sip"])  # type: ignore[list-item]  # a NewType
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/ws"

    def cut(self, extension: str) -> None:
        """The line of one phone breaks."""
        self._phones[extension].socket.close()

    def is_there(self, extension: str) -> bool:
        return extension in self._phones

    def until_heard(self, method: str, words: str = "") -> Message:
        """The first such request, waited for."""
        found = until(
            lambda: [one for one in self.heard if one.method == method and words in str(one)],
            seconds=20,
            what=f"{method} {words}",
        )
        return found[0]

    def _talk(self, line: ServerConnection) -> None:
        if line.subprotocol != "sip":
            self.complaints.append(f"subprotocol {line.subprotocol!r}")
            return
        try:
            for said in line:
                self._hear(line, said if isinstance(said, str) else said.decode())
        except ConnectionClosed:  # while it was being answered
            pass
        finally:
            for known in (self._phones, self._contacts):
                for name in [name for name, there in known.items() if there is line]:
                    del known[name]

    def _hear(self, line: ServerConnection, said: str) -> None:
        if said in ("\r\n\r\n", ""):  # keep-alive of RFC 7118 §6 / RFC 5626 §3.5.1
            line.send("\r\n")
            return
        try:
            self._take(line, Message.parse(said))
        except Malformed as error:
            self.complaints.append(f"{error}: {said!r}")

    def _take(self, line: ServerConnection, message: Message) -> None:
        if message.status:
            return self._answered(message)
        self.heard.append(message)
        handlers = {"REGISTER": self._register, "CANCEL": self._cancel, "REFER": self._refer, "ACK": self._acknowledge}
        return handlers.get(message.method, self._forward)(line, message)

    # ---- who is who ----

    def _register(self, line: ServerConnection, request: Message) -> None:
        if (extension := self._known(line, request)) is None:
            return
        contact = request.get("contact")
        expires = request.get("expires") or contact.partition("expires=")[2].partition(";")[0]
        if expires == "0":
            self._phones.pop(extension, None)
        else:
            self._phones[extension] = line
            if found := USER.search(contact):
                self._contacts[found[1]] = line
        line.send(str(request.answer(200, "OK", ("contact", contact), ("expires", expires), tag=token_hex(4))))

    def _known(self, line: ServerConnection, request: Message) -> str | None:
        """The extension that proved itself; else it is asked to."""
        said = request.get("authorization")
        pairs: dict[str, str] = dict(PAIR.findall(said))
        if said and pairs.get("nonce") in self._nonces:
            extension = pairs.get("username", "")
            if self._proved(request.method, extension, pairs):
                return extension
            line.send(str(request.answer(403, "Forbidden", tag=token_hex(4))))
            return None
        nonce = token_hex(8)
        self._nonces.add(nonce)
        asked = f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5'
        line.send(str(request.answer(401, "Unauthorized", ("www-authenticate", asked), tag=token_hex(4))))
        return None

    def _proved(self, method: str, extension: str, pairs: Mapping[str, str]) -> bool:
        password = self.passwords.get(extension)
        if password is None:
            return False
        first = _md5(f"{extension}:{REALM}:{password}")
        second = _md5(f"{method}:{pairs['uri']}")
        middle = f"{pairs['nonce']}:{pairs['nc']}:{pairs['cnonce']}:{pairs['qop']}"
        return pairs["response"] == _md5(f"{first}:{middle}:{second}")

    # ---- calls ----

    def _forward(self, line: ServerConnection, request: Message) -> None:
        if request.method == "INVITE" and not request.in_dialog and self._known(line, request) is None:
            return
        user = USER.match(request.uri)
        callee = user and (self._contacts.get(user[1]) or self._phones.get(user[1]))
        if callee is None:
            line.send(str(request.answer(404, "Not Found", tag=token_hex(4))))
            return
        branch = MAGIC + token_hex(6)
        self._under_way[branch] = _Forwarded(line, callee, request)
        callee.send(str(self._onward(request, branch)))

    def _onward(self, request: Message, branch: str) -> Message:
        hops = str(int(request.get("max-forwards")) - 1)
        kept = [
            (name, value) for name, value in request.headers if name not in ("max-forwards", "route", "authorization")
        ]
        stay = [] if request.in_dialog else [("record-route", f"<sip:{self._host};transport=ws;lr>")]
        via = ("via", f"SIP/2.0/WS {self._host};branch={branch}")
        headers = [via, *stay, *kept, ("max-forwards", hops)]
        return Message(method=request.method, uri=request.uri, headers=headers, body=request.body)

    @property
    def _host(self) -> str:
        return self.address.removeprefix("ws://").removesuffix("/ws")

    def _answered(self, answer: Message) -> None:
        forwarded = self._under_way.get(answer.branch)
        if forwarded is None:
            return  # of something we asked ourselves
        back = Message(status=answer.status, phrase=answer.phrase, headers=answer.without("via", first=True))
        back.body = answer.body
        forwarded.caller.send(str(back))
        if answer.status >= 300 and forwarded.invite.method == "INVITE":
            forwarded.callee.send(str(self._hop_ack(forwarded.invite, answer)))

    def _hop_ack(self, invite: Message, answer: Message) -> Message:
        """A refusal is acknowledged hop by hop (§17.1.1.3)."""
        number = invite.get("cseq").partition(" ")[0]
        headers = [
            ("via", answer.get("via")),
            *[(name, answer.get(name)) for name in ("from", "to", "call-id")],
            ("cseq", f"{number} ACK"),
            ("max-forwards", "70"),
        ]
        return Message(method="ACK", uri=invite.uri, headers=headers)

    def _acknowledge(self, line: ServerConnection, request: Message) -> None:
        """That of a success goes on, that of a refusal ends here."""
        if request.get("route"):
            user = USER.match(request.uri)
            if user and (callee := self._contacts.get(user[1])):
                callee.send(str(self._onward(request, MAGIC + token_hex(6))))

    def _cancel(self, line: ServerConnection, request: Message) -> None:
        line.send(str(request.answer(200, "OK", tag=token_hex(4))))
        for branch, forwarded in self._under_way.items():
            same = forwarded.invite.branch == request.branch and forwarded.invite.method == "INVITE"
            if same:
                forwarded.callee.send(str(self._onward(request, branch)))

    def _refer(self, line: ServerConnection, request: Message) -> None:
        """The PBX takes the transfer over and says so (RFC 3515)."""
        line.send(str(request.answer(202, "Accepted")))
        headers = [
            ("via", f"SIP/2.0/WS {self._host};branch={MAGIC}{token_hex(6)}"),
            ("from", request.get("to")),
            ("to", request.get("from")),
            ("call-id", request.get("call-id")),
            ("cseq", "9000 NOTIFY"),
            ("max-forwards", "70"),
            ("contact", f"<{request.uri}>"),
            ("event", f"refer;id={request.get('cseq').partition(' ')[0]}"),
            ("subscription-state", "terminated;reason=noresource"),
            ("content-type", "message/sipfrag;version=2.0"),
        ]
        contact = request.get("contact").partition("<")[2].partition(">")[0] or request.get("contact")
        line.send(str(Message(method="NOTIFY", uri=contact, headers=headers, body="SIP/2.0 200 OK\r\n")))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of
