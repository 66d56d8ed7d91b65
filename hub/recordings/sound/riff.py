"""How much sound a WAV file says it has, and how much it holds; ffmpeg does not tell the two apart."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

UNKNOWN = 0x7FFF0000
"""From here on, and when it is 0, a length is what a writer puts down that does not know yet and never came back."""
_CHUNKS = 200
"""More than that stand before the sound in no honest file."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Bytes of sound, as written in the header and as they are there."""

    said: int
    held: int

    @property
    def endless(self) -> bool:
        """The header does not say where the sound ends."""
        return (self.said == 0 or self.said >= UNKNOWN) and self.held > 0

    @property
    def cut(self) -> bool:
        """The end is missing."""
        return not self.endless and self.said > self.held + 1


def sound(file: BinaryIO, size: int) -> Sound | None:
    """What the first chunk of sound says and holds, in a file of `size` bytes; None when there is no such chunk."""
    file.seek(12)
    for _ in range(_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            return None
        name, length = struct.unpack("<4sI", header)
        if name == b"data":
            return Sound(length, size - file.tell())
        file.seek(length + (length & 1), 1)
        if file.tell() > size:
            return None
    return None
