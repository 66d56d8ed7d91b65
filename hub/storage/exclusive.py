"""One at a time over all processes, given back by the system itself when the holder dies."""

import fcntl
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.domain.errors import Transient

SILENCE_SECONDS = 30.0
"""How long a holder on PostgreSQL may be silent (a paused process, a machine gone) before it is declared dead."""

StillOurs = Callable[[], bool]


@contextmanager
def exclusive(engine: Engine, name: str, silence: float = SILENCE_SECONDS) -> Iterator[StillOurs]:
    """Try to hold `name`; yields a question, to be asked before each step: is it still ours?

    PostgreSQL: an advisory lock on a connection of its own, which the server ends with the holder, or
    when the holder has not asked for `silence` seconds. SQLite, all of whose processes share a machine:
    a locked file beside the database.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, name, silence) as still_ours:
            yield still_ours
    else:
        with _file_lock(Path(f"{engine.url.database}.{name.replace(':', '-')}.lock")) as held:
            yield lambda: held


@contextmanager
def exclusive_wait(
    engine: Engine,
    name: str,
    seconds: float = 60,
    silence: float = SILENCE_SECONDS,
    told: Callable[[], None] = lambda: None,
) -> Iterator[StillOurs]:
    """The same, but wait for it; Transient when it was not to be had within `seconds`.

    `told`: called once, when somebody else holds it and we wait.
    """
    deadline, waits = time.monotonic() + seconds, False
    while True:
        with exclusive(engine, name, silence) as still_ours:
            if still_ours():
                yield still_ours
                return
        if time.monotonic() > deadline:
            raise Transient(f"{name} is being worked on; try again")
        if not waits:
            told()
        waits = True
        time.sleep(0.05)


def until_commit(session: Session, name: str) -> None:
    """Let nobody else call this for `name` before our transaction is over.

    Guards the rows themselves: whoever lost `exclusive` without noticing comes here one after another.
    SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        # The form with two keys: it never meets the locks of `exclusive`, which we may hold on another connection.
        session.execute(text("SELECT pg_advisory_xact_lock(0, :key)"), {"key": _key(name)})


@contextmanager
def _advisory_lock(engine: Engine, name: str, silence: float) -> Iterator[StillOurs]:
    key = {"key": _key(name)}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key))
        if not held:
            yield lambda: False
            return
        connection.execute(text("SELECT set_config('idle_session_timeout', :limit, false)"), {"limit": f"{silence}s"})
        try:
            yield lambda: _answers(connection)
        finally:
            _give_back(connection, key)


def _give_back(connection: Connection, key: Mapping[str, int]) -> None:
    """The connection returns to its pool as it came; one that does not answer is dropped, and its lock with it."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
        connection.execute(text("RESET idle_session_timeout"))
    except DBAPIError:
        connection.invalidate()


def _answers(connection: Connection) -> bool:
    try:
        connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _key(name: str) -> int:
    """A number of 32 bits with a sign, as PostgreSQL wants it."""
    return zlib.crc32(name.encode()) - (1 << 31)


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)  # gives the lock back, as the death of the process does


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
