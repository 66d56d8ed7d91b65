"""Objects as files: ``ab/cdef…`` below one folder, readable by their owner alone."""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from hub.domain.errors import NotFound

UNFINISHED = "unfinished"


class FileShelf:
    """Written beside and renamed, so that a name is either not there or whole, also after a power cut."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, path: Path) -> None:
        target = self._root / name
        new = self.scratch() / uuid4().hex
        try:
            write_whole(path, new)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            new.rename(target)
        finally:
            new.unlink(missing_ok=True)
        _settle(target.parent)
        _settle(self._root)

    def size(self, name: str) -> int | None:
        try:
            return (self._root / name).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, name: str) -> io.RawIOBase:
        try:
            return io.FileIO(self._root / name)
        except FileNotFoundError as error:
            raise NotFound(f"the file {name} is gone") from error

    def remove(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            yield from (f"{folder.name}/{file.name}" for file in sorted(folder.iterdir()))

    def path(self, name: str) -> Path | None:
        path = self._root / name
        return path if path.is_file() else None

    def scratch(self) -> Path:
        folder = self._root / UNFINISHED
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def write_whole(path: Path, into: Path) -> None:
    """Copy a file so that it is on the disk when this returns: the one place where bytes of a blob are written."""
    with path.open("rb") as source, into.open("xb") as target:
        into.chmod(0o600)
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _settle(folder: Path) -> None:
    """A new name in a folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
