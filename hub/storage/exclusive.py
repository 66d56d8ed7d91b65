"""One at a time over all processes, given back by the database itself when the holder dies."""

import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from hub.domain.errors import Transient

_local: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def exclusive(engine: Engine, name: str) -> Iterator[bool]:
    """Yield True while nobody else holds `name`, False at once when somebody does.

    PostgreSQL: an advisory lock of its own connection. SQLite: a lock of this process; between
    processes SQLite itself lets one writer in at a time.
    """
    holding = _postgresql(engine, name) if engine.dialect.name == "postgresql" else _process(str(engine.url) + name)
    with holding as held:
        yield held


@contextmanager
def exclusive_wait(engine: Engine, name: str, seconds: float = 60) -> Iterator[None]:
    """The same, but wait for it; Transient when it was not to be had within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        with exclusive(engine, name) as held:
            if held:
                yield
                return
        if time.monotonic() > deadline:
            raise Transient(f"{name} is being worked on; try again")
        time.sleep(0.05)


@contextmanager
def _postgresql(engine: Engine, name: str) -> Iterator[bool]:
    key = {"key": zlib.crc32(name.encode())}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key))
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


@contextmanager
def _process(name: str) -> Iterator[bool]:
    lock = _local[name]
    held = lock.acquire(blocking=False)
    try:
        yield held
    finally:
        if held:
            lock.release()
