"""Signs of life: a process leaves one with every round of its work, and `hub healthy` looks how old the last is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

FRESH_SECONDS = 30.0
"""A round takes two or three seconds; who has not ended one for so long stands still."""

Alive = Callable[[], None]
"""To be called after each round of work."""

log = structlog.get_logger()


def unseen() -> None:
    """For work that is a thread of another process: nobody looks for it."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A file as old as the last round of a process: of one machine, or one container; of others it says nothing."""

    path: Path

    @classmethod
    def of(cls, process: str, data_dir: Path) -> "Pulse":
        return cls(data_dir / "alive" / process)

    @contextmanager
    def beating(self) -> Iterator[Alive]:
        """A process's life: what the last one left is forgotten, and what this one leaves, when it ends in order."""
        self._forget()
        try:
            yield self._beat
        finally:
            self._forget()

    def age(self) -> float | None:
        """Seconds since the last round; None when there was none, or the process has ended."""
        try:
            return max(time.time() - self.path.stat().st_mtime, 0.0)
        except FileNotFoundError:
            return None

    def _beat(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
        except OSError as error:  # a full disk is no reason to stop work
            log.warning("no sign of life can be left", path=str(self.path), problem=str(error))

    def _forget(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("an old sign of life stays", path=str(self.path), problem=str(error))
