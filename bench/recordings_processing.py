"""A recorded call becomes an MP3 and a waveform, against ffmpeg that only makes the same MP3; memory of a long one."""

import os
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
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
    bare, hub, ratios = [], [], []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare(call, folder / "bare.mp3")))
        hub.append(_seconds(lambda: render(call, folder)))
        ratios.append(hub[-1] / bare[-1])
    yield plain(f"{MINUTES} minutes, stereo: ffmpeg alone", f"median {median(bare):.2f} s, least {min(bare):.2f} s")
    yield plain("examined, measured, made even, MP3, waveform", f"median {median(hub):.2f} s, least {min(hub):.2f} s")
    yield at_most("times ffmpeg alone, median", median(ratios), RATIO, "×")
    yield plain("times ffmpeg alone, the least of each", f"{min(hub) / min(bare):.2f} ×")


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


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
