"""The schema changes under a Hub that goes on working, and what an older Hub writes fits every newer schema."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    CHAR,
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine
from structlog.testing import capture_logs

from hub.domain.errors import Misconfigured, Transient
from hub.storage import schema, search
from hub.storage.database import open_engine
from hub.storage.exclusive import exclusive
from tests.pipeline.office import Office, talk
from tests.servers import PostgreSQL
from tests.waiting import until

NEXT = '''
"""A later Hub's change."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None

def upgrade():
    for table in ("deliveries", "calls"):
        op.add_column(table, sa.Column("later", sa.String(20), nullable=True))
        op.create_index(f"ix_{{table}}_later", table, ["later"])
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """From now on there is one more schema, which this code knows nothing of."""
    head = schema.newest()
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    folder.joinpath("versions", "9999_later.py").write_text(NEXT.format(head=head))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return head


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.execute("CREATE DATABASE of_nothing")
    yield server.url("of_nothing")
    server.execute("DROP DATABASE of_nothing WITH (FORCE)")


# ---- what an older Hub writes ----


@pytest.mark.parametrize(("older", "newer"), list(pairwise(schema.revisions())))
def test_an_older_hub_finds_all_it_needs_in_the_next_schema(empty: str, older: str, newer: str) -> None:
    engine = open_engine(empty)
    with engine.begin() as connection:
        schema.upgrade(connection, older)
        before = _columns(connection)
        schema.upgrade(connection, newer)
        after = _columns(connection)
    engine.dispose()
    assert _broken(before, after) == []


@pytest.mark.parametrize(("older", "newer"), list(pairwise(schema.revisions())))
def test_what_an_older_hub_writes_and_reads_fits_the_next_schema(empty: str, older: str, newer: str) -> None:
    """A row in each of its tables, with the columns it knows and no other: before the change and after it."""
    engine = open_engine(empty)
    with engine.begin() as connection:
        schema.upgrade(connection, older)
        tables = _tables(connection)
        before = _fill(connection, tables, 1)
        schema.upgrade(connection, newer)
        after = _fill(connection, tables, 2)
        for table in tables:
            assert _read(connection, table) == {repr(before[table.name]), repr(after[table.name])}
    engine.dispose()
    assert len(tables) > 20


def _tables(connection: Connection) -> list[Table]:
    there = MetaData()
    there.reflect(connection)
    return [table for table in there.sorted_tables if table.name != "alembic_version"]


def _fill(connection: Connection, tables: list[Table], number: int) -> dict[str, list[str]]:
    """One row in each table; pointers point to the row of the same number."""
    written = {}
    for table in tables:
        row = {column.name: _value(column, number) for column in table.columns}
        connection.execute(table.insert(), row)
        written[table.name] = _spelled(row.values())
    return written


def _read(connection: Connection, table: Table) -> set[str]:
    return {repr(_spelled(row)) for row in connection.execute(select(table))}


def _spelled(values: Iterable[Any]) -> list[str]:
    """SQLite's moments come back without their zone, which is UTC everywhere."""
    return [str(value).removesuffix("+00:00") for value in values]


def _value(column: Column[Any], number: int) -> Any:
    """Something the column takes, the same wherever a pointer to it stands."""
    return next((make(number) for kind, make in VALUES.items() if isinstance(column.type, kind)), str(number))


VALUES: dict[type[TypeEngine[Any]], Callable[[int], Any]] = {
    Uuid: lambda number: UUID(int=number),
    CHAR: lambda number: UUID(int=number).hex,
    JSON: lambda number: [number],
    Boolean: lambda number: number == 1,
    DateTime: lambda number: datetime(2026, 11, 23, 10, number, tzinfo=UTC),
    LargeBinary: lambda number: bytes([number]),
    Float: float,
    Integer: lambda number: number,
}


Columns = dict[tuple[str, str], dict[str, Any]]


def _columns(connection: Connection) -> Columns:
    seen = inspect(connection)
    return {(table, each["name"]): dict(each) for table in seen.get_table_names() for each in seen.get_columns(table)}


