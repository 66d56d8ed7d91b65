"""Phones of the exchange: extensions of three digits. Whatever is longer is a number outside."""

import re

from hub.domain.errors import Invalid

_EXTENSION = re.compile(r"(?:\d{4,12}-)?(\d{3})")
"""With or without the exchange's own number before it: ``101``, ``12345-101``."""


def extension(text: str) -> str | None:
    """The extension this names; None when it is none."""
    found = _EXTENSION.fullmatch(text.strip()) if text.isascii() else None
    return found[1] if found else None


def spelled(typed: str) -> str:
    """An extension as notifications spell it; Invalid says what is expected."""
    found = extension(typed)
    if found is None:
        raise Invalid(f"got {typed[:80]!r}: expected an extension of three digits such as 101", "extensions")
    return found
