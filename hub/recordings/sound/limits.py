"""How much one recording may ask of the machine."""

import time
from dataclasses import dataclass
from datetime import timedelta

from hub.domain.errors import Transient

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`size` bytes of the file, `seconds` it plays, `memory` bytes and `patience` seconds for working on it."""

    size: int = 500 * MEGABYTE
    seconds: float = 8 * 3600
    memory: int = 1 << 30
    patience: float = 540


class TookTooLong(Transient):
    """The machine is busy, or the file is made to be slow; whoever counts the tries ends it."""

    def __init__(self, patience: float) -> None:
        super().__init__(f"working on the sound took longer than {patience:.0f} s", timedelta(minutes=5))


class Deadline:
    """Counts down from the moment it is made."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._ends = time.monotonic() + patience

    def left(self) -> float:
        """Seconds, more than none; raises `TookTooLong`."""
        if (left := self._ends - time.monotonic()) > 0:
            return left
        raise self.missed()

    def missed(self) -> TookTooLong:
        return TookTooLong(self._patience)
