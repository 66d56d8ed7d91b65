"""A file that is sent: the body itself, or the field `file` of a form; piece by piece, never into memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn
from uuid import uuid4

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from hub.domain.errors import Transient
from hub.domain.identity import clean
from hub.domain.recordings import MAX_BYTES
from hub.storage.blobs.faults import NO_ROOM

FORM = "multipart/form-data"
PLAIN = ("audio/", "application/octet-stream")
AROUND = 64 * 1024
"""What a form may add around its file."""
STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Received:
    """`path` is gone when the request is over; `name` is what the sender called it, and never a path."""

    path: Path
    name: str


@contextmanager
def received(scratch: Path) -> Iterator[Received]:
    """The file of this request; 400, 413 or 415 when there is none that can be taken."""
    path = scratch / f"sent-{uuid4().hex}"
    request.max_content_length = MAX_BYTES + AROUND
    try:
        yield Received(path, _taken(path))
    finally:
        path.unlink(missing_ok=True)


def _taken(path: Path) -> str:
    try:
        return _form(path) if request.mimetype == FORM else _plain(path)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Transient("there is no room for it now; send it again later", timedelta(minutes=1)) from error


def _plain(path: Path) -> str:
    if not request.mimetype.startswith(PLAIN):
        raise UnsupportedMediaType("send audio, as it is or in the field file of a form")
    with path.open("xb") as file:
        while piece := request.stream.read(STEP):
            if file.tell() + len(piece) > MAX_BYTES:
                _too_large()
            file.write(piece)
    _whole(path)
    return ""


def _whole(path: Path) -> None:
    if request.content_length is not None and path.stat().st_size != request.content_length:
        raise ClientDisconnected


def _form(path: Path) -> str:
    """The file of a form, written to `path`; what it was called."""
    with _opened_once(path) as onto_disk:
        fields, files = _parsed(FormDataParser(onto_disk, max_form_memory_size=AROUND, max_form_parts=4, silent=False))
    if list(files) != ["file"] or len(files.getlist("file")) != 1 or fields:
        raise BadRequest("the form has no file in its field file")
    if path.stat().st_size > MAX_BYTES:
        _too_large()
    return clean(PurePosixPath((files["file"].filename or "").replace("\\", "/")).name, 200)


@contextmanager
def _opened_once(path: Path) -> Iterator[Callable[..., IO[bytes]]]:
    """What Werkzeug's parser asks where the bytes of a file go."""
    opened: list[IO[bytes]] = []

    def onto_disk(*_: object, **__: object) -> IO[bytes]:
        if opened:
            raise BadRequest("a form with one file in it is expected")
        opened.append(path.open("x+b"))
        return opened[0]

    try:
        yield onto_disk
    finally:
        for file in opened:
            file.close()


def _parsed(parser: FormDataParser) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    try:
        parsed = parser.parse(request.stream, FORM, request.content_length, request.mimetype_params)
    except RequestEntityTooLarge as error:
        if (request.content_length or 0) > MAX_BYTES + AROUND:
            raise
        raise BadRequest("the form holds more than its file") from error
    except ValueError as error:
        raise BadRequest("the form cannot be read") from error
    return parsed[1], parsed[2]


def _too_large() -> NoReturn:
    raise RequestEntityTooLarge(f"at most {MAX_BYTES // 1_000_000} MB")
