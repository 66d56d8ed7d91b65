"""The live board: what rings and talks now, what is to be returned, who is new; told on as it changes.

A desk reads the board once and then listens to `/live/events` (server-sent events). Each event is one card
as the viewer sees it now, drawn by the same template; the script on the page only puts it in its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, render_template, request
from flask_babel import lazy_gettext

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.reads import live, presence
from hub.reads.live import ChangeShape, Cursor
from hub.reads.presence import Colleague
from hub.web.auth import needs, viewer
from hub.web.pages.board import columns
from hub.web.pages.drawing import Drawing
from hub.web.pages.frame import hub, pages
from hub.web.pages.mine import Watch
from hub.web.pages.words import Mark
from hub.web.streams import Round, event, eyes, held

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
        people = presence.seen_by(viewer(), presence.everybody(session, clock.now()))
    return render_template(
        template, columns=columns(found, drawing), cursor=found.cursor, people=people, doing=DOING, bare=bare
    )


@pages.get("/live/events", endpoint="live_events")
@needs(Permission.TASKS_READ)
def events() -> Response:
    """The changes after the board's cursor, or after the last event this browser had."""
    cursor = Cursor.parse(request.headers.get("Last-Event-ID") or request.args.get("after", ""))
    return held(BoardDesk(cursor, bare=_is_wall()))


@dataclass(slots=True)
class BoardDesk:
    """A board: ``card`` and ``gone`` as things change, ``people`` when one does something else, one's own calls."""

    cursor: Cursor | None
    bare: bool
    permission: Permission = Permission.TASKS_READ
    over: bool = False
    watch: Watch = field(default_factory=Watch)
    people: str = ""

    def look(self, now: Round, asks: Viewer) -> Iterator[str]:
        if now.missed or len({change["subject"] for change in now.changes}) > TOO_MANY:
            yield event("reload", "", now.cursor)
        elif changes := now.seen_by(asks):
            yield now.once((eyes(asks), self.bare, _owns(changes, asks)), lambda: self._cards(now, asks, changes))
        if not self.bare:
            yield from self.watch.look(now, asks)
        if now.roll_call:
            yield from self._people(now, asks)

    def _cards(self, now: Round, asks: Viewer, changes: Iterable[ChangeShape]) -> str:
        latest = {change["subject"]: change for change in changes}.values()
        with now.drawing(asks):
            drawing = Drawing.of_changes(now.session, asks, latest, bare=self.bare)
            return "".join(event(*drawing.change(change), now.cursor) for change in latest)

    def _people(self, now: Round, asks: Viewer) -> Iterator[str]:
        """The strip of colleagues, when one of them does something else now."""
        everybody = now.once("people", lambda: presence.everybody(now.session, now.now))
        people = presence.seen_by(asks, everybody)
        strip = now.once((eyes(asks), people), lambda: _strip(now, asks, people))
        if strip != self.people:
            self.people = strip
            yield strip


def _owns(changes: Iterable[ChangeShape], asks: Viewer) -> int | None:
    """A card looks different to whoever owns what it is about."""
    return asks.user_id if any(change["body"].get("owner_id") == asks.user_id for change in changes) else None


def _strip(now: Round, asks: Viewer, people: Sequence[Colleague]) -> str:
    with now.drawing(asks):
        return event("people", render_template("live/people.html", people=people, doing=DOING))
