"""The live board: what rings and talks now, what is to be returned, who is new; told on as it changes.

A desk reads the board once and then listens to `/live/events` (server-sent events). Each event is one card
as the viewer sees it now, drawn by the same template; the script on the page only puts it in its place.
"""

import time
from collections.abc import Iterator

from flask import Response, g, render_template, request

from hub.domain import clock
from hub.domain.access import Permission
from hub.reads import live
from hub.reads.live import Cursor
from hub.web.auth import current, needs, viewer
from hub.web.pages.board import columns
from hub.web.pages.drawing import Drawing
from hub.web.pages.frame import hub, pages
from hub.web.pages.mine import Watch
from hub.web.pages.streams import HEARTBEAT, LIFETIME, LOOK_EVERY, event, hung_up, stream

TOO_MANY = 100
"""More changes at once than this are read as a new board."""


@pages.get("/live", endpoint="live")
@needs(Permission.TASKS_READ)
def board() -> str:
    return _draw("live/board.html")


@pages.get("/live/columns", endpoint="live_columns")
@needs(Permission.TASKS_READ)
def again() -> str:
    """The board alone, for a desk that lost its line and asks now and then."""
    return _draw("live/columns.html")


def _draw(template: str) -> str:
    with hub().reading() as session:
        found = live.board(session, viewer(), clock.now())
        drawing = Drawing.of_board(session, viewer(), found)
    return render_template(template, columns=columns(found, drawing), cursor=found.cursor)


@pages.get("/live/events", endpoint="live_events")
@needs(Permission.TASKS_READ)
def events() -> Response:
    """The changes after the board's cursor, or after the last event this browser had."""
    return stream(_events(Cursor.parse(request.headers.get("Last-Event-ID") or request.args.get("after", ""))))


def _events(cursor: Cursor) -> Iterator[str]:
    started = spoken = time.monotonic()
    watch = Watch()
    yield "retry: 1000\n\n"
    yield from _own(watch)
    while time.monotonic() - started < LIFETIME and not hung_up(request.environ):
        ticket = hub().wakeup.ticket()
        batch, cursor = _batch(cursor, watch)
        yield from batch
        if batch or time.monotonic() - spoken > HEARTBEAT:
            spoken = time.monotonic()
            yield ": still here\n\n"
        hub().wakeup.wait(ticket, LOOK_EVERY)


def _own(watch: Watch) -> list[str]:
    """The notices of one's own calls that stand already."""
    with hub().reading() as session:
        return [event(name, data) for name, data in watch.look(session, viewer())]


def _batch(cursor: Cursor, watch: Watch) -> tuple[list[str], Cursor]:
    """What changed after `cursor`, as events; rights are read anew, for they may be gone."""
    g.pop("viewer", None)
    asks = current()
    if asks is None or not asks.can(Permission.TASKS_READ):
        return [event("reload", "", cursor)], cursor
    with hub().reading() as session:
        changes, reached = live.since(session, asks, cursor, clock.now())
        latest = {change["subject"]: change for change in changes}
        if len(latest) > TOO_MANY:
            return [event("reload", "", reached)], reached
        if not latest:
            return [], reached
        drawing = Drawing.of_changes(session, asks, latest.values())
        told = [event(*drawing.change(change), reached) for change in latest.values()]
        if any(watch.concerns(change, asks) for change in latest.values()):
            told += [event(name, data) for name, data in watch.look(session, asks)]
    return told, reached
