"""Values as Asterisk writes them, made harmless: text, numbers, channel names."""

import re
from typing import Any

from hub.domain.identity import WITHHELD, clean

LIMIT = 300
UNKNOWN = {"<unknown>", "<null>", "(null)"}
"""What Asterisk prints where it knows nothing."""
_DIALLED = re.compile(r"[+*#\d][\d*#]*")
_PREFIX_END = re.compile(r"[#*]")
_URI = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)


def text(value: Any) -> str:
    """A header's value: of a repeated header the first, of anything odd nothing; never controls or NUL."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    plain = str(value)
    if plain in UNKNOWN:
        return ""
    return plain if len(plain) <= LIMIT and plain.isprintable() else clean(plain, LIMIT)


def number(shown: str) -> str:
    """A caller's number without the dress of a SIP address; empty when it is withheld."""
    bare = _URI.sub("", shown).partition(";")[0].partition("@")[0].strip()
    return "" if bare.lower() in WITHHELD else bare


def dialled_number(dial_string: str) -> str:
    """The outside number in what was dialled: ``+380…@trunk``, ``trunk/0501…``, ``g0/0501…``, ``trunk/sip:050…@host``.

    Empty when there is none. A carrier's prefix, which ends in # or *, is dropped where a number follows it.
    """
    before = dial_string.partition("@")[0]
    found = number(before.rpartition("/")[2])
    if not _DIALLED.fullmatch(found):
        return ""
    bare = _PREFIX_END.split(found)[-1]
    return bare if len(bare) > 4 else found


def base_name(name: str) -> str:
    """A channel's name without its unique end: ``PJSIP/101-0000001e`` → ``PJSIP/101``."""
    return name.removesuffix("<ZOMBIE>").rpartition("-")[0] or name


def technology(name: str) -> str:
    return name.partition("/")[0]


def peer(name: str) -> str:
    """What stands between the technology and the unique end: ``PJSIP/101-0000001e`` → ``101``."""
    return base_name(name).partition("/")[2]


def part_for(dialled: str, name: str) -> str:
    """Of ``PJSIP/101&PJSIP/0501@trunk,30,T`` the part that reaches `name`, without its technology."""
    parts = dialled.partition(",")[0].split("&")
    part = next((part for part in parts if name and name in part), parts[0])
    return part.partition("/")[2]


def digits(shown: str) -> int:
    return sum(character.isdigit() for character in shown)


def is_number(shown: str) -> bool:
    """Whether a name is no name: nothing in it is a letter."""
    return not any(character.isalpha() for character in shown)
