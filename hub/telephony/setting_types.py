"""Settings that many phone systems share, as people type them, each refused with what it expects."""

import re
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from hub.domain.identity import is_region

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _listed(value: Any) -> Any:
    """A list as people type it: ``a, b``."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _numbers(value: tuple[str, ...]) -> tuple[str, ...]:
    for line in value:
        if not re.fullmatch(r"\+?[\d ().-]{3,30}", line):
            raise ValueError(f"expects telephone numbers separated by commas; {line!r} is none")
    return value


def _region(value: str) -> str:
    if value and not is_region(value.upper()):
        raise ValueError("expects a two-letter country code such as GB")
    return value.upper()


def _zone(value: str) -> str:
    try:
        zone(value)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("expects a time zone name such as Europe/Kyiv") from error
    return value


def _base(value: str) -> str:
    """Encrypted, unless it never leaves this machine; credentials and what follows the path have no place in it."""
    try:
        parts = urlsplit(value)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        sound = safe and bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        sound = False
    if not sound or "?" in value or "#" in value:
        raise ValueError(
            "expects an address such as https://api.example.com; its key is sent there, so nothing but https"
        )
    return value.rstrip("/")


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of a setting that was checked before."""
    return ZoneInfo(name)


CommaList = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Lines = Annotated[CommaList, AfterValidator(_numbers)]
Region = Annotated[str, AfterValidator(_region)]
Zone = Annotated[str, AfterValidator(_zone)]
ApiBase = Annotated[str, AfterValidator(_base)]
