"""Bytes of something that never changes, whole or in ranges, as RFC 9110 has it.

Conditions (If-Match, If-None-Match, If-Range) are werkzeug's. Its ranges are not ours: it refuses several at once,
answers HEAD with a part, and takes a unit it does not know for a range outside.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.http import parse_etags
from werkzeug.wsgi import wrap_file

from hub.web.problems import MEDIA_TYPE, Problem, request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST = 16
"""Parts of one answer. Who asks for more asks for trouble, and gets the whole."""
APART = 128
"""Bytes between two ranges below which they are sent as one: the head of a part is as long."""
STEP = 1 << 18
Pieces = Iterator[bytes]
_SPECS = re.compile(r"bytes\s*=\s*([0-9,\s-]+)", re.IGNORECASE | re.ASCII)
_SPEC = re.compile(r"([0-9]{0,20})-([0-9]{0,20})", re.ASCII)
_NO_RANGE = "these bytes lie outside"


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def of(self, size: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{size}"


class Outside(Exception):
    """No byte of what was asked for is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is sent: `etag` strong, `read(start, length)` gives its bytes; `path` where it is a plain file."""

    size: int
    etag: str
    media_type: str
    read: Callable[[int, int], Iterator[bytes]]
    path: Path | None = None


def wanted(header: str | None, size: int) -> list[Range] | None:
    """The ranges a `Range` header asks for; None: the whole, for it asks for none or not in a way one understands.

    In the order asked; where they meet or overlap they are one. Raises Outside.
    """
    specs = _SPECS.fullmatch((header or "").strip())
    if specs is None:
        return None
    found: list[Range] = []
    for text in filter(None, (each.strip() for each in specs[1].split(","))):
        spec = _SPEC.fullmatch(text)
        if spec is None or text == "-" or (spec[1] and spec[2] and int(spec[1]) > int(spec[2])):
            return None  # a header with one invalid range is invalid whole
        if (one := _one(spec[1], spec[2], size)) is not None:
            found.append(one)
    if not found:
        raise Outside
    apart = _joined(found)
    return apart if len(apart) <= MOST else None


def _one(first: str, last: str, size: int) -> Range | None:
    if not first:  # the last so many bytes
        length = min(int(last), size)
        return Range(size - length, size) if length else None
    start = int(first)
    return Range(start, min(int(last) + 1, size) if last else size) if start < size else None


def _joined(ranges: Sequence[Range]) -> list[Range]:
    """Ranges that overlap or nearly meet as one; the others stay in the order asked."""
    joined: list[Range] = []
    for one in sorted(ranges):
        if joined and one.start <= joined[-1].stop + APART:
            joined[-1] = Range(joined[-1].start, max(joined[-1].stop, one.stop))
        else:
            joined.append(one)
    place = {one: min(i for i, asked in enumerate(ranges) if one.start <= asked.start < one.stop) for one in joined}
    return sorted(joined, key=lambda one: place[one])


def answer(source: Source, environ: "WSGIEnvironment", before: Callable[[Sequence[Range]], None]) -> Response:
    """The answer to a GET or HEAD. `before` is called with what will leave, and nothing leaves when it raises."""
    response = Response(mimetype=source.media_type, direct_passthrough=True)
    response.headers["Accept-Ranges"] = "bytes"
    response.set_etag(source.etag)
    response.make_conditional(environ)
    if response.status_code != 200:
        return response  # 304 and 412 have no bytes
    if environ["REQUEST_METHOD"] == "HEAD":  # ranges are defined for GET alone
        response.content_length = source.size
        return response
    try:
        ranges = wanted(environ.get("HTTP_RANGE"), source.size) if _still(environ, source.etag) else None
    except Outside:
        return _outside(source.size)
    before(ranges if ranges is not None else [Range(0, source.size)])
    if ranges is None:
        _send(response, source, environ, Range(0, source.size))
    elif len(ranges) == 1:
        response.status_code = 206
        response.headers["Content-Range"] = ranges[0].of(source.size)
        _send(response, source, environ, ranges[0])
    else:
        _parts(response, source, ranges)
    return response


def _still(environ: "WSGIEnvironment", etag: str) -> bool:
    """Whether the ranges are of what there is: `If-Range` names it, or there is none. A date names nothing here."""
    condition = environ.get("HTTP_IF_RANGE")
    return condition is None or parse_etags(condition).is_strong(etag)


def _send(response: Response, source: Source, environ: "WSGIEnvironment", one: Range) -> None:
    response.content_length = len(one)
    if source.path is None:
        response.response = source.read(one.start, len(one))
    else:  # the server hands a file to the kernel
        response.response = wrap_file(environ, Window(source.path, one), STEP)


def _parts(response: Response, source: Source, ranges: Sequence[Range]) -> None:
    boundary = token_hex(16)
    kind = source.media_type
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {one.of(source.size)}\r\n\r\n".encode()
        for one in ranges
    ]
    end = f"\r\n--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        for head, one in zip(heads, ranges, strict=True):
            yield head
            yield from source.read(one.start, len(one))
        yield end

    response.status_code = 206
    response.content_type = f"multipart/byteranges; boundary={boundary}"
    response.content_length = sum(map(len, heads)) + sum(map(len, ranges)) + len(end)
    response.response = body()


def _outside(size: int) -> Response:
    problem = Problem(status=416, code="range_not_satisfiable", detail=_NO_RANGE)
    response = Response(problem.document(request_id()), status=416, mimetype=MEDIA_TYPE)
    response.headers["Content-Range"] = f"bytes */{size}"
    return response


class Window(FileIO):
    """Part of a file, read as if it were all of it; its descriptor stands at the beginning of the part."""

    def __init__(self, path: Path, part: Range) -> None:
        super().__init__(path)
        self._left = len(part)
        self.seek(part.start)

    def read(self, size: int | None = -1) -> bytes:
        if self.closed:
            return b""
        piece = super().read(self._left if size is None or size < 0 else min(size, self._left))
        self._left -= len(piece)
        if not self._left:
            self.close()
        return piece
