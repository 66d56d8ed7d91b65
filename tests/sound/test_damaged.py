"""Files cut anywhere, with bits turned over in their headers: understood or refused, never anything else."""

import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.recordings.sound import Limits, NotAudio, examine, render
from hub.recordings.sound.sniff import sniff
from tests.sound import studio

KINDS = ("wav", "ulaw.wav", "wav49.WAV", "gsm", "g722", "mp3", "opus", "ogg", "m4a", "aac")
HEADER = 600
LIMITS = Limits(seconds=600, patience=20)
names = st.sampled_from(
    ("call.wav", "call.mp3", "call.gsm", "call.g722", "call.ulaw", "call.alaw", "call.sln", "call", "")
)


@lru_cache
def whole(kind: str) -> bytes:
    """Half a second of a voice."""
    with tempfile.TemporaryDirectory() as folder:
        return studio.made(studio.voice()[:, 8000:12000], kind, Path(folder)).read_bytes()


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    kind = draw(st.sampled_from(KINDS))
    content = bytearray(whole(kind))
    for at in draw(st.lists(st.integers(0, min(HEADER, len(content)) * 8 - 1), max_size=12)):
        content[at // 8] ^= 1 << at % 8
    return f"call.{kind}", bytes(content[: draw(st.integers(0, len(content)) | st.just(len(content)))])


@settings(max_examples=2_000)
@given(st.binary(max_size=300), names)
def test_any_bytes_are_a_kind_or_refused(head: bytes, name: str) -> None:
    with suppress(NotAudio):
        assert sniff(head, name).demuxer


@settings(max_examples=80)
@given(damaged())
def test_a_damaged_file_is_understood_or_refused(file: tuple[str, bytes]) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = examine(path, name, LIMITS)
        except NotAudio:
            return
        assert found.channels >= 1
        assert 0 < found.seconds <= LIMITS.seconds


@settings(max_examples=30)
@given(damaged())
def test_what_is_understood_is_rendered_or_refused(file: tuple[str, bytes]) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as folder:
        path, into = Path(folder) / name, Path(folder) / "into"
        path.write_bytes(content)
        into.mkdir()
        try:
            rendition = render(path, into, LIMITS, name=name)
        except NotAudio:
            assert not list(into.iterdir())
            return
        heard = studio.decoded(rendition.path_mp3).shape[1] / studio.RATE
        assert abs(heard - rendition.seconds) < 0.2
