"""Call detail records where the PBX keeps them: a CSV file, or the ``cdr`` table of FreePBX's database."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import URL, MetaData, Table, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from hub.domain.errors import Misconfigured, Transient
from hub.telephony.listener import Window

MAX_ROWS = 10_000
ROWS_PER_BODY = 1_000
TABLE = "cdr"
TIME_COLUMNS = ("calldate", "start")
DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
TIMEOUTS = {
    "mysql": {"connect_timeout": 5, "read_timeout": 30},
    "postgresql": {"connect_timeout": 5, "options": "-c statement_timeout=30000"},
    "sqlite": {"timeout": 5},
}
# What Asterisk's own cdr_csv writes, without a header line.
MASTER_CSV = [
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
]

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Records:
    """`source`: a path, or the SQLAlchemy address of a database. Times in it are those of `zone`."""

    source: str
    zone: ZoneInfo

    def read(self, window: Window) -> Iterator[bytes]:
        """Records of calls that began in the window, at most MAX_ROWS, as CSV bodies with a header each."""
        earliest, latest = self._local(window)
        read = _from_database if "://" in self.source else _from_file
        rows = read(self.source, earliest, latest)
        columns = next(rows)
        while some := list(islice(rows, ROWS_PER_BODY)):
            yield _body(columns, some)

    def _local(self, window: Window) -> tuple[datetime, datetime]:
        """The window on the PBX's own clock; an hour wider where that clock was changed inside it."""
        since, until = window.since.astimezone(self.zone), window.until.astimezone(self.zone)
        changed = timedelta(0) if since.utcoffset() == until.utcoffset() else timedelta(hours=1)
        return since.replace(tzinfo=None) - changed, until.replace(tzinfo=None) + changed


def _from_file(source: str, earliest: datetime, latest: datetime) -> Iterator[Row]:
    """The column names, then the rows."""
    try:
        with Path(source).open(encoding="utf-8", errors="replace", newline="") as file:
            yield from _rows_of(file, earliest, latest)
    except (OSError, csv.Error) as error:
        raise Transient(f"cannot read call detail records from {source}: {error}") from error


def _rows_of(file: TextIO, earliest: datetime, latest: datetime) -> Iterator[Row]:
    lines = csv.reader(line.replace("\0", "") for line in file)
    first = next(lines, [])
    named = any(column in first for column in TIME_COLUMNS) or 0 < len(first) < len(MASTER_CSV)
    columns = first if named else MASTER_CSV
    rows: Iterable[list[str]] = lines if named else chain([first], lines)
    yield columns
    at = columns.index(_time_column(columns))
    low, high = str(earliest), str(latest)
    yield from islice((row for row in rows if len(row) > at and low <= row[at] <= high), MAX_ROWS)


def _from_database(source: str, earliest: datetime, latest: datetime) -> Iterator[Row]:
    """The column names, then the rows."""
    url = _address(source)
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=TIMEOUTS.get(url.get_backend_name(), {}))
        table = Table(TABLE, MetaData(), autoload_with=engine)
        yield table.columns.keys()
        began = table.columns[_time_column(table.columns.keys())]
        wanted = select(table).where(began >= earliest, began <= latest).order_by(began).limit(MAX_ROWS)
        with engine.connect() as connection:
            yield from connection.execute(wanted)
    except NoSuchTableError as error:
        raise Misconfigured(f"cdr: {url!r} has no table {TABLE!r}") from error
    except (SQLAlchemyError, ImportError) as error:
        raise Transient(f"cannot read call detail records from {url!r}: {_cause(error)}") from error


def _address(source: str) -> URL:
    """The address with a driver we bring; shown without its password."""
    try:
        url = make_url(source)
    except ArgumentError as error:
        raise Misconfigured("cdr: is neither a path nor a database address such as mysql://user@host/db") from error
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def _time_column(columns: Iterable[str]) -> str:
    known = list(columns)
    for name in TIME_COLUMNS:
        if name in known:
            return name
    raise Misconfigured(f"cdr: no column {' or '.join(TIME_COLUMNS)} among {', '.join(known)}")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)


def _body(columns: Row, rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
