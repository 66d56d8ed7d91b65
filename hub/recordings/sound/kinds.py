"""The kinds of audio Hub reads, and how ffmpeg is told to read each: never by its own guess."""

from collections.abc import Sequence
from dataclasses import dataclass

DECODERS = (
    *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"),
    *("adpcm_ima_wav", "adpcm_ms", "gsm", "gsm_ms", "g722"),
    *("mp3", "mp3float", "opus", "vorbis", "flac", "libspeex", "speex", "aac"),
)
"""All that may be decoded, whatever stands in the file: no picture, no video, no subtitle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`demuxer` and `options` as ffmpeg takes them; `media_type` as a browser does."""

    name: str
    demuxer: str
    media_type: str
    options: Sequence[str] = ()


def _mono(rate: int) -> Sequence[str]:
    return ("-sample_rate", str(rate), "-ch_layout", "mono")


_PIECES = ("-max_size", "16384")
"""Bytes ffmpeg takes at a time: by itself it takes a quarter, and passing pieces on costs as much as measuring them."""
WAV = Kind(name="wav", demuxer="wav", media_type="audio/wav", options=_PIECES)
ENDLESS_WAV = Kind(name="wav", demuxer="wav", media_type="audio/wav", options=(*_PIECES, "-ignore_length", "1"))
"""Its header does not say how long it is, as when the writer died before the end: it goes on to the end of the file."""
MP3 = Kind(name="mp3", demuxer="mp3", media_type="audio/mpeg")
OGG = Kind(name="ogg", demuxer="ogg", media_type="audio/ogg")
AAC = Kind(name="aac", demuxer="aac", media_type="audio/aac")
M4A = Kind(
    name="m4a",
    demuxer="mov",
    media_type="audio/mp4",
    options=("-enable_drefs", "0", "-use_absolute_path", "0"),  # it may not name other files
)
GSM = Kind(name="gsm", demuxer="gsm", media_type="audio/gsm")
G722 = Kind(name="g722", demuxer="g722", media_type="audio/G722")
ULAW = Kind(name="ulaw", demuxer="mulaw", media_type="audio/basic", options=_mono(8000))
ALAW = Kind(name="alaw", demuxer="alaw", media_type="audio/PCMA", options=_mono(8000))
SLIN = Kind(name="slin", demuxer="s16le", media_type="application/octet-stream", options=_mono(8000))
SLIN16 = Kind(name="slin16", demuxer="s16le", media_type="application/octet-stream", options=_mono(16000))

RAW = {
    "gsm": GSM,
    **dict.fromkeys(("g722", "722"), G722),
    **dict.fromkeys(("ulaw", "mulaw", "ul", "mu", "pcmu", "pcm"), ULAW),
    **dict.fromkeys(("alaw", "al", "pcma"), ALAW),
    **dict.fromkeys(("sln", "slin", "raw"), SLIN),
    **dict.fromkeys(("sln16", "slin16"), SLIN16),
}
"""Sound without any header: the end of the file's name is all there is to go by. Names as Asterisk gives them."""
