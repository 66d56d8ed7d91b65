"""Both speakers are equally loud, and as loud in every recording; nothing is distorted on the way."""

from pathlib import Path

import numpy as np
import pytest

from hub.recordings.sound import render
from hub.recordings.sound.loudness import MOST_GAIN, TARGET
from tests.sound import studio


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("difference", [-20, -12, 0, 6])
def test_two_speakers_are_made_alike(difference: int, tmp_path: Path, into: Path) -> None:
    talk = studio.in_turn(60)
    talk = studio.both(talk[:1], studio.louder(talk[1:], difference))
    rendition = render(studio.write(talk, tmp_path / "talk.wav"), into)
    one, other = (studio.loudness(rendition.path_mp3, channel) for channel in range(2))
    assert one == pytest.approx(TARGET, abs=1.0)
    assert other == pytest.approx(TARGET, abs=1.0)
    assert studio.loudness(rendition.path_mp3) == pytest.approx(TARGET, abs=1.0)
    assert rendition.measures.loudness[1] == pytest.approx(studio.loudness(tmp_path / "talk.wav", 1), abs=0.2)


@pytest.mark.parametrize("louder", [-20, -10, 0, 15])
def test_one_channel_comes_to_the_same_loudness(louder: int, tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.louder(studio.voice("transferred"), louder), tmp_path / "talk.wav")
    rendition = render(path, into)
    assert studio.loudness(rendition.path_mp3) == pytest.approx(TARGET, abs=1.0)
    assert list(rendition.measures.gain) == pytest.approx([TARGET - studio.loudness(path)], abs=0.2)


def test_loud_moments_are_held_back_not_cut(tmp_path: Path, into: Path) -> None:
    """A whisper with a shout in it: the shout would exceed full scale once the whisper is loud enough."""
    talk = studio.louder(np.tile(studio.voice(), (1, 6)), -18)
    talk[:, 80_000:81_600] = studio.louder(talk[:, 80_000:81_600], 22)
    rendition = render(studio.write(talk, tmp_path / "talk.wav"), into)
    heard = studio.decoded(rendition.path_mp3, 16_000)
    assert np.abs(heard.astype(np.int32)).max() < 32768 * 10 ** (-0.3 / 20)
    assert "clipped" not in rendition.measures.flags
    assert studio.loudness(rendition.path_mp3) == pytest.approx(TARGET, abs=1.5)


def test_noise_where_nobody_speaks_is_not_lifted(tmp_path: Path, into: Path) -> None:
    voice = studio.voice()
    path = studio.write(studio.both(voice, studio.noise(8.0, -52)), tmp_path / "talk.wav")
    rendition = render(path, into)
    assert rendition.measures.gain[1] == 0
    assert studio.decibels(studio.decoded(rendition.path_mp3)[1]) < -50


def test_what_is_nearly_nothing_is_lifted_only_so_far(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.louder(studio.voice(), -28), tmp_path / "talk.wav")
    assert max(render(path, into).measures.gain) <= MOST_GAIN


def test_the_speakers_keep_their_time(tmp_path: Path, into: Path) -> None:
    """Measuring, limiting and encoding move nothing: a click stays where it was, to a hundredth of a second."""
    talk = studio.in_turn(30)
    talk[:, 100_000:100_016] = 32_767
    rendition = render(studio.write(talk, tmp_path / "talk.wav"), into)
    heard = np.abs(studio.decoded(rendition.path_mp3)[:, 96_000:104_000].astype(np.int32))
    assert heard.argmax(axis=1).tolist() == [pytest.approx(4_008, abs=80)] * 2
