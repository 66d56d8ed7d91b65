"""What is told of a recording: who is heard when, and what is wrong with it."""

from pathlib import Path

import numpy as np
import pytest

from hub.recordings.sound import Measures, compare, render
from tests.sound import studio
from tests.sound.studio import both, louder, noise, nothing, voice


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def measured(sound: studio.Sound, into: Path, kind: str = "wav") -> Measures:
    return render(studio.made(sound, kind, into.parent), into).measures


def test_a_common_talk_has_no_flags(into: Path) -> None:
    found = measured(studio.in_turn(60), into)
    assert found.flags == []
    assert all(0.25 < share < 0.6 for share in found.talk)
    assert sum(found.talk) < 1


@pytest.mark.parametrize(
    "sound",
    [nothing(20), noise(20, -70), noise(20, -45), both(noise(20, -60), nothing(20))],
    ids=["zeros", "faint hiss", "loud hiss", "two channels"],
)
def test_nobody_is_heard(sound: studio.Sound, into: Path) -> None:
    found = measured(sound, into)
    assert found.flags == ["silent"]
    assert set(found.talk) == {0}
    assert found.silence == [(0.0, 20.0)]
    assert set(found.gain) == {0}


@pytest.mark.parametrize("kind", ["wav", "gsm", "ulaw", "opus"])
def test_a_quiet_voice_on_a_hissing_line_is_heard(kind: str, into: Path) -> None:
    sound = louder(np.tile(voice(), (1, 3)), -12) + noise(24, -58)
    assert measured(sound, into, kind).flags == []


def test_one_of_two_is_not_heard(into: Path) -> None:
    found = measured(both(np.tile(voice(), (1, 3)), noise(24, -60)), into)
    assert found.flags == ["one_sided"]
    assert found.talk[0] > 0.5
    assert found.talk[1] == 0
    assert found.loudness[0] is not None


def test_one_channel_is_never_one_sided(into: Path) -> None:
    assert measured(np.tile(voice(), (1, 3)), into).flags == []


@pytest.mark.parametrize("kind", ["wav", "ulaw", "alaw"])
def test_a_voice_that_was_recorded_too_loud(kind: str, into: Path) -> None:
    assert measured(louder(voice(), 24), into, kind).flags == ["clipped"]


@pytest.mark.parametrize("kind", ["wav", "ulaw", "alaw", "mp3"])
def test_a_loud_voice_that_was_not(kind: str, into: Path) -> None:
    greatest = np.abs(voice().astype(np.int32)).max()
    assert measured(louder(voice(), 20 * np.log10(31_500 / greatest)), into, kind).flags == []


def test_a_loud_pure_tone_is_not_distorted(into: Path) -> None:
    tone = 32_700 * np.sin(np.arange(80_000) * 2 * np.pi * 55 / 8000)
    assert measured(tone.astype(np.int16).reshape(1, -1), into).flags == []


def test_silence_is_where_nobody_speaks(into: Path) -> None:
    talk = [nothing(3), voice(), nothing(5), voice(), nothing(4)]
    left = np.concatenate(talk, axis=1)
    right = nothing(28)
    right[:, 8000 * 24 : 8000 * 24 + 4000] = voice()[:, 8000:12000]
    found = measured(both(left, right), into)
    heard = np.abs(left[0].astype(np.int32)) > 300
    first, last = np.flatnonzero(heard)[[0, -1]] / 8000
    assert list(found.silence[0]) == pytest.approx([0.0, first - 0.2], abs=0.15)
    middle = [span for span in found.silence if 9 < span[0] < 13]
    assert len(middle) == 1
    assert middle[0][1] - middle[0][0] > 4.5
    assert list(found.silence[-1]) == pytest.approx([24.7, 28.0], abs=0.15)
    assert last < 24.2
    for begins, ends in found.silence:
        assert studio.decibels(both(left, right)[:, int(begins * 8000) : int(ends * 8000)]) < -55


def test_the_share_of_each(into: Path) -> None:
    """Bursts of a known length, one second in four and two in four."""
    second = noise(1, -20)
    left = np.tile(np.concatenate([second, nothing(3)], axis=1), (1, 10))
    right = np.tile(np.concatenate([nothing(2), noise(2, -20)], axis=1), (1, 10))
    found = measured(both(left, right), into)
    assert list(found.talk) == pytest.approx([0.25, 0.5], abs=0.01)


def test_an_end_within_a_word(into: Path) -> None:
    sound = voice()
    loud = np.abs(sound[0].astype(np.int32)).reshape(-1, 160).max(axis=1)
    word = int(np.flatnonzero(loud > 3000)[40]) * 160
    assert measured(sound[:, :word], into).mid_word
    assert not measured(np.concatenate([sound[:, :word], nothing(1)], axis=1), into).mid_word


@pytest.mark.parametrize(
    ("seconds", "talk", "mid_word", "short"),
    [
        (60.0, 60.0, False, False),
        (58.5, 60.0, False, False),
        (58.5, 60.0, True, False),
        (57.9, 60.0, True, True),
        (57.0, 60.0, False, True),
        (4.2, 5.0, True, True),
        (70.0, 60.0, True, False),
        (3_550.0, 3_600.0, False, False),
        (3_400.0, 3_600.0, False, True),
        (0.0, 30.0, False, True),
    ],
)
def test_length_against_the_talk(seconds: float, talk: float, mid_word: bool, short: bool) -> None:
    assert compare(seconds, talk, mid_word=mid_word) is short


@pytest.mark.parametrize("kind", ["wav", "ulaw.wav", "wav49.WAV", "m4a", "mp3"])
def test_a_file_that_lost_its_end_is_kept_and_marked(kind: str, into: Path) -> None:
    whole = studio.made(np.tile(voice(), (1, 4)), kind, into.parent)
    part = into.parent / f"part.{kind}"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    rendition = render(part, into)
    assert rendition.seconds == pytest.approx(0.6 * 32, abs=1.5)
    assert "cut" in rendition.measures.flags
    assert studio.likeness(studio.decoded(rendition.path_mp3)[0], np.tile(voice(), (1, 4))[0]) > 0.8
    assert "cut" not in render(whole, into).measures.flags


def test_as_it_is_kept(into: Path) -> None:
    found = measured(both(voice(), nothing(8)), into).json()
    assert set(found) == {"loudness", "gain", "talk", "silence", "mid_word", "flags"}
    assert found["loudness"] == [pytest.approx(-24.3, abs=0.2), None]
    assert isinstance(found["silence"], list)
