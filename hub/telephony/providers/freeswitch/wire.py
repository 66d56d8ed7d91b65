"""The event socket's bytes: a block of headers, and a body as long as ``Content-Length`` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from hub.domain.errors import Invalid
from hub.telephony.troubles import Lost

MOST_HEADERS = 64 * 1024
MOST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """One thing the switch said; header names in lower case."""

    headers: dict[str, str]
    body: bytes = b""

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def reply(self) -> str:
        """``+OK …`` or ``-ERR …``: in a header, or for ``api`` in the body."""
        return self.headers.get("reply-text", "") or self.body.decode("utf-8", "replace").strip()


def command(text: str) -> bytes:
    """A command as it is sent; Invalid when it would become two."""
    if any(character in text for character in "\r\n\0"):
        raise Invalid("a command to the switch is one line")
    return f"{text}\n\n".encode()


class Reader:
    """Puts messages together from what comes; Lost when it is not what is spoken on an event socket."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        self._bytes += data
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> Message | None:
        self._bytes = self._bytes.lstrip(b"\n")
        head, found, rest = self._bytes.partition(b"\n\n")
        if len(head) > MOST_HEADERS:
            raise Lost("no event socket there: its headers do not end")
        if not found:
            return None
        headers = _headers(head)
        length = _length(headers)
        if len(rest) < length:
            return None
        self._bytes = rest[length:]
        return Message(headers, rest[:length])


def _headers(head: bytes) -> dict[str, str]:
    headers = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            raise Lost(f"no event socket there: got {line[:60]!r}")
        headers[name.strip().lower()] = unquote(value.strip())
    return headers


def _length(headers: dict[str, str]) -> int:
    said = headers.get("content-length", "0")
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and int(said) <= MOST_BODY):
        raise Lost(f"the switch announced {said[:20]!r} bytes; that is no length Hub reads")
    return int(said)
