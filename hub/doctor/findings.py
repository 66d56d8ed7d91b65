"""What an examination yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from hub.settings import Settings
from hub.unit_of_work import Hub


class Level(StrEnum):
    """From worst to best; the findings are shown in this order."""

    BROKEN = "broken"
    DOUBTFUL = "doubtful"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and found, and the remedy where one is needed."""

    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    hub: Hub
    settings: Settings


Check = Callable[[Patient], Iterator[Finding]]


def lasting(length: timedelta) -> str:
    """How long, as people say it: 3 minutes, 5 hours, 2 days."""
    seconds = int(length.total_seconds())
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"
