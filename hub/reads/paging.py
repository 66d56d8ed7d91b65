"""Pages of a list, newest first, by an opaque cursor that stays right while new rows arrive.

A cursor is the place of the last row shown: microseconds since 1970 and the row's id, 24 bytes in
URL-safe base64. It holds no secret and widens nobody's sight, so any 32 such characters are a place.
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, SQLColumnExpression, literal, tuple_

from hub.domain.errors import Invalid
from hub.storage.database import Moment

MAX_LIMIT = 200
CURSOR_PATTERN = "^[A-Za-z0-9_-]{32}$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_SPAN = (_FIRST - EPOCH) // _MICROSECOND, (_LAST - EPOCH) // _MICROSECOND
_BIGGEST_ID = 2**31 - 1
RowId = SQLColumnExpression[UUID] | SQLColumnExpression[int]
T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the moment and the id of its last row."""

    at: datetime
    id: UUID | int

    @classmethod
    def parse(cls, cursor: str, kind: type[UUID] | type[int]) -> "Place":
        """The place a cursor names, in a list whose ids are of `kind`; Invalid when it is no cursor."""
        if not re.fullmatch(CURSOR_PATTERN, cursor):
            raise Invalid("not a cursor this list gave out", "cursor")
        raw = base64.urlsafe_b64decode(cursor)
        micros = min(max(int.from_bytes(raw[:8], "big", signed=True), _SPAN[0]), _SPAN[1])
        number = int.from_bytes(raw[8:], "big")
        return cls(EPOCH + micros * _MICROSECOND, UUID(int=number) if kind is UUID else min(number, _BIGGEST_ID))

    def __str__(self) -> str:
        micros = (self.at - EPOCH) // _MICROSECOND
        number = self.id.int if isinstance(self.id, UUID) else self.id
        return base64.urlsafe_b64encode(micros.to_bytes(8, "big", signed=True) + number.to_bytes(16, "big")).decode()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list; `next` is the cursor of what follows, None at the end."""

    items: list[T]
    next: str | None

    def map(self, shape: Callable[[Sequence[T]], list[S]]) -> "Page[S]":
        return Page(shape(self.items), self.next)


def cut(rows: Sequence[T], limit: int, place: Callable[[T], Place]) -> Page[T]:
    """A page of `limit` from rows read with one more than that."""
    more = len(rows) > limit
    return Page(list(rows[:limit]), str(place(rows[limit - 1])) if more else None)


def bounded(limit: int) -> int:
    """`limit` when a page may be that long; Invalid otherwise."""
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"got {limit}: a page has 1 to {MAX_LIMIT} items", "limit")
    return limit


def older(at: SQLColumnExpression[datetime], row_id: RowId, than: Place) -> ColumnElement[bool]:
    """Rows that come after `than` when the newest come first."""
    return _beside(at, row_id, than, "<")


def later(at: SQLColumnExpression[datetime], row_id: RowId, than: Place) -> ColumnElement[bool]:
    """Rows that come after `than` when the oldest come first."""
    return _beside(at, row_id, than, ">")


def _beside(at: SQLColumnExpression[datetime], row_id: RowId, than: Place, sign: str) -> ColumnElement[bool]:
    edge = tuple_(literal(than.at, Moment()), literal(than.id))
    return tuple_(at, row_id).op(sign, is_comparison=True, return_type=Boolean())(edge)
