"""A call to be placed, in everybody's words."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.domain.errors import Invalid

DIALABLE = re.compile(r"\+?[0-9*#]{1,32}")
PHONE = re.compile(r"[0-9A-Za-z_.+@:-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOrder:
    """Ring `extension`, then `number`. `request` comes back in the call's events. Nothing else can be smuggled in.

    `hook` is the path of the connection's own address (``/hooks/main``), for systems that ask there what to do next;
    `line` is our number the client should see, None: as the phone system decides.
    """

    request: str
    extension: str
    number: str
    hook: str = ""
    line: str | None = None

    def __post_init__(self) -> None:
        for name, pattern in (("extension", PHONE), ("number", DIALABLE)):
            if not pattern.fullmatch(getattr(self, name)):
                raise Invalid(f"{name}: only digits, and letters in a phone's name, can be dialled", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The system took the order. `detail` for people; `ref` is its own name for the call, where it says one at once."""

    detail: str
    ref: str | None = None


class PhoneState(StrEnum):
    """What the phone system knows of a phone before it is rung."""

    FREE = "free"
    BUSY = "busy"
    AWAY = "away"
    """Not registered, switched off, do not disturb: it would not ring."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPhone:
    """What a browser needs to be a phone of this system.

    `token` is a password, or what stands for one, good until `expires_at`; `address` is where to; `hosts` are the
    only sources outside Hub that the page may then reach, as a Content-Security-Policy writes them.
    """

    kind: str
    identity: str
    token: str
    expires_at: datetime
    address: str = ""
    hosts: tuple[str, ...] = ()
