"""The waveform: the least and the greatest sample of each piece, as audiowaveform writes it, in bounded memory.

https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md, version 2, 8 bits.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST = 4_000
"""Pixels, however long the recording; when they are full, each two become one."""

Bytes = NDArray[np.int8]
Samples = NDArray[np.int16]


class Peaks:
    """Collects units of sound into pixels of a power of two of units."""

    def __init__(self, channels: int, unit: int) -> None:
        """`unit`: samples of one channel that one pixel stands for at first."""
        self._unit, self._units = unit, 1
        self._pixels = np.zeros((2, channels, MOST), np.int8)
        self._length = 0
        self._waiting = np.zeros((2, channels, 0), np.int8)

    def add(self, least: Samples, greatest: Samples) -> None:
        """The least and the greatest sample of the next units, each of shape (channels, units)."""
        units = np.concatenate([self._waiting, _eight_bits(np.stack([least, greatest]))], axis=2)
        while (pixels := min(units.shape[2] // self._units, MOST - self._length)) > 0:
            self._put(_joined(units[:, :, : pixels * self._units], self._units))
            units = units[:, :, pixels * self._units :]
            if self._length == MOST:
                self._fold()
        self._waiting = units

    def write(self, path: Path, rate: int) -> None:
        """The file a player reads; `rate` in Hz."""
        if (left := self._waiting.shape[2]) > 0:
            self._put(_joined(self._waiting, left))
        pixels = self._pixels[:, :, : self._length]
        waveform = {
            "version": 2,
            "channels": pixels.shape[1],
            "sample_rate": rate,
            "samples_per_pixel": self._unit * self._units,
            "bits": 8,
            "length": self._length,
            "data": pixels.transpose(2, 1, 0).ravel().tolist(),
        }
        path.write_text(json.dumps(waveform, separators=(",", ":")), encoding="ascii")

    def _put(self, pixels: Bytes) -> None:
        end = self._length + pixels.shape[2]
        self._pixels[:, :, self._length : end] = pixels
        self._length = end

    def _fold(self) -> None:
        self._pixels[:, :, : MOST // 2] = _joined(self._pixels, 2)
        self._length = MOST // 2
        self._units *= 2


def _joined(pixels: Bytes, count: int) -> Bytes:
    """Each `count` neighbours as one."""
    pairs = pixels.reshape(2, pixels.shape[1], -1, count)
    return np.stack([pairs[0].min(axis=2), pairs[1].max(axis=2)])


def _eight_bits(samples: Samples) -> Bytes:
    """Toward zero, so that a whisper of noise is a flat line."""
    return np.fix(samples / 256).astype(np.int8)
