"""Where a recording can be had: what a connector knows of it, in words that hold for every phone system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

MAX_BYTES = 500_000_000
"""The largest recording that is taken: four hours in two channels as phone systems record."""
MOST_DAYS = 36_500
"""The longest a rule keeps a recording, but for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """It is fetched with one GET. `auth` and `headers` are for the address's own host and go to no other.

    `hosts`: names the connection allows although they are on the company's own network, or speak plain HTTP.
    """

    url: str
    source: str = "http"
    auth: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InFolder:
    """It is a file below `folder`; `name` with ``/`` between the parts, as somebody else said it: it proves nothing."""

    folder: Path
    name: str


def shown(reference: str) -> str:
    """A recording's name for people: of a link only where it leads, for what follows may open it to anybody."""
    return reference.partition("?")[0] if reference.startswith(("https://", "http://")) else reference


Way: TypeAlias = Address | InFolder
