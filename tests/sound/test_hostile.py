"""What arrives instead of a recording, by accident or by design: refused in plain words, quickly, touching nothing."""

import gzip
import io
import os
import struct
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from hub.domain.errors import Misconfigured, Transient
from hub.recordings.sound import REASONS, Limits, NotAudio, examine, ffmpeg, render
from hub.recordings.sound.limits import TookTooLong
from hub.web.pages.told import PLAIN
from tests.sound import studio

SIGN_IN = b"""<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form></form></body></html>\n"""
SILENT_FRAME = b"\xff\xe3\x18\xc4" + bytes(68)
"""72 ms of MP3 at 8 kHz and 8 kbit/s."""


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("call.wav", content)
    return archive.getvalue()


def tarred() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as file:
        file.addfile(tarfile.TarInfo("call.wav"))
    return archive.getvalue()


REFUSED = {
    "no_bytes": (("call.wav", b""), ("call.gsm", b"")),
    "web_page": (
        ("call.wav", SIGN_IN),
        ("call.mp3", b"\xef\xbb\xbf \n<html>\xd0\x9f\xd1\x80\xd0\xb8</html>"),
        ("call.ulaw", b"<!-- 404 -->\n<HTML><BODY>gone</BODY></HTML>"),
    ),
    "text": (
        ("call.wav", b"This is not the call you are looking for.\n"),
        ("call.mp3", b'{"status": 404, "message": "not ready"}'),
        ("call.gsm", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
        ("call.wav", "Запису немає\n".encode() * 9_000),
        ("call.wav", "﻿not found".encode("utf-16-le")),
        ("call.ulaw", b"\x1b[31mERROR\x1b[0m no such file"),
    ),
    "archive": (
        ("call.wav", zipped(b"RIFF")),
        ("call.mp3", zipped(bytes(50_000_000))),
        ("call.wav", gzip.compress(bytes(50_000_000))),
        ("call.ulaw", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
        ("call.gsm", tarred()),
    ),
    "other": (
        ("call.wav", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("call.wav", b"\x7fELF" + bytes(100)),
        ("call.mp3", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
        ("call.wav", b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(100)),
    ),
    "unread": (
        ("call.mp3", b"#EXTM3U\nfile:///etc/passwd\n"),
        ("call.wav", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
        ("call.wav", b"fLaC" + bytes(100)),
        ("call.ogg", b"\x1a\x45\xdf\xa3" + bytes(100)),
    ),
    "unknown": (("call.wav", bytes(range(256)) * 40), ("call", os.urandom(16) + bytes(range(255, -1, -1)) * 40)),
    "no_sound": (
        ("call.wav", (studio.FIXTURES / "missed.wav").read_bytes()),
        ("call.wav", b"RIFF\x24\x00\x00\x00WAVE"),
        ("call.wav", b"RIFF\x24\x00\x00\x00WAVEfmt \xff\xff\xff\xff" + bytes(64)),
    ),
    "damaged": (
        ("call.ogg", b"OggS" + bytes(2_000)),
        ("call.mp3", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(2_000)),
        ("call.wav", b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff" + bytes(2_000)),
    ),
    "no_index": (("call.m4a", struct.pack(">I4s4sI4s", 20, b"ftyp", b"M4A ", 0, b"M4A ") + bytes(8) + b"mdat"),),
}
FILES = [(code, name, content) for code, files in REFUSED.items() for name, content in files]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("code", "name", "content"), FILES, ids=[f"{code}-{name}" for code, name, _ in FILES])
def test_no_recording(code: str, name: str, content: bytes, tmp_path: Path, into: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    began = time.monotonic()
    with pytest.raises(NotAudio) as refused:
        render(path, into)
    assert (refused.value.code, str(refused.value)) == (code, REASONS[code])
    assert time.monotonic() - began < 30
    assert not list(into.iterdir())
    assert path.read_bytes() == content


def test_every_reason_can_be_given() -> None:
    elsewhere = {"no_file", "no_track", "too_large", "too_long"}
    assert {*REFUSED, *elsewhere} == set(REASONS)


def test_every_reason_can_be_said_in_the_viewers_language() -> None:
    assert set(REASONS.values()) <= PLAIN


def test_a_film_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "call.m4a"
    studio.ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64:duration=1", "-c:v", "mpeg4", "-f", "mp4", str(path))
    with pytest.raises(NotAudio, match=REASONS["no_track"]):
        examine(path)


def test_no_file_a_folder_a_link_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.wav").symlink_to(studio.FIXTURES / "answered.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    for name in ("none.wav", "folder", "link.wav", "pipe.wav"):
        with pytest.raises(NotAudio, match=REASONS["no_file"]):
            examine(tmp_path / name)


def header(said: int, riff: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    return struct.pack("<4sI4s4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16) + form + struct.pack("<4sI", b"data", said)


@pytest.mark.parametrize("said", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xF0000000])
def test_a_header_that_does_not_know_its_length(said: int, tmp_path: Path, into: Path) -> None:
    """A writer that streams, or died; four gigabytes are declared and 125 KB are there."""
    path = tmp_path / "call.wav"
    path.write_bytes(header(said, said) + studio.voice().tobytes())
    rendition = render(path, into)
    assert rendition.seconds == 8.0
    assert rendition.measures.flags == []


def test_a_header_that_promises_a_gigabyte(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(header(1_000_000_000, 1_000_000_036) + studio.voice().tobytes())
    rendition = render(path, into)
    assert (rendition.seconds, rendition.measures.flags) == (8.0, ["cut"])


@pytest.mark.parametrize(("at", "form", "value"), [(22, "<H", 0), (22, "<H", 65535), (24, "<I", 0), (24, "<I", 2**31)])
def test_a_header_of_nonsense(at: int, form: str, value: int, tmp_path: Path) -> None:
    content = bytearray((studio.FIXTURES / "answered.wav").read_bytes())
    struct.pack_into(form, content, at, value)
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(NotAudio):
        examine(path)


def test_what_is_small_and_plays_for_a_day(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "call.mp3"
    path.write_bytes(SILENT_FRAME * (9 * 3600 * 1000 // 72))
    with pytest.raises(NotAudio) as refused:
        render(path, into)
    assert refused.value.code == "too_long"


def test_what_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(header(2**31, 2**31))
    with path.open("r+b") as file:
        file.truncate(4 * 1024**3)
    with pytest.raises(NotAudio) as refused:
        examine(path)
    assert refused.value.code == "too_large"
    path.unlink()


NAMES = (
    "-i.wav",
    "concat:a|b.wav",
    "%d.wav",
    "file:x.wav",
    "a\nb'c\".wav",
    "$(touch x).wav",
    "; touch x;.wav",
    "é—.wav",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_mean_something_to_somebody_else(name: str, tmp_path: Path, into: Path) -> None:
    (tmp_path / "there").mkdir()
    path = tmp_path / "there" / name
    path.write_bytes((studio.FIXTURES / "answered.wav").read_bytes())
    assert render(path, into).seconds == 8.0
    assert {file.name for file in into.iterdir()} == {"rendition.mp3", "peaks.json"}
    assert [file.name for file in path.parent.iterdir()] == [name]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["into", "there"]


def test_a_container_that_names_another_file(tmp_path: Path) -> None:
    """M4A whose sound is said to lie in a file elsewhere (``dref``): that file is not opened."""
    secret = studio.write(studio.voice(), tmp_path / "secret.wav")
    whole = studio.made(studio.voice(), "m4a", tmp_path).read_bytes()
    alias = f"{secret}\0".encode()
    inside = struct.pack(">I4sI", 12 + len(alias), b"url ", 0) + alias
    at = whole.index(b"dref") - 4
    reference = struct.pack(">I4sII", 16 + len(inside), b"dref", 0, 1) + inside
    size = struct.unpack_from(">I", whole, at)[0]
    path = tmp_path / "call.m4a"
    path.write_bytes(_grown(whole[:at] + reference + whole[at + size :], len(reference) - size))
    before = secret.stat().st_atime_ns
    with pytest.raises(NotAudio):
        examine(path)
    assert secret.stat().st_atime_ns == before


def _grown(content: bytes, by: int) -> bytes:
    """With every box around the changed one as much longer."""
    grown = bytearray(content)
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        at = grown.index(box) - 4
        struct.pack_into(">I", grown, at, struct.unpack_from(">I", grown, at)[0] + by)
    return bytes(grown)


def test_patience_ends(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.in_turn(1200), tmp_path / "call.wav")
    with pytest.raises(TookTooLong, match="longer than 1 s"):
        render(path, into, Limits(patience=1.0))
    assert not list(into.iterdir())


def test_memory_ends(tmp_path: Path, into: Path) -> None:
    path = studio.write(studio.voice(), tmp_path / "call.wav")
    with pytest.raises(NotAudio):
        render(path, into, Limits(memory=30_000_000))
    assert not list(into.iterdir())


def test_a_full_disk_is_said_to_be_one(tmp_path: Path, into: Path) -> None:
    """/dev/full takes nothing; the recording can be rendered another day."""
    (into / "rendition.mp3").symlink_to("/dev/full")
    with pytest.raises(Transient, match="no space left"):
        render(studio.write(studio.in_turn(60), tmp_path / "call.wav"), into)
    assert not list(into.iterdir())


def test_ffmpeg_comes_with_the_installation(monkeypatch: pytest.MonkeyPatch, into: Path) -> None:
    """Not from the system, and new enough: 8.1.3 mends CVE-2026-107697."""
    monkeypatch.setenv("PATH", "/nowhere")
    ffmpeg.program.cache_clear()
    assert "imageio_ffmpeg" in ffmpeg.program()
    said = studio.ffmpeg("-version").stdout.split()[2].decode().lstrip("n")
    assert tuple(map(int, said.split("-")[0].split("."))) >= (8, 1, 3)
    assert render(studio.FIXTURES / "answered.wav", into).seconds == 8.0


def test_a_machine_without_any_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(ffmpeg, "get_ffmpeg_exe", none)
    ffmpeg.program.cache_clear()
    with pytest.raises(Misconfigured, match="IMAGEIO_FFMPEG_EXE"):
        examine(studio.FIXTURES / "answered.wav")
    ffmpeg.program.cache_clear()
