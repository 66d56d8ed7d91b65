"""SIP messages as RFC 3261 §7 writes them; what is malformed is a complaint, not a guess."""

import re
from dataclasses import dataclass, field
from typing import Self

START = re.compile(r"([A-Z]+) (sip:\S+) SIP/2\.0")
STATUS = re.compile(r"SIP/2\.0 (\d{3}) (.*)")
COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
}
NEEDED = ("via", "from", "to", "call-id", "cseq")
MAGIC = "z9hG4bK"


class Malformed(Exception):
    """Not SIP as the standard has it."""


@dataclass
class Message:
    """`headers` in order, names in lower case; a request has `method` and `uri`, an answer `status`."""

    method: str = ""
    uri: str = ""
    status: int = 0
    phrase: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        message = cls(headers=[_header(line) for line in lines], body=body)
        if found := START.fullmatch(first):
            message.method, message.uri = found.groups()
        elif found := STATUS.fullmatch(first):
            message.status, message.phrase = int(found[1]), found[2]
        else:
            raise Malformed(f"start line {first!r}")
        message._check()
        return message

    def _check(self) -> None:
        missing = [name for name in NEEDED if not self.get(name)]
        if missing:
            raise Malformed(f"no {', '.join(missing)}")
        if int(self.get("content-length") or -1) != len(self.body.encode()):
            raise Malformed(f"content-length {self.get('content-length')} of {len(self.body.encode())} bytes")
        if ";tag=" not in self.get("from"):
            raise Malformed("From has no tag")
        if MAGIC not in self.get("via"):
            raise Malformed("the branch of Via is not one of RFC 3261")
        number, _, method = self.get("cseq").partition(" ")
        if not number.isdigit() or (self.method and method != self.method):
            raise Malformed(f"CSeq {self.get('cseq')!r} of {self.method}")
        if self.method and not self.get("max-forwards").isdigit():
            raise Malformed("no Max-Forwards")

    def get(self, name: str) -> str:
        return next((value for found, value in self.headers if found == name), "")

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found == name]

    def without(self, name: str, *, first: bool = False) -> list[tuple[str, str]]:
        kept, dropped = [], False
        for found, value in self.headers:
            if found == name and not (first and dropped):
                dropped = True
            else:
                kept.append((found, value))
        return kept

    @property
    def branch(self) -> str:
        return self.get("via").partition("branch=")[2].partition(";")[0]

    @property
    def in_dialog(self) -> bool:
        return ";tag=" in self.get("to")

    def answer(self, status: int, phrase: str, *more: tuple[str, str], tag: str = "") -> "Message":
        """An answer to this request (§8.2.6)."""
        to = self.get("to") + (f";tag={tag}" if tag and not self.in_dialog else "")
        same = [(name, value) for name, value in self.headers if name in ("via", "from", "call-id", "cseq")]
        return Message(status=status, phrase=phrase, headers=[*same, ("to", to), *more])

    def __str__(self) -> str:
        first = f"{self.method} {self.uri} SIP/2.0" if self.method else f"SIP/2.0 {self.status} {self.phrase}"
        length = str(len(self.body.encode()))
        lines = [f"{name}: {value}" for name, value in [*self.without("content-length"), ("content-length", length)]]
        return "\r\n".join([first, *lines, "", self.body])


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise Malformed(f"header {line!r}")
    lower = name.strip().lower()
    return COMPACT.get(lower, lower), value.strip()
