"""Whether a file is audio at all, by its first bytes: neither its name nor what its server says of it counts."""

from pathlib import Path

HEAD = 64
WAV_HEADER = 44
"""A header alone: what a phone system leaves of a call in which nobody spoke."""


def is_audio(path: Path, name: str = "") -> str | None:
    """Why it is none, in plain words; None when it may be. `name` alone tells of audio without a head."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return "it is empty"
    if _kind(head) is None and (not _is_headless(name) or _instead(head) != UNKNOWN):
        return f"it is no audio: {_instead(head)}"
    if head.startswith(b"RIFF") and path.stat().st_size <= WAV_HEADER:
        return "it is a header without any sound"
    return None


def media_type(path: Path) -> str | None:
    """What kind of audio it is by its first bytes; None when by these it is none."""
    with path.open("rb") as file:
        return _kind(file.read(HEAD))


def _kind(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wav"
    for start, kind in STARTS.items():
        if head.startswith(start):
            return kind
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6):
        return "audio/mpeg"
    return None


def _is_headless(name: str) -> bool:
    return name.lower().endswith(HEADLESS)


HEADLESS = (".gsm", ".g722", ".ulaw", ".ul", ".mulaw", ".alaw", ".al", ".sln", ".sln16")
"""What Asterisk writes as samples and nothing else."""
UNKNOWN = "nothing that is known as audio"
STARTS = {
    b"ID3": "audio/mpeg",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
    b".snd": "audio/basic",
    b"#!AMR": "audio/amr",
    b"\x1a\x45\xdf\xa3": "audio/webm",
}


def _instead(head: bytes) -> str:
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page came instead"
    if text.startswith((b"<?xml", b"<")):
        return "an XML text came instead"
    if text.startswith((b"{", b"[")):
        return "a JSON text came instead"
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")):
        return "an archive came instead"
    return UNKNOWN
