"""What a recorded call of the invented company sounds like: two voices without words that take turns.

Syllables are a few vowels sung at a voice's pitch; nothing in it is anybody's speech.
"""

import array
import json
import math
import random
import wave
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

RATE = 8000
PITCHES = (118.0, 205.0)
"""Hertz, of the client and of ours: one can hear who speaks."""
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""Formants in hertz (Peterson and Barney, 1952)."""
PIXELS = 800
FRAME = 4
"""Bytes of one sample of both channels."""
Samples = Sequence[int]


@cache
def _syllables(channel: int) -> tuple[bytes, ...]:
    """Syllables of one voice as frames of both channels, the other silent."""
    seeded = random.Random(channel)  # noqa: S311 - a sound is no secret
    return tuple(
        _syllable(channel, vowel, seeded.uniform(0.13, 0.26), seeded.uniform(0.9, 1.12)) for vowel in VOWELS * 3
    )


def _syllable(channel: int, formants: Sequence[int], seconds: float, stress: float) -> bytes:
    """The louder, the higher."""
    pitch, count = PITCHES[channel] * (0.85 + 0.25 * stress), int(seconds * RATE)
    harmonics = [(pitch * number, _weight(pitch * number, formants)) for number in range(1, int(3400 / pitch) + 1)]
    loudest = sum(weight for _, weight in harmonics)
    frames = array.array("h")
    for at in range(count):
        turn = 2 * math.pi * at / RATE
        level = sum(weight * math.sin(turn * hertz) for hertz, weight in harmonics) / loudest
        sample = round(24000 * stress * level * math.sin(math.pi * at / count) ** 0.6)
        frames.extend((sample, 0) if channel == 0 else (0, sample))
    return frames.tobytes()


def _weight(hertz: float, formants: Sequence[int]) -> float:
    return sum(math.exp(-(((hertz - formant) / 160) ** 2)) for formant in formants) + 0.02


def talk(seconds: float, seed: str) -> bytes:
    """Frames of a talk so long; the same seed is the same talk."""
    seeded, wanted = random.Random(seed), int(seconds * RATE) * FRAME  # noqa: S311 - a sound is no secret
    said, speaker = bytearray(), 1
    while len(said) < wanted:
        for _ in range(seeded.randint(8, 26)):
            said += seeded.choice(_syllables(speaker))
            said += bytes(FRAME * int(RATE * seeded.choice((0.02, 0.03, 0.05, 0.28))))
        said += bytes(FRAME * int(RATE * seeded.uniform(0.2, 1.1)))
        speaker = 1 - speaker
    return bytes(said[:wanted])


def write(path: Path, frames: bytes) -> None:
    """A WAV file of both voices, the client's on the left."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)


def waveform(frames: bytes) -> str:
    """The waveform in the form audiowaveform writes: the lowest and the highest of each stretch, by channel."""
    samples = array.array("h", frames)
    step = max(1, len(samples) // 2 // PIXELS)
    data: list[int] = []
    for begin in range(0, len(samples) // 2, step):
        for channel in (0, 1):
            stretch = samples[2 * begin + channel : 2 * (begin + step) : 2]
            data += [min(stretch) >> 8, max(stretch) >> 8]
    written: dict[str, Any] = {"version": 2, "channels": 2, "sample_rate": RATE, "samples_per_pixel": step, "bits": 8}
    return json.dumps(written | {"length": len(data) // 4, "data": data})
