"""Blocks of ``Name: value`` lines ended by an empty line: the only reader and the only writer of them."""

import re
from collections.abc import Iterable

from hub.domain.errors import Invalid
from hub.telephony.troubles import Lost

Block = dict[str, str | list[str]]
"""Headers in the order they came; one that came several times is a list."""

MAX_LINE = 64 * 1024
MAX_HEADERS = 256
MAX_BLOCK = 256 * 1024
MAX_SENT = 1000
"""Bytes of one header we send: Asterisk drops request lines of more than 1024."""

_END_OF_LINE = b"\r\n"
_END_OF_BLOCK = b"\r\n\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
# Controls (C0, DEL, C1), the two line separators of Unicode and lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one(block: Block, name: str) -> str:
    """The value of a header that comes once; empty when it is absent, the first when it is repeated."""
    value = block.get(name, "")
    return value[0] if isinstance(value, list) else value


def serialise(headers: Iterable[tuple[str, str]]) -> bytes:
    """One action as bytes; Invalid names the header that could break out of its line."""
    return b"".join(_line(name, value) for name, value in headers) + _END_OF_LINE


def _line(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise Invalid(f"{name!r} is not a header name of the manager interface", field=name)
    if _FORBIDDEN.search(value):
        raise Invalid(f"{name} holds a control character, which a manager action may not", field=name)
    line = f"{name}: {value}".encode() + _END_OF_LINE
    if len(line) > MAX_SENT:
        raise Invalid(f"{name} is {len(line)} bytes long, a manager action takes {MAX_SENT}", field=name)
    return line


def parse(raw: bytes) -> Block:
    """One block without its ending; lines without a colon are passed over, as Asterisk's own readers do."""
    lines = raw.decode("utf-8", "replace").replace("\0", "").split("\r\n")
    if len(lines) > MAX_HEADERS:
        raise Lost(f"the PBX sent a block of {len(lines)} lines, {MAX_HEADERS} are allowed")
    block: Block = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            _add(block, name, value.removeprefix(" "))
    return block


def _add(block: Block, name: str, value: str) -> None:
    known = block.get(name)
    if known is None:
        block[name] = value
    elif isinstance(known, list):
        known.append(value)
    else:
        block[name] = [known, value]


class Reader:
    """Cuts a stream of bytes into blocks; what is incomplete waits, within bounds, for the rest."""

    def __init__(self) -> None:
        self._rest = b""

    def line(self) -> str | None:
        """The first line alone, for the banner; None until it is complete."""
        head, end, rest = self._rest.partition(_END_OF_LINE)
        if not end:
            return None
        self._rest = rest
        return head.decode("utf-8", "replace")

    def feed(self, data: bytes) -> None:
        """Take in bytes; Lost when a line or block is too long to be anything Asterisk says."""
        self._rest += data
        newest_line = len(self._rest) - (self._rest.rfind(_END_OF_LINE) + 1)
        if newest_line > MAX_LINE:
            raise Lost(f"the PBX sent a line longer than {MAX_LINE} bytes")

    def blocks(self) -> list[Block]:
        """Every complete block so far, oldest first."""
        *whole, self._rest = self._rest.split(_END_OF_BLOCK)
        if any(len(raw) > MAX_BLOCK for raw in (*whole, self._rest)):
            raise Lost(f"the PBX sent a block longer than {MAX_BLOCK} bytes")
        if any(len(raw) > MAX_LINE and _longest_line(raw) > MAX_LINE for raw in whole):
            raise Lost(f"the PBX sent a line longer than {MAX_LINE} bytes")
        return [block for raw in whole if (block := parse(raw))]


def _longest_line(raw: bytes) -> int:
    return max(map(len, raw.split(_END_OF_LINE)))
