"""One thread that tells every open page of a process what concerns it.

What changed is read once, by whom it may be seen is asked once, and each card is drawn once for all who see it
alike; for each page there is little more left than to send it.
"""

import asyncio
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from hub.domain import clock
from hub.domain.access import Viewer
from hub.people import credentials
from hub.reads import live
from hub.reads.live import HOLE_SECONDS, LOOK_BACK, STEP, ChangeShape, Cursor
from hub.unit_of_work import Hub
from hub.web.streams.line import Line
from hub.web.streams.round import Round

LOOK_EVERY = 1.0
"""Seconds after which the fan looks by itself, should nobody wake it."""
GATHER = 0.01
"""Seconds between two rounds: what happens at once is told at once."""
RIGHTS_EVERY = 1.0
"""Seconds for which rights are believed."""
ROLL_CALL = 15.0
REMEMBERED = 500
"""Changes kept for pages whose line broke for a moment."""

log = structlog.get_logger()


class Fan:
    """Its thread begins with the first page; `places` bounds how many there are at once."""

    def __init__(self, app: Flask, hub: Hub, places: int) -> None:
        self._app = app
        self._hub = hub
        self._places = places
        self._taken = 0
        self._lock = threading.Lock()
        self._runner: asyncio.Runner | None = None
        self._thread: threading.Thread | None = None
        self._over = False
        self._stir = asyncio.Event()
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._memory = Memory()
        self._believed = self._rolled = 0.0

    # ---- in the server's threads ----

    def has_room(self) -> bool:
        return self._taken < self._places

    def enter(self) -> bool:
        """Take a place, given back when the line ends; False when there is none."""
        with self._lock:
            if self._taken >= self._places:
                return False
            self._taken += 1
            return True

    def take(self, descriptor: int, head: bytes, line: Line) -> None:
        """Go on with this connection: `head` first, then what its desk has to tell."""
        self._started().call_soon_threadsafe(self._admit, descriptor, head, line)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._runner is None:
                self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
                self._thread = threading.Thread(target=self._run, args=(self._runner,), name="desks", daemon=True)
                self._runner.get_loop()
                self._thread.start()
            return self._runner.get_loop()

    def stop(self) -> None:
        """End every line, and the thread."""
        if self._runner is not None and self._thread is not None:
            self._runner.get_loop().call_soon_threadsafe(self._end)
            self._thread.join()

    # ---- in the fan's own thread ----

    def _run(self, runner: asyncio.Runner) -> None:
        with runner:
            runner.run(self._feed())

    def _end(self) -> None:
        self._over = True
        self._stir.set()
        for line in self._lines:
            line.close()

    def _admit(self, descriptor: int, head: bytes, line: Line) -> None:
        task = asyncio.get_running_loop().create_task(self._hold(descriptor, head, line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self, descriptor: int, head: bytes, line: Line) -> None:
        connection = socket.socket(fileno=descriptor)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: line, connection)
            line.say(head)
            self._lines.add(line)
            self._stir.set()
            await line.gone.wait()
        except OSError:  # the browser has left already
            connection.close()
        finally:
            self._lines.discard(line)
            with self._lock:
                self._taken -= 1

    async def _feed(self) -> None:
        watching = asyncio.create_task(self._watch())
        while not self._over and not watching.done():
            await self._stir.wait()
            self._stir.clear()
            try:
                self._look()
            except SQLAlchemyError:
                log.warning("open pages cannot be told what is new: the database does not answer", exc_info=True)
            except Exception:
                log.exception("open pages were not told what is new")
            await asyncio.sleep(GATHER)

    async def _watch(self) -> None:
        """Stir the fan at each wake-up. The ticket is taken before the look, so that nothing is slept over."""
        ticket = self._hub.wakeup.ticket()
        while True:
            self._stir.set()
            await asyncio.to_thread(self._hub.wakeup.wait, ticket, LOOK_EVERY)
            ticket = self._hub.wakeup.ticket()

    def _look(self) -> None:
        if not self._lines:
            self._memory = Memory()  # nobody's: it would grow old
            return
        with self._hub.reading() as session:
            self._look_up_rights(session)
            changes = self._memory.read(session)
            common = self._round(session, changes, roll_call=self._is_time_to_call(changes))
            for line in list(self._lines):
                self._tell(line, self._begin(session, line) if line.fresh else common)

    def _is_time_to_call(self, changes: Iterable[ChangeShape]) -> bool:
        """A call changes who is free; who came or left is looked for now and then."""
        called = any(change["subject"].startswith("call:") for change in changes)
        if not called and time.monotonic() - self._rolled < ROLL_CALL:
            return False
        self._rolled = time.monotonic()
        return True

    def _begin(self, session: Session, line: Line) -> Round:
        """What a page that begins to listen has missed."""
        missed = self._memory.after(line.desk.cursor) if line.desk.cursor else []
        return self._round(session, missed or [], missed=missed is None)

    def _round(
        self, session: Session, changes: list[ChangeShape], *, missed: bool = False, roll_call: bool = False
    ) -> Round:
        return Round(
            session=session,
            now=clock.now(),
            changes=changes,
            cursor=self._memory.cursor,
            missed=missed,
            roll_call=roll_call,
            drawing=self._drawing,
        )

    def _tell(self, line: Line, now: Round) -> None:
        """A line that is closed is opened again by its browser, which says what it had read."""
        if line.viewer is None or not line.viewer.can(line.desk.permission):
            line.close()
            return
        try:
            for told in line.desk.look(now, line.viewer):
                line.say(told.encode())
        except Exception:
            log.exception("a page was not told what is new", desk=type(line.desk).__name__)
            line.close()
            return
        line.fresh = False
        line.keep()

    def _look_up_rights(self, session: Session) -> None:
        """Rights are read anew, for they may be gone."""
        if time.monotonic() - self._believed < RIGHTS_EVERY:
            return
        self._believed = time.monotonic()
        known = credentials.holders(session, {line.credential for line in self._lines}, clock.now())
        for line in self._lines:
            holder = known.get(line.credential)
            line.viewer = holder.viewer if holder else None
        if stale := {one for one, holder in known.items() if holder.stale}:
            asyncio.get_running_loop().run_in_executor(None, self._write_down, stale)

    def _write_down(self, stale: set[credentials.Credential]) -> None:
        """Whoever has a page open is there."""
        try:
            with self._hub.unit_of_work() as session:
                credentials.in_use(session, stale, clock.now())
        except SQLAlchemyError:
            log.warning("last use not written down", exc_info=True)

    @contextmanager
    def _drawing(self, asks: Viewer) -> Iterator[None]:
        """As in a request of this viewer. A card drawn for many holds no CSRF token: the page has one."""
        with self._app.request_context(EnvironBuilder(path="/live").get_environ()):
            g.viewer = asks
            g.csrf_token = ""
            yield


