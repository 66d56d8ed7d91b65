"""The live board: what rings and talks now, what is to be returned, who is new; told on as it changes.

A desk reads the board once and then listens to `/live/events` (server-sent events). Each event is one card
as the viewer sees it now, drawn by the same template; the script on the page only puts it in its place.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flask import Response, g, render_template, request
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.reads import live, presence
from hub.reads.live import ChangeShape, Cursor
from hub.reads.presence import Colleague
from hub.web.auth import current, needs, viewer
from hub.web.pages.board import columns
from hub.web.pages.drawing import Drawing
from hub.web.pages.frame import hub, pages
from hub.web.pages.mine import Watch
from hub.web.pages.streams import HEARTBEAT, LIFETIME, LOOK_EVERY, event, hung_up, stream
from hub.web.pages.words import Mark

TOO_MANY = 100
"""More changes at once than this are read as a new board."""
DOING: Mapping[str, Mark] = {
    "talking": Mark(lazy_gettext("talks"), "phone-call", "good"),
    "ringing": Mark(lazy_gettext("rings"), "bell-ringing", "warn"),
    "free": Mark(lazy_gettext("free"), "check"),
    "away": Mark(lazy_gettext("away"), "moon"),
}


@pages.get("/live", endpoint="live")
@needs(Permission.TASKS_READ)
def board() -> str:
    return _draw("live/board.html")


@pages.get("/live/wall", endpoint="live_wall")
@needs(Permission.TASKS_READ)
def wall() -> str:
    """The board for a screen on the wall: larger, and nothing on it to press."""
    return _draw("live/wall.html", bare=True)


@pages.get("/live/columns", endpoint="live_columns")
@needs(Permission.TASKS_READ)
def again() -> str:
    """The board alone, for a desk that lost its line and asks now and then."""
    return _draw("live/columns.html", bare=_is_wall())


def _is_wall() -> bool:
    return "wall" in request.args


def _draw(template: str, *, bare: bool = False) -> str:
    with hub().reading() as session:
        found = live.board(session, viewer(), clock.now())
        drawing = Drawing.of_board(session, viewer(), found, bare=bare)
        people = presence.colleagues(session, viewer(), clock.now())
    return render_template(
        template, columns=columns(found, drawing), cursor=found.cursor, people=people, doing=DOING, bare=bare
    )


@pages.get("/live/events", endpoint="live_events")
@needs(Permission.TASKS_READ)
def events() -> Response:
    """The changes after the board's cursor, or after the last event this browser had."""
    cursor = Cursor.parse(request.headers.get("Last-Event-ID") or request.args.get("after", ""))
    return stream(_events(Line(cursor, bare=_is_wall())))


def _events(line: "Line") -> Iterator[str]:
    started = spoken = time.monotonic()
    yield "retry: 1000\n\n"
    yield from line.first()
    while time.monotonic() - started < LIFETIME and not hung_up(request.environ):
        ticket = hub().wakeup.ticket()
        batch = line.next()
        yield from batch
        if batch or time.monotonic() - spoken > HEARTBEAT:
            spoken = time.monotonic()
            yield ": still here\n\n"
        hub().wakeup.wait(ticket, LOOK_EVERY)


@dataclass(slots=True)
class Line:
    """What one desk was told so far."""

    cursor: Cursor
    bare: bool
    watch: Watch = field(default_factory=Watch)
    people: list[Colleague] = field(default_factory=list)
    people_at: float = 0.0

    def first(self) -> list[str]:
        """How things stand when the desk begins to listen: its owner's own calls."""
        with hub().reading() as session:
            return self._own(session, viewer())

    def next(self) -> list[str]:
        """What changed since, as events; rights are read anew, for they may be gone."""
        g.pop("viewer", None)
        asks = current()
        if asks is None or not asks.can(Permission.TASKS_READ):
            return [event("reload", "", self.cursor)]
        with hub().reading() as session:
            changes, self.cursor = live.since(session, asks, self.cursor, clock.now())
            latest = {change["subject"]: change for change in changes}
            if len(latest) > TOO_MANY:
                return [event("reload", "", self.cursor)]
            return [*self._cards(session, asks, latest.values()), *self._people(session, asks, latest)]

    def _cards(self, session: Session, asks: Viewer, changes: Collection[ChangeShape]) -> list[str]:
        if not changes:
            return []
        drawing = Drawing.of_changes(session, asks, changes, bare=self.bare)
        told = [event(*drawing.change(change), self.cursor) for change in changes]
        if any(self.watch.concerns(change, asks) for change in changes):
            told += self._own(session, asks)
        return told

    def _own(self, session: Session, asks: Viewer) -> list[str]:
        return [] if self.bare else [event(name, data) for name, data in self.watch.look(session, asks)]

    def _people(self, session: Session, asks: Viewer, subjects: Iterable[str]) -> list[str]:
        """The strip of colleagues, when a call changed what they do; who came or left is looked for now and then."""
        called = any(subject.startswith("call:") for subject in subjects)
        if not called and time.monotonic() - self.people_at < HEARTBEAT:
            return []
        self.people_at = time.monotonic()
        people = presence.colleagues(session, asks, clock.now())
        if people == self.people:
            return []
        self.people = people
        return [event("people", render_template("live/people.html", people=people, doing=DOING))]
