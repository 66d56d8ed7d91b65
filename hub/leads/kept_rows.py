"""Rows as JSON and back: what is taken away but may have to come back exactly as it was."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.orm import Session

from hub.storage.database import Base, Moment

T = TypeVar("T")
STEP = 500
"""Ids named in one statement; a database takes only so many."""


def dump(row: Base) -> dict[str, Any]:
    """Every column of a row; moments to the microsecond."""
    return {column.name: _plain(getattr(row, column.name)) for column in _table(type(row)).columns}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def restore(session: Session, table: type[Base], dumped: dict[str, Any], **changed: Any) -> Any:
    """The row again, with what is `changed` of it; it gets another id when its own has been given out since."""
    columns = _table(table).columns
    values = {column.name: _read(column, dumped[column.name]) for column in columns if column.name in dumped}
    if session.get(table, values["id"], populate_existing=True) is not None:
        del values["id"]
    row = table(**(values | changed))
    session.add(row)
    session.flush()
    return row


def _read(column: Any, value: Any) -> Any:
    return datetime.fromisoformat(value) if value is not None and isinstance(column.type, Moment) else value


def _table(table: type[Base]) -> Table:
    return Base.metadata.tables[table.__tablename__]


def steps(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` a few hundred at a time."""
    for start in range(0, len(values), STEP):
        yield values[start : start + STEP]
