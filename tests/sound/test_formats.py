"""Every kind of recording a phone system makes becomes an MP3 that sounds like it, speakers apart."""

import wave
from pathlib import Path

import pytest

from hub.recordings.sound import examine, render
from tests.sound import studio

CODED = {"gsm": 0.8, "wav49.WAV": 0.8}
"""What GSM leaves of a voice is less like it than what the others do."""


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", studio.kinds())
def test_one_speaker_in_every_kind(kind: str, tmp_path: Path, into: Path) -> None:
    original = studio.voice()
    rendition = render(studio.made(original, kind, tmp_path), into)
    heard = studio.decoded(rendition.path_mp3)
    assert rendition.channels == heard.shape[0] == 1
    assert rendition.seconds == pytest.approx(8.0, abs=0.13)
    assert heard.shape[1] / studio.RATE == pytest.approx(rendition.seconds, abs=0.05)
    assert studio.likeness(heard[0], original[0]) > CODED.get(kind, 0.95)


@pytest.mark.parametrize("kind", studio.STEREO)
def test_two_speakers_stay_apart(kind: str, tmp_path: Path, into: Path) -> None:
    original = studio.both(studio.voice("answered"), studio.voice("transferred"))
    rendition = render(studio.made(original, kind, tmp_path), into)
    heard = studio.decoded(rendition.path_mp3)
    assert rendition.channels == heard.shape[0] == 2
    for own, other in ((0, 1), (1, 0)):
        assert studio.likeness(heard[own], original[own]) > 0.95
        assert studio.likeness(heard[own], original[other]) < 0.2


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_any_rate(rate: int, tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.voice().repeat(rate // 8000, axis=1), tmp_path / "recording.wav", rate)
    rendition = render(path, into)
    said, pixels = studio.waveform(rendition)
    assert rendition.original.rate == said["sample_rate"] == rate
    assert len(pixels) * said["samples_per_pixel"] / rate == pytest.approx(rendition.seconds, abs=0.02)
    assert studio.decoded(rendition.path_mp3).shape[1] / studio.RATE == pytest.approx(rendition.seconds, abs=0.05)


def test_the_rendition_is_of_a_form_every_player_knows(tmp_path: Path, into: Path) -> None:
    """MPEG-2 layer III, 16 kHz, 32 kbit/s a speaker, constant, not joint; nothing about who made it."""
    rendition = render(studio.made(studio.voice(), "wav", tmp_path), into)
    bytes_ = rendition.path_mp3.read_bytes()
    assert bytes_[0] == 0xFF
    assert bytes_[1] & 0xFE == 0xF2
    assert len(bytes_) == pytest.approx(32_000 / 8 * 8.0, rel=0.03)
    said = studio.ffmpeg("-i", str(rendition.path_mp3), "-f", "null", "-").stderr
    assert b"16000 Hz, mono, fltp, 32 kb/s" in said
    assert b"Metadata" not in said.partition(b"Output")[0]


def test_the_same_sound_gives_the_same_bytes(tmp_path: Path, into: Path) -> None:
    path = studio.made(studio.in_turn(20), "wav", tmp_path)
    first = render(path, into)
    before = first.path_mp3.read_bytes(), first.path_peaks.read_bytes()
    second = render(path, into)
    assert (second.path_mp3.read_bytes(), second.path_peaks.read_bytes()) == before


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    for kind, codec in (("mp3", "mp3"), ("m4a", "aac"), ("opus", "opus"), ("wav", "pcm_s16le")):
        path = studio.made(studio.voice(), kind, tmp_path).rename(tmp_path / "recording.bin")
        assert examine(path, "call.gsm").codec == codec


@pytest.mark.parametrize("kind", ["gsm", "g722", "ulaw", "alaw", "sln"])
def test_sound_without_a_header_is_known_by_its_name_where_it_came_from(kind: str, tmp_path: Path) -> None:
    path = studio.made(studio.voice(), kind, tmp_path).rename(tmp_path / "blob")
    found = examine(path, f"2026/11/call-101.{kind.upper()}")
    assert found.channels == 1
    assert found.seconds == pytest.approx(8.0, abs=0.05)
    assert found.rate == (16000 if kind == "g722" else 8000)


def test_gsm_is_known_without_its_name_too(tmp_path: Path) -> None:
    assert examine(studio.made(studio.voice(), "gsm", tmp_path), "recording").codec == "gsm"


def test_more_than_two_channels_become_two(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.voice().repeat(6, axis=0), tmp_path / "meeting.wav")
    rendition = render(path, into)
    assert (rendition.original.channels, rendition.channels) == (6, 2)
    assert studio.likeness(studio.decoded(rendition.path_mp3)[0], studio.voice()[0]) > 0.95


def test_a_cover_picture_is_not_looked_at(tmp_path: Path, into: Path) -> None:
    picture, path = tmp_path / "cover.png", tmp_path / "tagged.mp3"
    studio.ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", str(picture))
    plain = studio.made(studio.voice(), "mp3", tmp_path)
    studio.ffmpeg("-i", str(plain), "-i", str(picture), "-map", "0", "-map", "1", "-c", "copy", str(path))
    assert studio.likeness(studio.decoded(render(path, into).path_mp3)[0], studio.voice()[0]) > 0.95


def test_recordings_a_phone_system_made_are_as_long_as_they_say(into: Path) -> None:
    for name in ("answered", "transferred"):
        with wave.open(str(studio.FIXTURES / f"{name}.wav")) as file:
            said = file.getnframes() / file.getframerate()
        assert render(studio.FIXTURES / f"{name}.wav", into).seconds == pytest.approx(said, abs=0.001)
