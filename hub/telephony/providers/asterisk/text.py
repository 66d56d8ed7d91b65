"""Values as Asterisk writes them, made harmless: text, numbers, channel names."""

import re
from typing import Any

from hub.domain.identity import WITHHELD, clean

LIMIT = 300
UNKNOWN = "<unknown>"
_LONG_DIGITS = re.compile(r"[+*#\d][\d*#]*")
_URI = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)


def text(value: Any) -> str:
    """A header's value: of a repeated header the first, of anything odd nothing; never controls or NUL."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    plain = str(value)
    if plain == UNKNOWN:
        return ""
    return plain if len(plain) <= LIMIT and plain.isprintable() else clean(plain, LIMIT)


def number(shown: str) -> str:
    """A caller's number without the dress of a SIP address; empty when it is withheld."""
    bare = _URI.sub("", shown).partition(";")[0].partition("@")[0].strip()
    return "" if bare.lower() in WITHHELD else bare


def dialled_number(dial_string: str) -> str:
    """The outside number in what was dialled: ``+380…@trunk``, ``trunk/0501…``, ``g0/0501…``, ``trunk/sip:050…@host``.

    Empty when there is none, as for an extension's contact. A carrier prefix ending in # or * is dropped.
    """
    first = (
        dial_string.partition("@")[0] if "/" not in dial_string.partition("@")[0] else dial_string.rpartition("/")[2]
    )
    found = number(first)
    if not _LONG_DIGITS.fullmatch(found):
        return ""
    return re.split(r"[#*]", found)[-1] if len(re.split(r"[#*]", found)[-1]) >= 5 else found


def base_name(name: str) -> str:
    """A channel's name without its unique end: ``PJSIP/101-0000001e`` → ``PJSIP/101``."""
    return name.removesuffix("<ZOMBIE>").rpartition("-")[0] or name


def technology(name: str) -> str:
    return name.partition("/")[0]


def peer(name: str) -> str:
    """What stands between the technology and the unique end: ``PJSIP/101-0000001e`` → ``101``."""
    return base_name(name).partition("/")[2]