class Memory:
    """The latest changes, so that a page whose line broke for a moment goes on where it was."""

    def __init__(self) -> None:
        self.cursor = Cursor(0)
        self._floor: int | None = None
        """Everything after this id is remembered."""
        self._kept: deque[ChangeShape] = deque()

    def read(self, session: Session) -> list[ChangeShape]:
        """What is new since the last reading; nothing is forgotten when the database fails in the middle of it."""
        if self._floor is None:
            self._floor = max(live.here(session).last - REMEMBERED, 0)
            self.cursor = Cursor(self._floor)
        cursor = self.cursor
        changes: list[ChangeShape] = []
        while True:  # to the end: a page that has just come must not be told what is older than itself
            more, cursor = live.news(session, cursor, clock.now())
            changes += more
            if len(more) < STEP:
                break
        self.cursor = cursor
        self._kept.extend(changes)
        while len(self._kept) > REMEMBERED:
            self._floor = max(self._floor, self._kept.popleft()["version"])
        return changes

    def after(self, cursor: Cursor) -> list[ChangeShape] | None:
        """What changed after it, and what may have become visible behind it since; None: more than is remembered."""
        if self._floor is None or cursor.last < self._floor:
            return None
        young = clock.iso(clock.now() - timedelta(seconds=HOLE_SECONDS))
        return [
            change
            for change in self._kept
            if change["version"] > cursor.last - (LOOK_BACK if change["at"] > young else 0)
        ]
