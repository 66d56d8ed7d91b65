"""Recordings in a backup: each object as it lies in the store, encrypted ones as they are, under its name there."""

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hub.domain.errors import Invalid, NotFound
from hub.storage.blobs import SEALED, STEP, Shelf

FOLDER = "blobs/"
MEMBER = re.compile(r"blobs/([0-9a-f]{2}/[0-9a-f]{62}(?:\.sealed)?)")


def write(archive: zipfile.ZipFile, shelf: Shelf) -> int:
    """Every object of the store, not compressed: audio is so already; how many."""
    count = 0
    for name in shelf.names():
        try:
            source = shelf.open(name)
        except NotFound:
            continue  # erased a moment ago
        with closing(source), archive.open(zipfile.ZipInfo(FOLDER + name), "w", force_zip64=True) as member:
            while piece := source.read(STEP):
                member.write(piece)
        count += 1
    return count


def names(archive: zipfile.ZipFile) -> list[str]:
    """The objects in a backup, by their names in a store; Invalid for a name that is none."""
    found = [name for name in archive.namelist() if name.startswith(FOLDER)]
    strange = next((name for name in found if not MEMBER.fullmatch(name)), None)
    if strange is not None:
        raise Invalid(f"the backup has a member {strange[:80]!r}, which is no recording's name")
    return [name.removeprefix(FOLDER) for name in found]


def check(archive: zipfile.ZipFile, name: str) -> None:
    """Invalid unless it is what its name says; of an encrypted one only that it came whole."""
    digest = hashlib.sha256()
    for piece in _pieces(archive, name):
        digest.update(piece)
    if not name.endswith(SEALED) and digest.hexdigest() != name.replace("/", ""):
        raise Invalid(f"the backup was damaged: the recording {name} is not what was written")


def restore(archive: zipfile.ZipFile, shelf: Shelf) -> None:
    """Into the store; what is there already is left as it is."""
    for name in names(archive):
        if shelf.size(name) is None:
            with tempfile.NamedTemporaryFile(dir=shelf.scratch()) as file:
                for piece in _pieces(archive, name):
                    file.write(piece)
                file.flush()
                shelf.put(name, Path(file.name))


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(FOLDER + name) as member:
            while piece := member.read(STEP):
                yield piece
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Invalid(f"the backup was damaged: the recording {name} cannot be read: {error}") from error
