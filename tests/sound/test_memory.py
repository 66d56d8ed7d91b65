"""A long call takes no more memory than a short one, in Hub and in ffmpeg."""

from pathlib import Path

import pytest

from tests.sound import studio
from tests.sound.weighed import Weighed, weigh

MEGABYTE = 1024
"""Of the kilobytes in which the system counts."""


def weighed(seconds: float, tmp_path: Path) -> Weighed:
    found = weigh(studio.write(studio.in_turn(seconds), tmp_path / "call.wav"), tmp_path)
    assert found.seconds == pytest.approx(seconds)
    return found


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    short, long = weighed(60, tmp_path), weighed(1200, tmp_path)
    assert long.own - short.own < 4 * MEGABYTE
    assert long.ffmpeg - short.ffmpeg < 4 * MEGABYTE
    assert long.own < 150 * MEGABYTE
    assert 10 * MEGABYTE < long.ffmpeg < 100 * MEGABYTE
