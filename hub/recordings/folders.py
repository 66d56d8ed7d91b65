"""Files of a folder that somebody else writes to: found, judged to be finished, and never followed out of it."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from hub.domain.errors import Misconfigured, Rejected
from hub.domain.recordings import InFolder

STILL = timedelta(seconds=5)
"""Unchanged for so long, and as large as when it was first seen: nobody writes to it any more."""
DEEPEST = 6
"""FreePBX sorts by year, month and day."""


class Absent(Exception):
    """There is no such file, not yet or not any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looked: it is the same as long as all of this is."""

    size: int
    changed: float
    inode: int

    def is_still(self, now: datetime) -> bool:
        """Whether it has not changed for a while; a clock that is ahead there makes it wait, not fail."""
        return self.changed <= (now - STILL).timestamp()


def look(file: InFolder) -> Look:
    """Absent when there is none; Rejected when the name leads out of the folder or to something else than a file."""
    handle = _opened(file)
    try:
        return _look(handle)
    finally:
        os.close(handle)


def copy(file: InFolder, into: Path, limit: int) -> Look:
    """The file's bytes, and how it looked before and after, which must be the same; Rejected, Absent or OSError."""
    handle = _opened(file)
    with os.fdopen(handle, "rb") as source, into.open("xb") as target:
        before = _look(handle)
        if before.size > limit:
            raise Rejected(f"it is larger than {limit // 1_000_000} MB")
        shutil.copyfileobj(source, target, 1 << 20)
        after = _look(handle)
    if before != after or into.stat().st_size != after.size:
        raise Absent("it is still being written")
    return after


def _look(handle: int) -> Look:
    seen = os.fstat(handle)
    if not stat.S_ISREG(seen.st_mode):
        raise Rejected("it is no ordinary file")
    return Look(seen.st_size, seen.st_mtime, seen.st_ino)


def _opened(file: InFolder) -> int:
    """A handle, reached part by part from the folder: no symbolic link is followed, so nothing outside is opened."""
    parts = PurePosixPath(file.name).parts
    if not parts or any(part in ("..", "/", "") or "\0" in part for part in parts):
        raise Rejected("its name leads out of the folder")
    try:
        at = os.open(file.folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Misconfigured(f"recordings_folder: {file.folder} cannot be read ({error.strerror})") from error
    try:
        for part in parts[:-1]:
            further = _step(part, os.O_DIRECTORY, at)
            os.close(at)
            at = further
        return _step(parts[-1], os.O_NONBLOCK, at)
    finally:
        os.close(at)


def _step(part: str, flags: int, at: int) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=at)
    except (FileNotFoundError, NotADirectoryError) as error:
        if Path(part).name == part and _is_link(part, at):
            raise Rejected("a symbolic link, which may lead out of the folder") from error
        raise Absent("it is not in the folder") from error
    except PermissionError as error:
        raise Misconfigured(f"recordings_folder: Hub may not read {part}") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Rejected("a symbolic link, which may lead out of the folder") from error
        if error.errno == errno.ENAMETOOLONG:
            raise Absent("no file has such a name") from error
        raise


def _is_link(part: str, at: int) -> bool:
    with suppress(OSError):
        return stat.S_ISLNK(os.lstat(part, dir_fd=at).st_mode)
    return False


def names(folder: Path, since: datetime) -> Iterator[str]:
    """The ordinary files below a folder that changed since then, by their path in it; hidden ones are unfinished.

    Misconfigured when the folder itself cannot be read; a folder inside that cannot be is passed over.
    """
    if not folder.is_dir():
        raise Misconfigured(f"recordings_folder: there is no folder {folder}")
    yield from _below(folder, "", since.timestamp(), DEEPEST)


def _below(folder: Path, prefix: str, since: float, depth: int) -> Iterator[str]:
    """A folder that did not change has no new files, though folders in it may."""
    try:
        changed = folder.stat().st_mtime >= since
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth:
                yield from _below(Path(entry.path), f"{prefix}{entry.name}/", since, depth - 1)
        elif changed and entry.is_file(follow_symlinks=False) and _changed(entry) >= since:
            yield prefix + entry.name


def _changed(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0
