"""A restore: a backup becomes a database, whole or not at all."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    column,
    func,
    insert,
    select,
    text,
)
from sqlalchemy import table as bare_table
from sqlalchemy.exc import DBAPIError

from hub.domain import clock
from hub.domain.errors import Conflict, Invalid, Misconfigured
from hub.keeping import archive as archives
from hub.keeping import sounds, tables, values
from hub.keeping.backup import SEALED_WORD
from hub.keeping.manifest import Manifest, Part
from hub.storage import schema
from hub.storage.blobs import Shelf
from hub.storage.sealing import Seal

VERSION = "alembic_version"
AT_ONCE = 500
SEEDED = frozenset({"rules"})
"""What `hub init` and `hub migrate` put into an empty database themselves."""
AT_WORK = "Hub works on this database; stop its processes and wait a minute"

Told = Callable[[Part], None]


def restore(  # noqa: PLR0913 - each is a choice of the operator
    engine: Engine,
    seal: Seal,
    source: Path,
    *,
    replacing: bool = False,
    any_key: bool = False,
    told: Told = lambda _: None,
    shelf: Shelf | None = None,
) -> Manifest:
    """Fill the database from the backup, in one transaction. `replacing`: what is there goes.

    Its recordings come into `shelf` after that; those that are there stay.

    Invalid: the file (see `inspect`). Conflict: there is something in the database, or Hub works on it. Misconfigured:
    the key is not the one the backup's secrets were sealed with, unless `any_key`.
    """
    manifest = archives.inspect(source)
    if not any_key:
        _check_key(seal, manifest)
    with _alone(), archives.opened(source) as archive, engine.begin() as connection:
        _be_patient(connection)
        _make_room(connection, replacing=replacing)
        schema.upgrade(connection, manifest.schema_revision)
        _check_columns(connection, manifest)
        for part in manifest.parts:
            _fill(connection, archive, part)
            told(part)
        _go_on_counting(connection, manifest)
        schema.upgrade(connection)
    if shelf is not None:
        with archives.opened(source) as archive:
            sounds.restore(archive, shelf)
    schema.migrate(engine.url.render_as_string(hide_password=False))
    return manifest


@contextmanager
def _alone() -> Iterator[None]:
    """Conflict where somebody else is at the tables."""
    try:
        yield
    except DBAPIError as error:
        if schema.is_busy(error):
            raise Conflict(AT_WORK) from error
        raise


def _check_key(seal: Seal, manifest: Manifest) -> None:
    try:
        fits = seal.open(manifest.sealed) == SEALED_WORD
    except Misconfigured:
        fits = False
    if not fits:
        raise Misconfigured(
            "HUB_SECRET_KEY is not the key this backup's secrets were sealed with; put that key in its place (or the "
            "secret.key that lay in the old data directory). Without it, --any-key restores everything else, and the "
            "secrets of connections must be entered again"
        )


def _be_patient(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
    else:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))


def _make_room(connection: Connection, *, replacing: bool) -> None:
    there = MetaData()
    try:
        there.reflect(connection)
    except DBAPIError as error:
        raise Misconfigured(f"the database cannot be read: {error.orig}") from error
    if not there.tables:
        return
    strange = sorted(there.tables.keys() - _ours())
    if strange:
        raise Conflict(f"the database has tables that are not this Hub's: {_some(strange)}; restore into another")
    _check_nobody_works(connection, there)
    full = [name for name in there.tables if name in _kept() - SEEDED and _has_rows(connection, there.tables[name])]
    if full and not replacing:
        raise Conflict(f"the database is not empty ({_some(sorted(full))}); --replace throws away what is there")
    there.drop_all(connection)


def _kept() -> set[str]:
    return {table.name for table in tables.kept()}


def _ours() -> set[str]:
    return _kept() | tables.LEFT_OUT | {VERSION}


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")


def _check_nobody_works(connection: Connection, there: MetaData) -> None:
    if "leases" not in there.tables:
        return
    leases = bare_table("leases", column("until", values.TYPES["moment"]))
    latest = connection.scalar(select(func.max(leases.c.until)))
    if latest is not None and latest > clock.now():
        raise Conflict(AT_WORK)


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None


def _check_columns(connection: Connection, manifest: Manifest) -> None:
    """A backup fills Hub's own tables, those that are kept alone, and each column with what it holds."""
    there = MetaData()
    there.reflect(connection)
    kinds = {table.name: values.kinds_of(table) for table in tables.kept()}
    for part in manifest.parts:
        if part.table not in there.tables or part.table not in kinds:
            raise Invalid(f"the backup has a part {part.table}, which is no table of Hub's that is kept")
        here = {name for name in kinds[part.table] if name in there.tables[part.table].columns}
        strange = [name for name, kind in part.columns if name not in here or kinds[part.table][name] != kind]
        if strange or len(dict(part.columns)) != len(part.columns):
            raise Invalid(f"the backup's {part.table} has columns Hub does not know: {_some(strange) or 'one twice'}")


def _fill(connection: Connection, archive: zipfile.ZipFile, part: Part) -> None:
    kinds = [kind for _, kind in part.columns]
    target = bare_table(part.table, *(column(name, values.TYPES[kind]) for name, kind in part.columns))
    names = [name for name, _ in part.columns]
    rows = (dict(zip(names, _row(kinds, line, part), strict=True)) for line in archives.lines(archive, part.member))
    connection.execute(target.delete())  # what the schema's steps put there themselves is in the backup too
    for some in _steps(rows):
        try:
            connection.execute(insert(target), some)
        except (DBAPIError, OverflowError) as error:
            reason = getattr(error, "orig", None) or error
            raise Invalid(f"the backup's {part.member} does not fit its schema: {reason}") from error


def _row(kinds: Sequence[str], line: bytes, part: Part) -> list[Any]:
    try:
        return values.row(kinds, line)
    except Invalid as error:
        raise Invalid(f"the backup's {part.member} has {error}") from error


def _steps(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, AT_ONCE)):
        yield some


def _go_on_counting(connection: Connection, manifest: Manifest) -> None:
    """New rows get numbers above those that are there; SQLite counts from the rows themselves."""
    if connection.dialect.name != "postgresql":
        return
    there = MetaData()
    there.reflect(connection)
    for part in manifest.parts:
        for found in there.tables[part.table].primary_key.columns:
            _count_on(connection, there.tables[part.table], found)


def _count_on(connection: Connection, table: Table, found: Column[Any]) -> None:
    if not isinstance(found.type, Integer | BigInteger):
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, found.name)))
    if sequence is not None:
        highest = select(func.coalesce(func.max(found) + 1, 1)).scalar_subquery()
        connection.execute(select(func.setval(sequence, highest, False)))
