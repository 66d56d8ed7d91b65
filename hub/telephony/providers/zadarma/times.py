"""Zadarma's times: the account's wall clock without an offset, and lengths in whole seconds."""

from datetime import UTC, datetime, timedelta

from hub.domain.errors import Unrecognised
from hub.telephony.setting_types import zone

FORMAT = "%Y-%m-%d %H:%M:%S"
CLOCKS_APART = timedelta(minutes=1)
LONGEST = timedelta(days=1)


def moment(text: str, where: str, known_by: datetime | None = None) -> datetime:
    """A wall clock's time in UTC; Unrecognised when it is none.

    In the hour that comes twice a year it is the later one, unless that was not yet when it was `known_by`.
    """
    try:
        wall = datetime.strptime(text, FORMAT).replace(tzinfo=zone(where))
        early, late = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise Unrecognised(f"call_start: got {text[:40]!r}: expected a time such as 2026-11-23 12:00:00") from None
    return late if known_by is not None and early < late <= known_by + CLOCKS_APART else early


def wall_clock(at: datetime, where: str) -> str:
    """A moment as Zadarma writes it."""
    return at.astimezone(zone(where)).strftime(FORMAT)


def seconds(text: str) -> int:
    """How long somebody talked; what cannot be a length is none."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    return found if timedelta(seconds=found) <= LONGEST else 0
