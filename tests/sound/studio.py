"""Sound made for the tests and listened to again, by other means than those Hub has: sox, and ffmpeg's own figures."""

import json
import re
import subprocess
import wave
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub.recordings.sound import Rendition
from hub.recordings.sound.ffmpeg import program
from tests.servers import program as installed

FIXTURES = Path(__file__).parents[1] / "fixtures" / "recordings"
RATE = 8000

Sound = NDArray[np.int16]
"""Samples of shape (channels, samples)."""

SOX = {
    "wav": (),
    "ulaw.wav": ("-e", "mu-law"),
    "alaw.wav": ("-e", "a-law"),
    "wav49.WAV": ("-t", "wav", "-e", "gsm-full-rate"),
    "gsm": (),
    "ulaw": ("-t", "ul"),
    "alaw": ("-t", "al"),
    "sln": ("-t", "s16"),
}
"""Kinds sox writes: the end of the file's name, and what sox is told."""
FFMPEG = {
    "g722": ("-ar", "16000", "-c:a", "g722"),
    "mp3": ("-ar", "16000", "-c:a", "libmp3lame", "-b:a", "64k", "-joint_stereo", "0"),
    "opus": ("-ar", "48000", "-c:a", "libopus", "-b:a", "96k"),
    "ogg": ("-ar", "16000", "-c:a", "libvorbis", "-q:a", "5"),
    "m4a": ("-ar", "16000", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"),
    "aac": ("-ar", "16000", "-c:a", "aac", "-b:a", "96k"),
}
"""Kinds ffmpeg writes."""


@lru_cache
def voice(name: str = "answered") -> Sound:
    """One person's voice as a phone system recorded it; one channel of 8 kHz."""
    with wave.open(str(FIXTURES / f"{name}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(1, -1)


def nothing(seconds: float, channels: int = 1, rate: int = RATE) -> Sound:
    return np.zeros((channels, round(seconds * rate)), np.int16)


def noise(seconds: float, decibels: float) -> Sound:
    """Hiss of that level, always the same."""
    hiss = np.random.default_rng(7).standard_normal((1, round(seconds * RATE)))
    return louder((hiss * 32768).clip(-32768, 32767), decibels)


def louder(sound: NDArray[Any], decibels: float) -> Sound:
    """What is too loud is cut flat, as a phone system does."""
    return (sound.astype(np.float64) * 10 ** (decibels / 20)).clip(-32768, 32767).astype(np.int16)


def both(left: Sound, right: Sound) -> Sound:
    """Two speakers; the shorter one is silent at the end."""
    length = max(left.shape[1], right.shape[1])
    return np.concatenate([np.pad(side, ((0, 0), (0, length - side.shape[1]))) for side in (left, right)])


def in_turn(seconds: float = 60.0) -> Sound:
    """Two people who take turns, one a channel."""
    one, other = voice("answered"), voice("transferred")
    left = np.concatenate([one, nothing(other.shape[1] / RATE)], axis=1)
    right = np.concatenate([nothing(one.shape[1] / RATE), other], axis=1)
    talk = both(left, right)
    turns = round(seconds * RATE) // talk.shape[1] + 1
    return np.tile(talk, (1, turns))[:, : round(seconds * RATE)]


def write(sound: Sound, path: Path, rate: int = RATE) -> Path:
    """As a WAV file of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(sound.T).astype("<i2").tobytes())
    return path


def made(sound: Sound, kind: str, folder: Path, rate: int = RATE) -> Path:
    """A file of one of the kinds above."""
    source = write(sound, folder / "source.wav", rate)
    path = folder / f"recording.{kind}"
    if kind in SOX:
        subprocess.run([installed("sox"), "-D", source, *SOX[kind], path], check=True, capture_output=True)
    else:
        ffmpeg("-i", str(source), *FFMPEG[kind], str(path))
    source.unlink()
    return path


def ffmpeg(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = [program(), "-nostdin", "-hide_banner", "-nostats", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True)


def decoded(path: Path, rate: int = RATE) -> Sound:
    """What is heard of any file ffmpeg reads by itself."""
    channels = 2 if b"stereo" in ffmpeg("-i", str(path), "-f", "null", "-").stderr else 1
    raw = ffmpeg("-i", str(path), "-f", "s16le", "-ar", str(rate), "pipe:1").stdout
    return np.frombuffer(raw, "<i2").reshape(-1, channels).T


def loudness(path: Path, channel: int | None = None) -> float:
    """LUFS by ffmpeg's measure, of one channel or of all."""
    chosen = f"pan=mono|c0=c{channel}," if channel is not None else ""
    said = ffmpeg("-i", str(path), "-af", f"{chosen}ebur128=framelog=quiet", "-f", "null", "-").stderr
    found = re.findall(rb"I: +(-?[\d.]+) LUFS", said)
    return float(found[-1])


def sox_peaks(path: Path, *effects: str) -> tuple[float, float]:
    """The least and the greatest sample by sox, of -1 … 1."""
    done = subprocess.run([installed("sox"), path, "-n", *effects, "stat"], check=True, capture_output=True, text=True)
    least, greatest = (re.search(rf"{word} amplitude: +(-?[\d.]+)", done.stderr) for word in ("Minimum", "Maximum"))
    assert least
    assert greatest
    return float(least[1]), float(greatest[1])


def waveform(rendition: Rendition) -> tuple[Mapping[str, Any], NDArray[np.int8]]:
    """The file of peaks, and its pixels of shape (pixels, channels, least and greatest)."""
    found = json.loads(rendition.path_peaks.read_bytes())
    return found, np.array(found["data"], np.int8).reshape(found["length"], found["channels"], 2)


def likeness(one: NDArray[Any], other: NDArray[Any], shift: int = RATE // 4) -> float:
    """The greatest correlation of two sounds when one is moved by up to `shift` samples: 1 when they are the same."""
    length = min(len(one), len(other))
    a, b = (side[:length].astype(np.float64) - side[:length].mean() for side in (one, other))
    size = 1 << (2 * length).bit_length()
    together = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    near = np.concatenate([together[:shift], together[-shift:]])
    return float(np.abs(near).max() / max(np.sqrt((a @ a) * (b @ b)), 1.0))


def decibels(sound: NDArray[Any]) -> float:
    """Level of all of it, dBFS."""
    power = float(np.mean((sound.astype(np.float64) / 32768) ** 2))
    return 10 * float(np.log10(max(power, 1e-12)))


def kinds() -> Sequence[str]:
    return [*SOX, *FFMPEG]


STEREO = ("wav", "ulaw.wav", "alaw.wav", "mp3", "opus", "ogg", "m4a", "aac")
"""Kinds that can hold two speakers apart."""
