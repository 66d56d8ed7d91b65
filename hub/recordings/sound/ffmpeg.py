"""The one door to ffmpeg: the program the installation carries, run on one local file within bounds.

Never a shell, never a guess of the format, never an address; a picture or a film in the file is not looked at. The
process has no input, no environment but its language, and limits of the kernel on memory, time and what it writes.
"""

import os
import resource
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Thread, Timer
from typing import IO

from imageio_ffmpeg import get_ffmpeg_exe

from hub.domain.errors import Misconfigured, Transient
from hub.recordings.sound.kinds import DECODERS, Kind
from hub.recordings.sound.limits import Deadline, Limits

COMMON = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info")
KEPT = 64 * 1024
"""Bytes of what ffmpeg says: so many of the beginning, and of the end; a damaged file has it say millions."""
NICENESS = 10
"""Live desks and deliveries come first."""
FILES = 64


class Failed(Exception):
    """ffmpeg ended with an error; what it said about it is the text."""


@lru_cache
def program() -> str:
    """The path of ffmpeg."""
    try:
        return get_ffmpeg_exe()
    except RuntimeError as none:
        raise Misconfigured(
            "the installation carries no ffmpeg for this kind of machine: install one and name it in IMAGEIO_FFMPEG_EXE"
        ) from none


class Running:
    """ffmpeg at work: read `output` to its end, then leave the block; `said` is complete after that."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is None or process.stderr is None:
            raise ValueError("ffmpeg is to be started with pipes for its output and its errors")
        self.output: IO[bytes] = process.stdout
        self.process = process
        self._begun, self._ending = bytearray(), deque[bytes](maxlen=KEPT // 4096)
        self._listener = Thread(target=self._listen, args=(process.stderr,), daemon=True)
        self._listener.start()

    @property
    def said(self) -> bytes:
        return bytes(self._begun) + b"".join(self._ending)

    def wait(self) -> None:
        self.process.wait()
        self._listener.join()

    def _listen(self, errors: IO[bytes]) -> None:
        with errors:
            while piece := errors.read1(4096):  # type: ignore[attr-defined]  # buffered, as Popen makes it
                if len(self._begun) < KEPT:
                    self._begun += piece
                else:
                    self._ending.append(piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A local file of a known kind, and what may be spent on it; ffmpeg works in `folder`."""

    path: Path
    kind: Kind
    folder: Path
    limits: Limits
    deadline: Deadline

    @contextmanager
    def through(self, *arguments: str) -> Iterator[Running]:
        """ffmpeg with the file's first audio track as its input, one second longer than is allowed.

        Raises `Failed`, and `Transient` when it took too long or the disk is full.
        """
        process = subprocess.Popen(  # noqa: S603 - the program of the installation, arguments as a list
            [program(), *COMMON, *self._input(), *arguments],
            cwd=self.folder,
            env={"LC_ALL": "C", "MALLOC_ARENA_MAX": "2"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        late = Timer(self.deadline.left(), process.kill)
        late.start()
        try:
            _confine(process.pid, self.limits)
            work = Running(process)
            with work.output:
                yield work
            work.wait()
        finally:
            late.cancel()
            process.kill()
            process.wait()
        _judge(work, self.deadline)

    def _input(self) -> Sequence[str]:
        return (
            *("-protocol_whitelist", "file,pipe", "-format_whitelist", self.kind.demuxer),
            *("-codec_whitelist", ",".join(DECODERS), "-threads", "1", "-f", self.kind.demuxer, *self.kind.options),
            *("-vn", "-sn", "-dn", "-t", str(self.limits.seconds + 1), "-i", f"file:{self.path.absolute()}"),
        )


def _confine(pid: int, limits: Limits) -> None:
    """Set from outside, right after the start: code between fork and exec is not safe in a process with threads."""
    bounds = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: 2 * int(limits.patience) + 1,  # two of its threads may work at once
        resource.RLIMIT_FSIZE: limits.size,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_CORE: 0,
    }
    with suppress(ProcessLookupError):
        for what, bound in bounds.items():
            resource.prlimit(pid, what, (bound, bound))
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def _judge(work: Running, deadline: Deadline) -> None:
    if work.process.returncode == 0:
        return
    deadline.left()
    if b"No space left on device" in work.said:
        raise Transient("there is no space left for working on the sound")
    raise Failed(work.said[-500:].decode(errors="replace"))
