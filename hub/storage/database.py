"""One engine for SQLite (embedded) and PostgreSQL (many processes), and the types both share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.util import identity_key
from sqlalchemy.types import TypeDecorator

from hub.domain.errors import Misconfigured
from hub.storage import search

BUSY_SECONDS = 10
"""How long an embedded writer waits for another; processing holds the write lock for one batch."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment; naive ones are refused, SQLite keeps them as UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time may not be stored")
        aware = value.astimezone(UTC)
        return aware.replace(tzinfo=None) if dialect.name == "sqlite" else aware

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Row = TypeVar("Row")
Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Every stage's tables, in one metadata so that foreign keys and migrations see each other."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this as a class attribute
        datetime: Moment,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def open_engine(url: str, *, statement_seconds: int = 5, pool_size: int = 10) -> Engine:
    """An engine with the waits bounded; Misconfigured when `url` is none we know."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        shown = "something" if "@" in url else repr(url)  # it may hold a password
        expected = "an address such as postgresql://user:password@host/name"
        raise Misconfigured(f"HUB_DATABASE_URL: got {shown}: expected {expected}") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(url, statement_seconds, pool_size)
    raise Misconfigured(f"HUB_DATABASE_URL: got {parsed.get_backend_name()!r}: expected sqlite or postgresql")


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,  # they hold bodies and numbers, and an error repeats them
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's deferred one
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS}000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("lower", 1, search.folded, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turns writer fails at once with "locked"; whoever may write says so first.
        write = connection.get_execution_options().get("hub_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: str, statement_seconds: int, pool_size: int) -> Engine:
    limits = {
        "statement_timeout": statement_seconds * 1000,
        "lock_timeout": 2000,
        "jit": "off",  # compiling a page's query takes longer than running it
        "max_parallel_workers_per_gather": 0,  # and helpers would read far beyond the page's end
        "idle_in_transaction_session_timeout": 30_000,  # a process paused in a transaction must not hold others up
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=2,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 3},
    )


def keep_loaded(session: Session, *rows: object) -> None:
    """Keep rows in the session's memory until it ends: it forgets what nobody holds, and the next to ask asks again."""
    session.info.setdefault("loaded", set()).update(rows)


def loaded_row(session: Session, table: type[Row], row_id: int) -> Row | None:
    """A row the session has in its memory; None when the database would have to be asked."""
    return session.identity_map.get(identity_key(table, row_id))


def upsert(session: Session, table: type[Base]) -> postgresql.Insert:
    """An INSERT that can say ON CONFLICT, for whichever database this is."""
    return insert_into(session.get_bind().dialect.name, table)


def insert_into(dialect: str, table: type[Base] | Table) -> postgresql.Insert:
    """The same for a dialect by name.

    Both dialects' statements have the same methods; PostgreSQL's type stands for both.
    """
    return postgresql.insert(table) if dialect == "postgresql" else cast(postgresql.Insert, sqlite.insert(table))


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads: on SQLite it never waits for a writer."""
    with Session(engine.execution_options(hub_write=False)) as session:
        yield session
