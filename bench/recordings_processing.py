"""A recorded call becomes an MP3 and a waveform, against ffmpeg that only makes the same MP3; memory of a long one."""

import os
import resource
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.report import Reading, at_most, plain
from hub.recordings.sound import render
from hub.recordings.sound.ffmpeg import NICENESS, program
from tests.sound import studio
from tests.sound.weighed import weigh

MINUTES, LONG_MINUTES = 10, 180
ROUNDS = 7
RATIO = 1.3
GROWTH = 10.0
"""Megabytes more for three hours than for one minute."""


def run() -> Iterator[Reading]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _times(folder)
        yield from _memory(folder)


def _times(folder: Path) -> Iterator[Reading]:
    """In turn, so that what else the machine does meets both."""
    call = _call(folder, MINUTES)
    bare, hub = [], []
    for _ in range(ROUNDS):
        bare.append(_spent(lambda: _bare(call, folder / "bare.mp3")))
        hub.append(_spent(lambda: render(call, folder)))
    yield plain(f"{MINUTES} minutes, stereo: ffmpeg alone", _shown(bare))
    yield plain("examined, measured, made even, MP3, waveform", _shown(hub))
    times = [with_hub.wall / alone.wall for with_hub, alone in zip(hub, bare, strict=True)]
    yield at_most("times ffmpeg alone", median(times), RATIO, "×")
    computed = median(spent.computed for spent in hub) / median(spent.computed for spent in bare)
    yield plain("the same in seconds of a core", f"{computed:.2f} ×")


def _memory(folder: Path) -> Iterator[Reading]:
    short, long = (weigh(_call(folder, minutes), folder) for minutes in (1, LONG_MINUTES))
    for what, at_first, at_last in (("Hub", short.own, long.own), ("ffmpeg", short.ffmpeg, long.ffmpeg)):
        yield plain(f"memory of {what}", f"1 minute {at_first / 1024:.0f} MB, 3 hours {at_last / 1024:.0f} MB")
        yield at_most("more for 3 hours than for 1 minute", max(at_last - at_first, 0) / 1024, GROWTH, "MB")


def _call(folder: Path, minutes: int) -> Path:
    path, minute = folder / "call.wav", studio.in_turn(60)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(studio.RATE)
        for _ in range(minutes):
            file.writeframes(minute.T.astype("<i2").tobytes())
    return path


def _bare(call: Path, mp3: Path) -> None:
    """The same form of MP3, at the same priority."""
    form = ("-c:a", "libmp3lame", "-b:a", "64k", "-joint_stereo", "0", "-ar", "16000")
    process = subprocess.Popen(
        [program(), "-nostdin", "-v", "error", "-y", "-i", str(call), *form, str(mp3)], stdin=subprocess.DEVNULL
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    if process.wait():
        raise RuntimeError("ffmpeg alone failed")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: on the wall, and of a core, by this process and those it started."""

    wall: float
    computed: float


def _spent(work: Callable[[], object]) -> Spent:
    wall, computed = time.monotonic(), _computed()
    work()
    return Spent(time.monotonic() - wall, _computed() - computed)


def _computed() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _shown(rounds: Sequence[Spent]) -> str:
    wall, computed = median(one.wall for one in rounds), median(one.computed for one in rounds)
    return f"median {wall:.2f} s, {computed:.2f} s of a core"
