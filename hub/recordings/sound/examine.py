"""Sniff, then probe, then decide: what a file is, how long it plays, and whether its end is there."""

import re
import stat
import struct
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hub.recordings.sound import riff
from hub.recordings.sound.ffmpeg import Failed, Source
from hub.recordings.sound.kinds import ENDLESS_WAV, WAV, Kind
from hub.recordings.sound.limits import Deadline, Limits
from hub.recordings.sound.reasons import NotAudio
from hub.recordings.sound.sniff import HEAD, sniff

_CODEC = re.compile(rb"^  Stream #0:\d+ -> #1:0 \((\w+) ", re.MULTILINE)
_LENGTH = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
_PROMISED = re.compile(rb"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
_TRIED = "2"
"""Seconds that are decoded, to know that it can be."""
_RATES = range(4_000, 192_001)
_LEAST_SECONDS = 0.02
_MISSING_SECONDS, _MISSING_SHARE = 1.0, 0.02
"""How much less than promised is a missing end, not an estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Audio that can be decoded. `rate` in Hz; `cut`: the file promises more sound than it holds."""

    kind: str
    codec: str
    media_type: str
    channels: int
    rate: int
    seconds: float
    cut: bool


def examine(path: Path, name: str | None = None, limits: Limits | None = None) -> Examined:
    """What `path` holds; raises `NotAudio` with a reason in plain words, and `Transient` when it took too long.

    `name`: what the file was called where it came from, since only that tells the kind of sound without a header.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory() as nowhere:
        return probed(path, Path(nowhere), name, limits)[1]


def probed(path: Path, folder: Path, name: str | None, limits: Limits) -> tuple[Source, Examined]:
    """The same, and the file as ffmpeg is to read it from here on; `folder` is where ffmpeg works."""
    kind, cut = _sniffed(path, name or path.name, limits)
    source = Source(path=path, kind=kind, folder=folder, limits=limits, deadline=Deadline(limits.patience))
    found = _probe(source)
    if found.seconds > limits.seconds:
        raise NotAudio("too_long")
    return source, replace(found, cut=found.cut or cut)


def _sniffed(path: Path, name: str, limits: Limits) -> tuple[Kind, bool]:
    try:
        about = path.lstat()
    except FileNotFoundError:
        raise NotAudio("no_file") from None
    if not stat.S_ISREG(about.st_mode):
        raise NotAudio("no_file")
    if about.st_size > limits.size:
        raise NotAudio("too_large")
    with path.open("rb") as file:
        head = file.read(HEAD)
        kind = sniff(head, name)
        if kind is not WAV or not head.startswith(b"RIFF"):
            return kind, False
        sound = riff.sound(file, about.st_size)
    if sound is None or not sound.held or (not sound.said and not sound.endless):
        raise NotAudio("no_sound")
    return (ENDLESS_WAV if sound.endless else WAV), sound.cut


def _probe(source: Source) -> Examined:
    """All packets are counted, which costs next to nothing and believes no header; the first are decoded as WAV."""
    count = ("-map", "0:a:0", "-c", "copy", "-f", "null", "-")
    decode = ("-map", "0:a:0", "-t", _TRIED, "-c:a", "pcm_s16le", "-fflags", "+bitexact", "-f", "wav", "pipe:1")
    try:
        with source.through(*count, *decode, "-progress", "pipe:2") as work:
            header = work.output.read(44)
            sound = len(work.output.read())
    except Failed as failed:
        raise NotAudio(_why(str(failed))) from failed
    return _found(source.kind, work.said, header, sound)


def _found(kind: Kind, said: bytes, header: bytes, sound: int) -> Examined:
    codec, lengths = _CODEC.search(said), _LENGTH.findall(said)
    if not codec or not lengths or len(header) < 44:
        raise NotAudio("damaged")
    channels, rate = struct.unpack_from("<HI", header, 22)
    seconds = int(lengths[-1]) / 1_000_000
    if not sound or seconds < _LEAST_SECONDS or channels == 0 or rate not in _RATES:
        raise NotAudio("no_sound" if channels and rate in _RATES else "damaged")
    return Examined(
        kind=kind.name,
        codec=codec[1].decode(),
        media_type=kind.media_type,
        channels=channels,
        rate=rate,
        seconds=round(seconds, 3),
        cut=_missing(said, seconds),
    )


def _missing(said: bytes, seconds: float) -> bool:
    """Whether the container names a length that its packets do not reach."""
    if not (promised := _PROMISED.search(said)):
        return False
    hours, minutes, rest = map(float, promised.groups())
    return hours * 3600 + minutes * 60 + rest > seconds + max(_MISSING_SECONDS, _MISSING_SHARE * seconds)


def _why(said: str) -> str:
    if "moov atom not found" in said:
        return "no_index"
    if "matches no streams" in said:
        return "no_track"
    return "damaged"
