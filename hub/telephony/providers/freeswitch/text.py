"""Values as FreeSWITCH writes them, made harmless: text, moments, lists."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from hub.domain.identity import WITHHELD, clean

LIMIT = 300
MOST = 50
"""Of anything there may be several of in one record."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NONE = {"", "_undef_", "unknown", "none"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = 631_152_000_000_000, 7_258_118_400_000_000
"""The years 1990 and 2200, in microseconds."""
_RAW = re.compile(r'[ :;<>@"+{}]')
_PAIR = re.compile(r"\{\s*(\d{1,17})\s*,\s*(\d{1,17})\s*\}")
_TRANSFER = re.compile(r"(\d{1,12}):[^:|]*:(bl_xfer|att_xfer|uuid_br):")


def text(value: Any) -> str:
    """A value as text; of anything odd nothing; never controls or NUL."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    said = str(value) if isinstance(value, str) or abs(value) < 10**18 else ""
    return clean(said, LIMIT)


def texts(said: Any) -> dict[str, str]:
    """A mapping of names to texts, whatever was said; without what has no value."""
    if not isinstance(said, Mapping):
        return {}
    return {str(name): plain for name, value in said.items() if (plain := text(value))}


def decoded(said: Mapping[str, str]) -> dict[str, str]:
    """Values without percent signs, where the switch encodes each (``encode-values``): then none has a raw space,
    colon or the like, which every plain record has in its stamps."""
    if any(_RAW.search(value) for value in said.values()):
        return dict(said)
    return {name: clean(unquote(value, errors="replace"), LIMIT) for name, value in said.items()}


def micros(value: str, unit: int = 1) -> int | None:
    """Microseconds since 1970 from a count of units of so many; None for 0 and for what is no moment."""
    if not (value.isascii() and value.isdecimal() and len(value) < 20):
        return None
    count = int(value) * unit
    return count if _EARLIEST < count < _LATEST else None


def moment(count: int) -> datetime:
    """Microseconds since 1970 as an aware moment."""
    return _EPOCH + timedelta(microseconds=count)


def number(shown: str) -> str:
    """A number or phone without the dress of an address: ``sip:101@host`` → ``101``; empty when withheld."""
    bare = shown.removeprefix("sips:").removeprefix("sip:").removeprefix("tel:")
    bare = bare.partition("@")[0].partition(";")[0].strip()
    return "" if bare.lower() in WITHHELD or bare.lower() in _NONE else bare[:64]


def uuids(shown: str) -> list[str]:
    """Every channel id in a value, such as ``ARRAY::<uuid>;NONE|:<uuid>;USER_BUSY``."""
    return list(dict.fromkeys(found.lower() for found in _UUID.findall(shown)))[:MOST]


def pairs(shown: str) -> list[list[int]]:
    """``{{begin,end},{begin,end}}`` in microseconds; what never ended is left out."""
    found = ((micros(begin), micros(end)) for begin, end in _PAIR.findall(shown))
    return [[begin, end] for begin, end in found if begin and end and begin < end][:MOST]


def transfers(shown: str) -> Iterator[tuple[int, str]]:
    """When and how a channel was handed on: ``1764064813:<uuid>:bl_xfer:102/default/XML``, several after ``|:``."""
    for seconds, how in _TRANSFER.findall(shown):
        if (at := micros(seconds, 1_000_000)) is not None:
            yield at, how
