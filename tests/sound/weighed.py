"""`python -m tests.sound.weighed FILE FOLDER`: render in a process of its own, and tell the memory it took at most.

Asked of the kernel while it runs: what is told of a process afterwards counts that of the process it was forked from.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from hub.recordings.sound import render

LOOKS = 0.02
"""Seconds between two; a process only ever counts upwards."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """`seconds` of sound; kilobytes at most of Hub and of ffmpeg."""

    seconds: float
    own: int
    ffmpeg: int


def weigh(path: Path, into: Path) -> Weighed:
    """Render in a new process."""
    command = [sys.executable, "-m", "tests.sound.weighed", str(path), str(into)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=600, cwd=Path(__file__).parents[2])
    return Weighed(*json.loads(done.stdout))


def _most(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def _main() -> None:
    most, done = [0], Event()

    def look() -> None:
        while not done.wait(LOOKS):
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for child in children:
                with suppress(OSError):
                    if b"ffmpeg" in Path(f"/proc/{child}/cmdline").read_bytes().partition(b"\0")[0]:
                        most[0] = max(most[0], _most(int(child)))

    looking = Thread(target=look)
    looking.start()
    try:
        rendition = render(Path(sys.argv[1]), Path(sys.argv[2]))
    finally:
        done.set()
        looking.join()
    print(json.dumps([rendition.seconds, _most(os.getpid()), most[0]]))  # noqa: T201 - the answer


if __name__ == "__main__":
    _main()
