"""The waveform is that of the original: sox says the same of every piece of it."""

from pathlib import Path

import numpy as np
import pytest

from hub.recordings.sound import Rendition, render
from hub.recordings.sound.peaks import MOST, Peaks
from tests.sound import studio

STEP = 1 / 128
"""What eight bits can tell apart."""


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def piece(rendition: Rendition, begins: int, ends: int, channel: int = 0) -> tuple[float, float]:
    """The least and the greatest of some pixels, of -1 … 1."""
    pixels = studio.waveform(rendition)[1][begins:ends, channel]
    return float(pixels[:, 0].min()) / 128, float(pixels[:, 1].max()) / 128


@pytest.mark.parametrize("name", ["answered", "transferred"])
def test_a_recording_of_a_phone_system_second_by_second(name: str, into: Path) -> None:
    path = studio.FIXTURES / f"{name}.wav"
    rendition = render(path, into)
    said, pixels = studio.waveform(rendition)
    assert (said["version"], said["bits"], said["channels"], said["sample_rate"]) == (2, 8, 1, 8000)
    assert said["length"] == len(pixels) == -(-int(rendition.seconds * 8000) // said["samples_per_pixel"])
    second = 8000 // said["samples_per_pixel"]
    for at in range(int(rendition.seconds)):
        expected = studio.sox_peaks(path, "trim", str(at), "1")
        assert piece(rendition, at * second, (at + 1) * second) == pytest.approx(expected, abs=STEP)


@pytest.mark.parametrize("kind", ["ulaw.wav", "alaw.wav", "wav49.WAV", "gsm", "ogg"])
def test_every_kind_sox_reads(kind: str, tmp_path: Path, into: Path) -> None:
    path = studio.made(studio.voice(), kind, tmp_path)
    rendition = render(path, into)
    pixels = len(studio.waveform(rendition)[1])
    assert piece(rendition, 0, pixels) == pytest.approx(studio.sox_peaks(path), abs=2 * STEP)


def test_each_speaker_has_their_own(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.in_turn(30), tmp_path / "talk.wav")
    rendition = render(path, into)
    said, pixels = studio.waveform(rendition)
    assert said["channels"] == 2
    five = 5 * 8000 // said["samples_per_pixel"]
    for channel in range(2):
        for at in range(6):
            expected = studio.sox_peaks(path, "remix", str(channel + 1), "trim", str(at * 5), "5")
            assert piece(rendition, at * five, (at + 1) * five, channel) == pytest.approx(expected, abs=STEP)
    assert len(pixels) == 30 * 8000 // said["samples_per_pixel"]


def test_a_long_recording_has_no_more_pixels(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.in_turn(600), tmp_path / "long.wav")
    rendition = render(path, into)
    said, pixels = studio.waveform(rendition)
    assert MOST // 2 < said["length"] == len(pixels) <= MOST
    assert len(pixels) * said["samples_per_pixel"] == pytest.approx(600 * 8000, abs=said["samples_per_pixel"])
    begins, ends = 1000, 1100
    span = said["samples_per_pixel"] / 8000
    expected = studio.sox_peaks(path, "remix", "1", "trim", str(begins * span), str((ends - begins) * span))
    assert piece(rendition, begins, ends) == pytest.approx(expected, abs=STEP)


@pytest.mark.parametrize("pieces", [[1], [7, 1, 3_990, 2], [4_000], [4_001], [8_000, 8_000, 1], [100] * 333])
def test_however_it_comes_in_it_is_the_same(pieces: list[int], tmp_path: Path) -> None:
    """Folding keeps every extreme at its place."""
    samples = np.random.default_rng(3).integers(-32768, 32767, (1, sum(pieces)), np.int16)
    peaks, at = Peaks(1, 40), 0
    for size in pieces:
        peaks.add(samples[:, at : at + size], samples[:, at : at + size])
        at += size
    path = tmp_path / "peaks.json"
    peaks.write(path, 8000)
    said, pixels = studio.waveform(_only(path))
    units = said["samples_per_pixel"] // 40
    assert len(pixels) == -(-samples.shape[1] // units) <= MOST
    for pixel in range(0, len(pixels), max(len(pixels) // 50, 1)):
        part = np.fix(samples[0, pixel * units : (pixel + 1) * units] / 256)
        assert pixels[pixel, 0].tolist() == [part.min(), part.max()]


class _only(Rendition):  # noqa: N801 - stands where a rendition does
    def __init__(self, path: Path) -> None:
        object.__setattr__(self, "path_peaks", path)
