"""The schema: which one the database has, and how it becomes the newest while others work on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from hub.domain.errors import Misconfigured, Transient
from hub.storage import search
from hub.storage.database import open_engine
from hub.storage.exclusive import exclusive_wait

MIGRATIONS = Path(__file__).parent / "migrations"
STATEMENT_SECONDS = 3600
"""A step may rewrite a large table; nobody waits for it, see LOCKED."""
LOCKED = ("55P03", "40P01")
"""SQLSTATEs of a table that others hold: lock_not_available after the engine's two seconds, deadlock_detected."""
TRIES = 30
PAUSE_SECONDS = 1.0
WAIT_SECONDS = 600.0
"""For another `hub migrate` that is at work."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """The schema a database has and the newest this Hub knows; `here` is None where there is none yet."""

    here: str | None
    newest: str
    known: bool

    @property
    def current(self) -> bool:
        return self.here == self.newest

    @property
    def newer(self) -> bool:
        """Made by a later Hub. Columns are only ever added, so this one works on it too."""
        return not self.known

    @property
    def words(self) -> str:
        """For a person, with what to do; for one that is not current."""
        if self.here is None:
            return "the database has no tables yet; run `hub init` first"
        if self.newer:
            return f"the database has schema {self.here}, of a newer Hub than this one ({self.newest}); update Hub"
        return f"the database has schema {self.here}, this Hub needs {self.newest}; run `hub migrate`"


def standing(engine: Engine) -> Standing:
    """Raises what the driver raises where the database does not answer."""
    with engine.connect() as connection:
        return standing_of(connection)


def standing_of(connection: Connection) -> Standing:
    here = MigrationContext.configure(connection).get_current_revision()
    return Standing(here, newest(), here is None or is_known(here))


def newest() -> str:
    return revisions()[-1]


def is_known(revision: str) -> bool:
    return revision in revisions()


def revisions() -> list[str]:
    """Every schema this Hub knows, the oldest first."""
    return _revisions(MIGRATIONS)


@cache
def _revisions(folder: Path) -> list[str]:
    return [script.revision for script in ScriptDirectory(folder).walk_revisions()][::-1]


def config(url: str | None = None, connection: Connection | None = None) -> Config:
    """Alembic's settings: on a database of its own, or inside the transaction of `connection`."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes.update(url=url, connection=connection)
    return made


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database at `url` to the newest schema; the one it had, and the one it has now.

    One at a time; a step that meets a busy table gives way within two seconds and is tried again, so that nobody who
    works on the database waits longer than that. Transient when it does not come through; Misconfigured when the
    database is a newer Hub's.
    """
    engine = open_engine(url, statement_seconds=STATEMENT_SECONDS)
    try:
        with exclusive_wait(engine, "schema", WAIT_SECONDS, silence=STATEMENT_SECONDS, told=_say_we_wait):
            before = standing(engine)
            if before.newer:
                raise Misconfigured(before.words)
            if not before.current:
                _insist(url)
            if engine.dialect.name == "postgresql":
                search.prepare(engine)
        return before.here, before.newest
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to `revision` inside the connection's transaction."""
    command.upgrade(config(connection=connection), revision)


def _say_we_wait() -> None:
    log.warning("another process changes the schema just now; waiting for it")


def _insist(url: str) -> None:
    for number in range(1, TRIES + 1):
        with _given_way() as gave_way:
            command.upgrade(config(url), "head")
        if not gave_way:
            return
        log.warning("tables are busy; the schema is changed a moment later", attempt=number, of=TRIES)
        time.sleep(PAUSE_SECONDS)
    raise Transient(
        f"the schema could not be changed: its tables were busy in each of {TRIES} tries; nothing was changed. "
        "Try again when there is less to do, or stop Hub for it"
    )


@contextmanager
def _given_way() -> Iterator[list[OperationalError]]:
    """Empty when the work inside was done; with the reason when others were at the tables. Other errors are raised."""
    found: list[OperationalError] = []
    try:
        yield found
    except OperationalError as error:
        if not is_busy(error):
            raise
        found.append(error)


def is_busy(error: DBAPIError) -> bool:
    """Others held what we wanted to change, and we gave up waiting."""
    return getattr(error.orig, "sqlstate", None) in LOCKED or "database is locked" in str(error.orig)
