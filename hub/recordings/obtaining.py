"""Getting a recording onto our disk, by whichever of its ways leads to it; knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from hub.domain.errors import HubError, Rejected, Transient
from hub.domain.recordings import MAX_BYTES, Address, InFolder, Way
from hub.download import Missing, download
from hub.recordings import folders, kinds

ABSENT = "it is not in the folder"
FOLDER = "folder"


class NotTold(Rejected):
    """The connection does not say where its recordings lie."""


class Unfinished(Exception):
    """A file somebody may still write to; `size`: how large it is now."""

    def __init__(self, size: int) -> None:
        super().__init__("its file may still be written to")
        self.size = size


@dataclass(frozen=True, slots=True)
class Obtained:
    """Where it came from, and what it is by its first bytes."""

    source: str
    media_type: str


def obtain(ways: Sequence[Way], into: Path, seen: int | None, now: datetime) -> Obtained:
    """Write the recording to `into`; `seen`: as large as its file was before.

    NotTold, Unfinished, Missing (not there by any way), Rejected or Transient with the reason; OSError when it cannot
    be written. Of several ways that fail, the first that is more than an absence tells why.
    """
    problems: list[HubError] = []
    for way in ways:
        into.unlink(missing_ok=True)
        try:
            source = _by(way, into, seen, now)
            return Obtained(source, _audio(into, _name(way)))
        except (Missing, Rejected, Transient) as error:
            problems.append(error)
    if not problems:
        raise NotTold("the connection is not told where its recordings lie")
    raise next((one for one in problems if not isinstance(one, Missing)), problems[0])


def _by(way: Way, into: Path, seen: int | None, now: datetime) -> str:
    if isinstance(way, Address):
        download(way, into)
        return way.source
    _copied(way, into, seen, now)
    return FOLDER


def _copied(file: InFolder, into: Path, seen: int | None, now: datetime) -> None:
    try:
        look = folders.look(file)
        if look.size != seen or not look.is_still(now):
            raise Unfinished(look.size)
        folders.copy(file, into, MAX_BYTES)
    except folders.Absent as error:
        raise Missing(ABSENT) from error


def _name(way: Way) -> str:
    return urlsplit(way.url).path if isinstance(way, Address) else way.name


def _audio(path: Path, name: str) -> str:
    """Rejected says why it is none."""
    if (reason := kinds.is_audio(path, name)) is not None:
        raise Rejected(reason)
    return kinds.media_type(path) or "application/octet-stream"
