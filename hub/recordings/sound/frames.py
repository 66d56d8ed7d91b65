"""Streams without a header at their beginning, known by what each of their frames begins with."""

from collections.abc import Callable

_MPEG_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_ENOUGH = 3
"""Frames in a row: fewer happen by chance in other bytes."""
_SEARCHED = 16 * 1024
"""Bytes within which the first frame is looked for: a file cut out of another begins in the middle of one."""
_GSM_FRAME, _GSM_MARK = 33, 0xD


def mp3(head: bytes) -> bool:
    """Whether it begins as MP3 does."""
    return _in_a_row(head, 0, _mp3_frame)


def aac(head: bytes) -> bool:
    """Whether it begins as AAC without a container (ADTS) does."""
    return _in_a_row(head, 0, _aac_frame)


def later_mp3(head: bytes) -> bool:
    """Whether MP3 begins somewhere near the beginning."""
    places = (at for at in range(min(len(head), _SEARCHED)) if head[at] == 0xFF)
    return any(_in_a_row(head, at, _mp3_frame) for at in places)


def gsm(head: bytes) -> bool:
    """Whether each 33rd byte has the mark of a GSM 06.10 frame, and not all bytes do."""
    marks, others = head[0::_GSM_FRAME], head[1::_GSM_FRAME]
    return len(marks) > _ENOUGH and all(map(_marked, marks)) and not all(map(_marked, others))


def _marked(byte: int) -> bool:
    return byte >> 4 == _GSM_MARK


def _in_a_row(head: bytes, at: int, length_of: Callable[[bytes], int]) -> bool:
    for found in range(_ENOUGH):
        if at >= len(head):
            return found > 0
        if not (length := length_of(head[at : at + 7])):
            return False
        at += length
    return True


def _mp3_frame(frame: bytes) -> int:
    """Bytes of the Layer III frame that begins so; 0 when none does."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = frame[1] >> 3 & 3, frame[2] >> 4, frame[2] >> 2 & 3
    if version == 1 or bitrate in {0, 15} or rate == 3:
        return 0
    kbps, factor = (_MPEG1_KBPS, 144) if version == 3 else (_MPEG2_KBPS, 72)
    return factor * kbps[bitrate] * 1000 // _MPEG_RATES[version][rate] + (frame[2] >> 1 & 1)


def _aac_frame(frame: bytes) -> int:
    if len(frame) < 7 or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0 or frame[2] >> 2 & 0xF > 12:
        return 0
    length = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
    return length if length > 7 else 0
