"""What a file is, by its first bytes; the end of its name counts only for sound that has no header at all."""

import re
from pathlib import PurePath

from hub.recordings.sound import frames
from hub.recordings.sound.kinds import AAC, GSM, M4A, MP3, OGG, RAW, WAV, Kind
from hub.recordings.sound.reasons import NotAudio

HEAD = 64 * 1024
"""Bytes to show to `sniff`, or all there are."""

_BEGINNINGS = {
    "archive": (
        *(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"\x1f\x9d", b"BZh", b"\xfd7zXZ\x00", b"LZIP"),
        *(b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a\x07", b"\x04\x22\x4d\x18", b"MSCF"),
    ),
    "unread": (
        *(b"fLaC", b"#!AMR", b".snd", b"FORM", b"\x1a\x45\xdf\xa3", b"caff", b"riff\x2e\x91", b"MAC ", b"wvpk", b"FLV"),
        *(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"#EXTM3U", b"ffconcat"),
    ),
    "other": (
        *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"\x7fELF", b"MZ", b"SQLite format 3", b"\xd0\xcf\x11\xe0"),
        *(b"RIFF", b"\xca\xfe\xba\xbe"),
    ),
}
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body|script|title|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def sniff(head: bytes, name: str) -> Kind:
    """The kind of a file that begins with `head` and is called `name`; raises `NotAudio`."""
    if not head:
        raise NotAudio("no_bytes")
    if kind := _headed(head):
        return kind
    if code := _refused(head):
        raise NotAudio(code)
    if kind := RAW.get(PurePath(name).suffix[1:].lower()) or _without_header(head):
        return kind
    raise NotAudio("unknown")


def _headed(head: bytes) -> Kind | None:
    if head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE":
        return WAV
    if head[:4] == b"OggS":
        return OGG
    if head[4:8] == b"ftyp":
        return M4A
    if head[:3] == b"ID3" or frames.mp3(head):
        return MP3
    return AAC if frames.aac(head) else None


def _without_header(head: bytes) -> Kind | None:
    if frames.gsm(head):
        return GSM
    return MP3 if frames.later_mp3(head) else None


def _refused(head: bytes) -> str | None:
    """Why this is certainly no audio Hub reads; None when it may be some."""
    for code, beginnings in _BEGINNINGS.items():
        if head.startswith(beginnings):
            return code
    if head[257:262] == b"ustar":
        return "archive"
    if _PAGE.match(head):
        return "web_page"
    return "text" if _text(head) else None


def _text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[2:].count(0) > len(head) // 3  # UTF-16: every second byte of Latin letters
    if _CONTROLS.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as wrong:
        return wrong.start > len(head) - 4  # a letter cut in two where the reading ended
    return True
