"""Paging back with cursors that only lead on: the address carries those that led here, ``at=c1.c2``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, request

LONGEST = 40
"""Cursors kept in an address; further back there is still "newest"."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The cursors that led to this page; the last is this page's own."""

    cursors: tuple[str, ...]

    @classmethod
    def of(cls, address: Mapping[str, str]) -> "Trail":
        parts = [part for part in address.get("at", "").split(".") if part]
        return cls(tuple(parts[-LONGEST:]))

    @property
    def cursor(self) -> str | None:
        return self.cursors[-1] if self.cursors else None

    def newest(self) -> str | None:
        """The first page's address; None when this is it."""
        return here(at=None) if self.cursors else None

    def newer(self) -> str | None:
        """The page before this one; None when that is the newest, or this is."""
        return here(at=_joined(self.cursors[:-1])) if len(self.cursors) > 1 else None

    def older(self, cursor: str | None, **more: str | None) -> str | None:
        """The page after this one; None at the end."""
        return None if cursor is None else here(at=_joined((*self.cursors, cursor)), **more)


def _joined(cursors: Sequence[str]) -> str:
    return ".".join(cursors[-LONGEST:])


def here(**changes: str | None) -> str:
    """This page's address with some parameters changed; None takes one off."""
    path, given = g.get("stands_at") or (request.path, request.args)
    kept = {name: value for name, value in given.items() if value} | changes
    wanted = {name: value for name, value in kept.items() if value is not None}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def stand_at(path: str, given: Mapping[str, str]) -> None:
    """The page that is drawn is the one a form was sent from, not where it was sent to."""
    g.stands_at = (path, given)
