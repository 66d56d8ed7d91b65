"""Waiting on conditions: as short as can be, never longer than the limit, and saying what did not come."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02


def until(condition: Callable[[], T], *, seconds: float = 10, what: str = "the condition") -> T:
    """The first truthy answer of `condition`; AssertionError with its last answer after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {seconds} s; the last answer was {answer!r}")
        time.sleep(PAUSE_SECONDS)
    return answer
