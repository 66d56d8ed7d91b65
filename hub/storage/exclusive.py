"""One at a time over all processes, given back by the database itself when the holder dies."""

import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

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