def _broken(before: Columns, after: Columns) -> list[str]:
    """Why code written for the columns of before could not write or read with those of after."""
    gone = [f"{table}.{column} is gone" for table, column in before if (table, column) not in after]
    stricter = [
        f"{table}.{column} must be told now"
        for (table, column), now in after.items()
        if (table, column) in before and before[table, column]["nullable"] and not now["nullable"]
    ]
    shorter = [
        f"{table}.{column} became shorter"
        for (table, column), now in after.items()
        if (table, column) in before and _length(now) < _length(before[table, column])
    ]
    tables = {table for table, _ in before}
    unknown = [
        f"{table}.{column} has no value when nobody tells one"
        for (table, column), now in after.items()
        if table in tables and (table, column) not in before and not now["nullable"] and now["default"] is None
    ]
    return [*gone, *stricter, *shorter, *unknown]


def _length(column: dict[str, Any]) -> float:
    return getattr(column["type"], "length", None) or float("inf")


# ---- while others work ----


def test_calls_go_on_while_the_schema_changes_under_them(database_url: str, tmp_path: Path, later: str) -> None:
    office = Office.opened(database_url, tmp_path)
    url, wrong = office.hub.engine.url.render_as_string(hide_password=False), list[Exception]()
    told, over = list[str](), threading.Event()

    def work() -> None:
        try:
            while not over.is_set() or len(told) < 40:
                call = f"c{len(told)}"
                office.hear(*talk(call, 100 * len(told), number=f"067{len(told):07}"))
                told.append(call)
                assert {call["provider_call_id"] for call in office.calls()} == set(told)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            wrong.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    until(lambda: len(told) >= 10 or wrong, what="some calls")
    assert schema.migrate(url) == (later, "9999")
    over.set()
    worker.join()
    assert wrong == []
    assert {call["provider_call_id"] for call in office.calls()} == set(told)
    assert set(office.states()) == {"done"}
    office.hub.engine.dispose()


@pytest.mark.usefixtures("later")
def test_a_busy_table_is_given_way_to_and_the_change_comes_a_moment_later(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "PAUSE_SECONDS", 0.05)
    engine = open_engine(postgresql_url)
    holder = engine.connect()
    holder.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
    migrating = threading.Thread(target=schema.migrate, args=(postgresql_url,))
    migrating.start()
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    until(lambda: _scalar(engine, waits), what="the change that waits")
    until(lambda: not _scalar(engine, waits), what="the change that gives way")
    holder.rollback()
    holder.close()
    migrating.join()
    with engine.connect() as connection:
        assert schema.standing_of(connection).here == "9999"
    engine.dispose()


def test_a_table_that_is_busy_for_ever_is_left_as_it_is_and_said_so(
    postgresql_url: str, later: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(schema, "TRIES", 1)
    engine = open_engine(postgresql_url)
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(Transient, match="its tables were busy in each of 1 tries; nothing was changed"):
            schema.migrate(postgresql_url)
    assert schema.standing(engine).here == later
    engine.dispose()


def _scalar(engine: Engine, question: Any) -> Any:
    with engine.connect() as connection:
        return connection.scalar(question)


def test_the_second_says_that_it_waits(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "WAIT_SECONDS", 0.2)
    engine = open_engine(empty)
    with exclusive(engine, "schema"), capture_logs() as said:
        with pytest.raises(Transient, match="schema is being worked on; try again"):
            schema.migrate(empty)
        assert [line["event"] for line in said] == ["another process changes the schema just now; waiting for it"]
    assert schema.standing(engine).here is None
    engine.dispose()


def test_twice_at_once_is_once(empty: str) -> None:
    done = list[tuple[str | None, str]]()
    both = [threading.Thread(target=lambda: done.append(schema.migrate(empty))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(done, key=str) == sorted([(None, schema.newest()), (schema.newest(), schema.newest())], key=str)


def test_a_newer_hubs_database_is_not_touched(database_url: str, later: str, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.migrate(database_url)
    monkeypatch.undo()
    engine = open_engine(database_url)
    assert schema.standing(engine).newer
    with pytest.raises(Misconfigured, match=f"schema 9999, of a newer Hub than this one \\({later}\\); update Hub"):
        schema.migrate(database_url)
    engine.dispose()


def test_an_index_whose_making_was_cut_short_is_made_again(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    index = {"name": "ix_calls_note_words"}
    broken = text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(:name AS regclass)")
    with engine.begin() as connection:
        connection.execute(broken, index)
    search.prepare(engine)
    with engine.connect() as connection:
        valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = CAST(:name AS regclass)")
        assert connection.scalar(valid, index) is True
    engine.dispose()
