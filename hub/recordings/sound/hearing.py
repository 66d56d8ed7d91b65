"""Listening to the whole sound once, piece by piece: waveform, levels, loudest sample, distortion."""

from collections.abc import Sequence
from math import log10
from typing import IO

import numpy as np
from numpy.typing import NDArray

from hub.recordings.sound.activity import WINDOW, Activity, activity, as_levels
from hub.recordings.sound.peaks import Peaks

UNITS = 4
"""Of the waveform in one window of levels: a pixel of a short recording is 5 ms."""
PIECE = 500
"""Windows read at once: ten seconds."""
FULL = 32_000
"""Samples from here on are at full scale, also those of A-law and µ-law."""
CLIPPED_RUN = 3
"""Equal samples at full scale in a row: a wave that was cut flat. A loud one that was not turns at its top."""
CLIPPED_LEAST, CLIPPED_SHARE = 20, 1e-4
"""How many such samples, and which share of those heard, make a recording distorted."""

Samples = NDArray[np.int16]


class Hearing:
    """`listen` once; then everything else is known. `rate` in Hz, samples of 16 bits, one or two channels."""

    def __init__(self, channels: int, rate: int) -> None:
        self.channels, self.rate = channels, rate
        self._unit = max(round(rate * WINDOW / UNITS), 1)
        self.peaks = Peaks(channels, self._unit)
        self._levels = [bytearray() for _ in range(channels)]
        self._greatest = np.zeros(channels, np.int32)
        self._clipped = np.zeros(channels, np.int64)
        self._samples = 0

    @property
    def seconds(self) -> float:
        return self._samples / self.rate

    @property
    def loudest(self) -> Sequence[float]:
        """dBFS of the loudest sample of each channel."""
        return [20 * log10(max(int(sample), 1) / 32768) for sample in self._greatest]

    def listen(self, sound: IO[bytes]) -> None:
        """Raw interleaved samples, to their end."""
        frame = 2 * self.channels
        size = frame * self._unit * UNITS * PIECE
        while piece := sound.read(size):
            whole = len(piece) - len(piece) % frame
            interleaved = np.frombuffer(piece[:whole], "<i2").reshape(-1, self.channels)
            self._hear(np.ascontiguousarray(interleaved.T))

    def activity(self) -> Activity:
        levels = [np.frombuffer(found, np.uint8) for found in self._levels]
        return activity(levels, self._unit * UNITS / self.rate, self.seconds)

    def clipped(self, heard: Sequence[float]) -> bool:
        """Whether either channel is distorted, of which `heard` seconds are somebody's voice."""
        limits = [max(CLIPPED_LEAST, CLIPPED_SHARE * seconds * self.rate) for seconds in heard]
        return any(count >= limit for count, limit in zip(self._clipped, limits, strict=True))

    def _hear(self, samples: Samples) -> None:
        self._samples += samples.shape[1]
        window = self._unit * UNITS
        whole = samples.shape[1] - samples.shape[1] % window
        for part, size in ((samples[:, :whole], window), (samples[:, whole:], samples.shape[1] - whole)):
            if part.shape[1]:
                self._measure(part.reshape(self.channels, -1, size))
        self._look_for_clipping(samples)

    def _measure(self, windows: Samples) -> None:
        """Of shape (channels, windows, samples)."""
        size = windows.shape[2]
        loud = windows.astype(np.float32)
        levels = as_levels(np.einsum("cws,cws->cw", loud, loud) / np.float32(size))
        for kept, found in zip(self._levels, levels, strict=True):
            kept.extend(found.tobytes())
        unit = self._unit if size % self._unit == 0 else size
        units = windows.reshape(self.channels, -1, unit)
        least, greatest = units.min(axis=2), units.max(axis=2)
        self.peaks.add(least, greatest)
        both = np.maximum(greatest.max(axis=1).astype(np.int32), -least.min(axis=1).astype(np.int32))
        self._greatest = np.maximum(self._greatest, both)

    def _look_for_clipping(self, samples: Samples) -> None:
        for channel, sound in enumerate(samples):
            if self._greatest[channel] < FULL:
                continue
            flat = (sound[1:] == sound[:-1]) & ((sound[1:] >= FULL) | (sound[1:] <= -FULL))
            together = flat[CLIPPED_RUN - 2 :] & flat[: len(flat) - CLIPPED_RUN + 2]
            self._clipped[channel] += int(together.sum())
