"""A call to be placed, in everybody's words."""

import re
from dataclasses import dataclass

from hub.domain.errors import Invalid

DIALABLE = re.compile(r"\+?[0-9*#]{1,32}")
PHONE = re.compile(r"[0-9A-Za-z_.-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOrder:
    """Ring `extension`, then `number`. `request` comes back in the call's events. Nothing else can be smuggled in."""

    request: str
    extension: str
    number: str

    def __post_init__(self) -> None:
        for name, pattern in (("extension", PHONE), ("number", DIALABLE)):
            if not pattern.fullmatch(getattr(self, name)):
                raise Invalid(f"{name}: only digits, and letters in a phone's name, can be dialled", name)
