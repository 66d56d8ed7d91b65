"""When a recording that did not come is fetched again, and when nobody fetches it any more."""

import random
from datetime import datetime, timedelta

PAUSES = tuple(
    timedelta(seconds=one) for one in (10, 30, 60, 120, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400)
)
"""After the first try, the second, …: most recordings are ready a minute after the call, some a day after."""
TRIES = len(PAUSES) + 1
GONE_TRIES = 3
"""For a source that says it is gone for good."""
HELD = timedelta(minutes=11)
"""How long one try may take: its maker is dead after this."""
JITTER = 0.2


def next_try(attempts: int, now: datetime, wanted: timedelta = timedelta()) -> datetime | None:
    """When it is tried again after so many tries, not before the source wants it; None: never again."""
    if attempts >= TRIES:
        return None
    pause = PAUSES[max(attempts, 1) - 1]
    return now + max(pause * random.uniform(1 - JITTER, 1 + JITTER), wanted)  # noqa: S311 - spreads load, no secret
