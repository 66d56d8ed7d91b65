"""What forms of settings let people choose from."""

from collections.abc import Iterable
from functools import cache
from zoneinfo import available_timezones

from hub.domain.access import Role
from hub.people.users import LANGUAGES
from hub.web.pages import words

NAMES = {"en": "English", "uk": "Українська", "ru": "Русский", "lv": "Latviešu"}
"""Languages in their own words."""
CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def _zones() -> tuple[str, ...]:
    return "UTC", *sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS)


def zones(also: str = "") -> list[tuple[str, str]]:
    """Time zones by their city; `also`: one that is in use though it goes by an old name."""
    known = _zones()
    return [(zone, zone.replace("_", " ")) for zone in ((also, *known) if also and also not in known else known)]


def languages() -> list[tuple[str, str]]:
    return [(code, NAMES.get(code, code)) for code in LANGUAGES]


def roles() -> list[tuple[str, object]]:
    return [(role.value, words.ROLES[role.value]) for role in Role]


def split(text: str) -> list[str]:
    """``101, 102`` as people type a list."""
    return [part for part in (piece.strip() for piece in text.replace(";", ",").split(",")) if part]


def joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
