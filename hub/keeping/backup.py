"""A backup: all tables as they are at one moment, written while everybody works on."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Connection, Engine, Table, inspect, select, text

from hub.domain import clock
from hub.domain.errors import Conflict, Misconfigured
from hub.keeping import sounds, tables, values
from hub.keeping.manifest import MEMBER, Manifest, Part, member_of
from hub.storage import schema
from hub.storage.blobs import Shelf
from hub.storage.sealing import Seal

SEALED_WORD = "hub"
AT_ONCE = 500
"""Rows read at once; memory stays flat."""

Told = Callable[[Part], None]


def back_up(
    engine: Engine, seal: Seal, target: Path, told: Told = lambda _: None, shelf: Shelf | None = None
) -> Manifest:
    """Write everything into a new file that only its owner may read; whole, or not at all.

    `shelf`: the recordings there too, as they are when the tables are written; None: none.

    Conflict where the file exists; Misconfigured where it cannot be written or the schema is none this Hub knows.
    """
    if target.exists():
        raise Conflict(f"{target} exists; nothing was written. Choose another name")
    with _whole(target) as file, _snapshot(engine) as connection:
        here = schema.standing_of(connection)
        if here.here is None or here.newer:  # what a newer Hub keeps, this one would forget
            raise Misconfigured(here.words)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            manifest = Manifest(
                hub=version("commhub"),
                schema_revision=here.here,
                made_at=clock.now(),
                sealed=seal.close(SEALED_WORD),
                parts=[_part(archive, connection, table, columns, told) for table, columns in _there(connection)],
                blobs=0 if shelf is None else sounds.write(archive, shelf),
            )
            archive.writestr(MEMBER, manifest.model_dump_json(indent=1))
    return manifest


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its name once everything is on the disk."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".unfinished", dir=target.parent)
    except OSError as error:
        raise Misconfigured(f"{target} cannot be written: {error.strerror}") from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(unfinished, target)
    except OSError as error:
        raise Misconfigured(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _name(unfinished: Path, target: Path) -> None:
    """Unlike a rename, a link never takes another file's place; shares that know no links get the rename."""
    try:
        os.link(unfinished, target)
    except FileExistsError as error:
        raise Conflict(f"{target} was made by somebody else meanwhile; it was left alone") from error
    except OSError:
        unfinished.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _there(connection: Connection) -> list[tuple[Table, list[Column[Any]]]]:
    """The kept tables and their columns, as far as this schema has them: an older one lacks what came later."""
    seen = inspect(connection).get_multi_columns()
    named = {table: {column["name"] for column in columns} for (_, table), columns in seen.items()}
    return [
        (table, [column for column in table.columns if column.name in named[table.name]])
        for table in tables.kept()
        if table.name in named
    ]


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now until it is closed, and holds nobody up."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(hub_write=False) as connection:
            yield connection
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        yield connection


def _part(
    archive: zipfile.ZipFile, connection: Connection, table: Table, columns: Sequence[Column[Any]], told: Told
) -> Part:
    kinds = [values.kind_of(column) for column in columns]
    digest, count = hashlib.sha256(), 0
    with archive.open(member_of(table.name), "w", force_zip64=True) as member:
        for row in _rows(connection, table, columns):
            line = values.line(kinds, row)
            digest.update(line)
            member.write(line)
            count += 1
    named = [(column.name, kind) for column, kind in zip(columns, kinds, strict=True)]
    part = Part(table=table.name, columns=named, rows=count, sha256=digest.hexdigest())
    told(part)
    return part


def _rows(connection: Connection, table: Table, columns: Sequence[Column[Any]]) -> Iterator[Any]:
    chosen = select(*columns).order_by(*table.primary_key.columns)
    yield from connection.execute(chosen.execution_options(yield_per=AT_ONCE))
