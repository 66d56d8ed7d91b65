"""Whom a call should ring: what Hub answers a phone system that asks."""

from dataclasses import dataclass
from enum import StrEnum


class RecordRule(StrEnum):
    """What a line's rule says of recording."""

    NEVER = "never"
    ANNOUNCED = "announced"
    """Recorded, and the caller is told so first."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """For an incoming call. `stages`: phones of the asking connection to ring, one group after the other.

    Each group rings for `ring_seconds`. No stages: Hub has no opinion, the system does as it would without Hub.
    `name` is the client's, for the phones' displays; `open` False: outside the line's business hours.
    """

    stages: tuple[tuple[str, ...], ...] = ()
    ring_seconds: int = 25
    voicemail: bool = False
    record: RecordRule = RecordRule.NEVER
    name: str | None = None
    open: bool = True
    why: str = "nobody was found to ring"


NO_OPINION = Route()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A call one of ours may make: the client's number as E.164, the line to show, and whether it is recorded."""

    number: str
    line: str | None = None
    record: RecordRule = RecordRule.NEVER
