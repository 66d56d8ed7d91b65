"""What is at the other end of an open line: a page that shows something which changes."""

from collections.abc import Iterable
from typing import Protocol

from hub.domain.access import Permission, Viewer
from hub.reads.live import Cursor
from hub.web.streams.round import Round


class Desk(Protocol):
    """Knows what its page was told, and so what is news to it. Asked in the fan's thread alone."""

    @property
    def permission(self) -> Permission:
        """Whoever loses it is told nothing more."""

    @property
    def cursor(self) -> Cursor | None:
        """What the page had read when it began to listen; None: it does not follow changes one by one."""

    def look(self, now: Round, asks: Viewer) -> Iterable[str]:
        """The events since the last look."""

    @property
    def over(self) -> bool:
        """Whether there will be nothing more to tell."""


def event(name: str, data: str, cursor: object = None) -> str:
    """One server-sent event (HTML Living Standard §9.2). `cursor` is where to go on when the line breaks after it."""
    lines = "".join(f"data: {line}\n" for line in data.strip().splitlines() or [""])
    return f"event: {name}\n" + ("" if cursor is None else f"id: {cursor}\n") + f"{lines}\n"
