"""Encryption at rest that can be read from the middle: AES-256-GCM in chunks, each for its place alone.

A file begins with `MAGIC` and 16 random bytes; from these and the key comes the file's own key (HKDF-SHA256). Then
chunks of 64 KiB, each encrypted with its number as the nonce and with whether it is the last: chunks cannot be
changed, left out, put elsewhere or cut off unnoticed (the STREAM construction, as age uses it).
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.storage.blobs.pieces import Pieces

MAGIC = b"hub-sealed-1\n"
SALT = 16
HEADER = len(MAGIC) + SALT
CHUNK = 1 << 16
TAG = 16
WHOLE = CHUNK + TAG


class Altered(ValueError):
    """What lies there was not written with our key, or was changed since."""


class Cipher:
    """Encrypts files with one key; `key` is any text of enough entropy."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def close(self, plain: Path, into: Path) -> None:
        """Write the encrypted form of a file; what is written is durable."""
        salt = os.urandom(SALT)
        box = self._box(salt)
        with plain.open("rb") as source, into.open("wb") as target:
            target.write(MAGIC + salt)
            for number, (chunk, last) in enumerate(_chunks(source)):
                target.write(box.encrypt(_nonce(number, last=last), chunk, None))
            target.flush()
            os.fsync(target.fileno())

    def open(self, sealed: io.RawIOBase) -> "Opened":
        """The plain content of an encrypted file, seekable. Altered when it is none of ours."""
        header = _exactly(sealed, HEADER)
        if not header.startswith(MAGIC):
            raise Altered("no encrypted file of Hub's")
        size = sealed.seek(0, io.SEEK_END) - HEADER
        return Opened(sealed, self._box(header[len(MAGIC) :]), size)

    def _box(self, salt: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt, b"hub recordings at rest").derive(self._key))


class Opened(Pieces):
    """Decrypts the chunk that is asked for, and keeps the last one."""

    def __init__(self, sealed: io.RawIOBase, box: AESGCM, size: int) -> None:
        self._sealed, self._box = sealed, box
        self._chunks = max(-(-size // WHOLE), 1)
        self._kept: tuple[int, bytes] = (-1, b"")
        super().__init__(size - self._chunks * TAG)
        if self._size < 0:
            raise Altered("an encrypted file was cut off")

    def piece(self, at: int) -> bytes:
        number, inside = divmod(at, CHUNK)
        return self._chunk(number)[inside:]

    def _chunk(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._sealed.seek(HEADER + number * WHOLE)
            sealed = _exactly(self._sealed, WHOLE)
            last = number == self._chunks - 1
            try:
                self._kept = (number, self._box.decrypt(_nonce(number, last=last), sealed, None))
            except InvalidTag as error:
                raise Altered("an encrypted file was changed, or HUB_RECORDINGS_KEY is another one") from error
        return self._kept[1]

    def close(self) -> None:
        self._sealed.close()
        super().close()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _chunks(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each chunk and whether it is the last; an empty file is one empty chunk."""
    chunk = source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        yield chunk, not following
        if not following:
            return
        chunk = following


def _exactly(file: io.RawIOBase, length: int) -> bytes:
    """So many bytes, fewer only at the end."""
    read = bytearray()
    while len(read) < length and (piece := file.read(length - len(read))):
        read += piece
    return bytes(read)
