"""A restore: a backup becomes a database, whole or not at all."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
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
from hub.keeping import manifest as manifests
from hub.keeping import values
from hub.keeping.backup import SEALED_WORD
from hub.keeping.manifest import MEMBER, Manifest, Part
from hub.keeping.tables import LEFT_OUT
from hub.storage import schema
from hub.storage.sealing import Seal

NEVER = LEFT_OUT | {"alembic_version"}
AT_ONCE = 500
MAX_LINE = 64 << 20
"""Bytes of one row: above the largest delivery the inbox takes, in base64."""

Told = Callable[[Part], None]


def inspect(source: Path) -> Manifest:
    """What the backup says of itself, after every byte of it was read and its sums are right.

    Invalid says what is wrong: no backup, cut short, changed, of a newer Hub.
    """
    with _opened(source) as archive:
        manifest = _manifest(archive)
        for part in manifest.parts:
            _check(archive, part)
    return manifest


def restore(
    engine: Engine,
    seal: Seal,
    source: Path,
    *,
    replacing: bool = False,
    any_key: bool = False,
    told: Told = lambda _: None,
) -> Manifest:
    """Fill the database from the backup, in one transaction. `replacing`: what is there goes.

    Invalid: the file (see `inspect`). Conflict: there is something in the database, or Hub works on it. Misconfigured:
    the key is not the one the backup's secrets were sealed with, unless `any_key`.
    """
    manifest = inspect(source)
    if not any_key:
        _check_key(seal, manifest)
    with _opened(source) as archive, engine.begin() as connection:
        _be_patient(connection)
        _make_room(connection, replacing=replacing)
        schema.upgrade(connection, manifest.schema_revision)
        _check_columns(connection, manifest)
        for part in manifest.parts:
            _fill(connection, archive, part)
            told(part)
        _go_on_counting(connection, manifest)
        schema.upgrade(connection)
    schema.migrate(engine.url.render_as_string(hide_password=False))
    return manifest


# ---- the file ----


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError as error:
        raise Invalid(f"there is no file {source}") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise Invalid(f"{source} is no backup, or was cut short: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        entry = archive.getinfo(MEMBER)
    except KeyError as error:
        raise Invalid(f"{archive.filename} is no backup of Hub: it has no {MEMBER}") from error
    if entry.file_size > manifests.MAX_BYTES:
        raise Invalid(f"the backup's {MEMBER} is larger than any this Hub can read")
    manifest = manifests.read(b"".join(_lines(archive, MEMBER)))
    if not schema.is_known(manifest.schema_revision):
        newer = f"of a newer Hub ({manifest.hub}) than this one; update Hub"
        raise Invalid(f"the backup has schema {manifest.schema_revision}, {newer}")
    _check_names(archive, manifest)
    return manifest


def _check_names(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Every member is a part, every part has one, and none twice."""
    said = sorted([MEMBER, *(part.member for part in manifest.parts)])
    if sorted(archive.namelist()) != said:
        raise Invalid("the backup's files are not those it names; it was changed after it was made")
    unknown = {kind for part in manifest.parts for _, kind in part.columns} - values.TYPES.keys()
    if unknown:
        raise Invalid(f"the backup has columns of unknown kinds: {', '.join(sorted(unknown))}")


def _check(archive: zipfile.ZipFile, part: Part) -> None:
    digest, count = hashlib.sha256(), 0
    for line in _lines(archive, part.member):
        digest.update(line)
        count += 1
    if (digest.hexdigest(), count) != (part.sha256, part.rows):
        raise Invalid(f"the backup was damaged: {part.member} is not what was written")


def _lines(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    try:
        with archive.open(member) as file:
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise Invalid(f"the backup's {member} has a line longer than any row of Hub's")
                yield line
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Invalid(f"the backup was damaged: {member} cannot be read: {error}") from error


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


# ---- the database ----


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
    if "alembic_version" not in there.tables:
        raise Conflict("the database has tables that are not Hub's; restore into one of its own")
    _check_nobody_works(connection, there)
    full = [name for name in ("users", "connections", "deliveries", "contacts") if _has_rows(connection, there, name)]
    if full and not replacing:
        raise Conflict(f"the database is not empty ({', '.join(full)}); --replace throws away what is there")
    there.drop_all(connection)


def _check_nobody_works(connection: Connection, there: MetaData) -> None:
    if "leases" not in there.tables:
        return
    leases = bare_table("leases", column("until", values.TYPES["moment"]))
    latest = connection.scalar(select(func.max(leases.c.until)))
    if latest is not None and latest > clock.now():
        raise Conflict("Hub works on this database; stop its processes and wait a minute")


def _has_rows(connection: Connection, there: MetaData, name: str) -> bool:
    return name in there.tables and connection.scalar(select(text("1")).select_from(there.tables[name]).limit(1)) == 1


def _check_columns(connection: Connection, manifest: Manifest) -> None:
    """A backup fills Hub's own tables, and those that are kept alone."""
    there = MetaData()
    there.reflect(connection)
    for part in manifest.parts:
        if part.table not in there.tables or part.table in NEVER:
            raise Invalid(f"the backup has a part {part.table}, which is no table of Hub's that is kept")
        strange = {name for name, _ in part.columns} - set(there.tables[part.table].columns.keys())
        if strange:
            raise Invalid(f"the backup's {part.table} has columns Hub does not know: {', '.join(sorted(strange))}")


def _fill(connection: Connection, archive: zipfile.ZipFile, part: Part) -> None:
    kinds = [kind for _, kind in part.columns]
    target = bare_table(part.table, *(column(name, values.TYPES[kind]) for name, kind in part.columns))
    names = [name for name, _ in part.columns]
    rows = (dict(zip(names, _row(kinds, line, part), strict=True)) for line in _lines(archive, part.member))
    connection.execute(target.delete())  # what the schema's steps put there themselves is in the backup too
    for some in _steps(rows):
        try:
            connection.execute(insert(target), some)
        except DBAPIError as error:
            raise Invalid(f"the backup's {part.member} does not fit its schema: {error.orig}") from error


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
