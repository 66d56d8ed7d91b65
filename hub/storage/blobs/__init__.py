"""Large things kept by what they contain: recordings and what is made of them, attachments.

The one who asks knows a SHA-256 and nothing else: not whether it lies in files or in an S3-compatible service, and not
whether it is encrypted at rest. What is put is there for good once `put` returns, or not at all.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from hub.domain.errors import NotFound
from hub.storage.blobs.cipher import Cipher

STEP = 1 << 16
"""Bytes held in memory at once."""
SEALED = ".sealed"
"""What an encrypted object's name ends in: a key set later leaves what is there readable."""


@dataclass(frozen=True, slots=True)
class Blob:
    """What was put: `sha256` hexadecimal, `size` in bytes, both of the plain content."""

    sha256: str
    size: int


class Shelf(Protocol):
    """Where objects lie, by name. OSError and Transient are the faults it may raise; nothing is half there."""

    def put(self, name: str, path: Path) -> None:
        """The file's content under this name, durable when this returns."""

    def size(self, name: str) -> int | None:
        """Bytes of the object; None when there is none."""

    def open(self, name: str) -> io.RawIOBase:
        """The object, seekable; what is not read is not transferred. NotFound when there is none."""

    def remove(self, name: str) -> None:
        """It is gone; one that was not there is too."""

    def names(self) -> Iterator[str]:
        """Every object."""

    def path(self, name: str) -> Path | None:
        """Its file, where it is one that exists."""

    def scratch(self) -> Path:
        """A folder for files that are being made, on a disk with room for them."""


class Blobs:
    """The store. Safe to use from many threads and processes at once."""

    def __init__(self, shelf: Shelf, cipher: Cipher | None = None) -> None:
        self._shelf = shelf
        self._cipher = cipher

    @property
    def scratch(self) -> Path:
        """Where files to be put are best made: on the same disk, never in memory."""
        return self._shelf.scratch()

    def put(self, path: Path) -> Blob:
        """Keep a finished file's content; the same content twice is kept once. OSError when there is no room."""
        blob = measured(path)
        if self._find(blob.sha256) is None:
            self._keep(blob.sha256, path)
        return blob

    def _keep(self, sha256: str, path: Path) -> None:
        if self._cipher is None:
            self._shelf.put(_name(sha256), path)
            return
        sealed = self.scratch / f"{uuid4().hex}{SEALED}"
        try:
            self._cipher.close(path, sealed)
            self._shelf.put(_name(sha256) + SEALED, sealed)
        finally:
            sealed.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """The content, seekable, read in ranges only of what is asked. NotFound when it is gone."""
        name = self._found(sha256)
        raw = self._shelf.open(name)
        if name.endswith(SEALED):
            raw = self._opened(raw)
        return io.BufferedReader(raw, STEP)

    def _opened(self, raw: io.RawIOBase) -> io.RawIOBase:
        try:
            if self._cipher is None:
                raise NotFound("it is encrypted and HUB_RECORDINGS_KEY is not set")
            return self._cipher.open(raw)
        except BaseException:
            raw.close()
            raise

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Bytes from `start`, `length` of them or all, in pieces. NotFound comes before the first piece."""
        file = self.open(sha256)
        return _pieces(file, start, length)

    def size(self, sha256: str) -> int:
        """Bytes of the plain content. NotFound when it is gone."""
        with self.open(sha256) as file:
            return file.seek(0, io.SEEK_END)

    def local_path(self, sha256: str) -> Path | None:
        """The plain file, for whoever serves bytes faster than we do; None where there is no such file."""
        return self._shelf.path(_name(sha256))

    def has(self, sha256: str) -> bool:
        return self._find(sha256) is not None

    def remove(self, sha256: str) -> None:
        """Gone, encrypted or not. Only for content nothing points to any more: the same content is kept once."""
        for name in _names(sha256):
            self._shelf.remove(name)

    def check(self, sha256: str) -> bool:
        """Whether all of it can be read and still is what was put. NotFound when it is gone."""
        digest = hashlib.sha256()
        try:
            for piece in self.read(sha256):
                digest.update(piece)
        except ValueError:  # encrypted, and what lies there was not written with our key or was changed
            return False
        return digest.hexdigest() == sha256

    def __iter__(self) -> Iterator[str]:
        """The SHA-256 of everything kept."""
        for name in self._shelf.names():
            yield name.removesuffix(SEALED).replace("/", "")

    def _find(self, sha256: str) -> str | None:
        return next((name for name in _names(sha256) if self._shelf.size(name) is not None), None)

    def _found(self, sha256: str) -> str:
        name = self._find(sha256)
        if name is None:
            raise NotFound(f"nothing is stored under {sha256}")
        return name


def _name(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotFound("no such thing")  # nothing else ever becomes part of a path
    return f"{sha256[:2]}/{sha256[2:]}"


def _names(sha256: str) -> tuple[str, str]:
    plain = _name(sha256)
    return plain, plain + SEALED


def measured(path: Path) -> Blob:
    """A file's checksum and size, read once."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(STEP):
            digest.update(piece)
            size += len(piece)
    return Blob(digest.hexdigest(), size)


def _pieces(file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while (piece := file.read(STEP if left is None else min(STEP, left))) != b"":
            yield piece
            left = None if left is None else left - len(piece)
