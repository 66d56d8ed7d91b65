"""Values of rows as JSON, the same whichever database they come from and go to."""

import base64
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, LargeBinary, Numeric, String, Table, Uuid
from sqlalchemy.types import TypeEngine

from hub.domain import clock
from hub.domain.errors import Invalid
from hub.storage.database import Json, Moment

KINDS: dict[str, tuple[type[TypeEngine[Any]], ...]] = {
    "moment": (Moment,),
    "json": (JSON,),
    "bytes": (LargeBinary,),
    "uuid": (Uuid,),
    "bool": (Boolean,),
    "int": (Integer,),
    "float": (Numeric, Float),
    "text": (String,),
}
"""What a column holds, by SQLAlchemy's types; the first that fits."""
TYPES: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "json": Json,
    "bytes": LargeBinary(),
    "uuid": Uuid(),
    "bool": Boolean(),
    "int": BigInteger(),
    "float": Float(),
    "text": String(),
}
PLAIN: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (float, int), "text": (str,)}
"""What JSON has itself; a database that is not strict would take anything."""


def kind_of(column: Column[Any]) -> str:
    return next(kind for kind, types in KINDS.items() if isinstance(column.type, types))


def kinds_of(table: Table) -> dict[str, str]:
    """Each column's kind, by its name."""
    return {column.name: kind_of(column) for column in table.columns}


def line(kinds: Sequence[str], row: Sequence[Any]) -> bytes:
    """One row, ending in a newline."""
    values = [_told(kind, value) for kind, value in zip(kinds, row, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _told(kind: str, value: Any) -> Any:
    match kind:
        case _ if value is None:
            return None
        case "moment":
            return value.isoformat()
        case "bytes":
            return base64.b64encode(value).decode()
        case "uuid":
            return str(value)
        case _:
            return value


def row(kinds: Sequence[str], text: bytes) -> list[Any]:
    """The values of a line; Invalid when it is none."""
    try:
        values = json.loads(text.decode("utf-8", "surrogatepass"))
        return [_read(kind, value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid("a line that is no row of it") from error


def _read(kind: str, value: Any) -> Any:
    match kind:
        case _ if value is None:
            return None
        case "moment":
            return clock.parse_iso(value)
        case "bytes":
            return base64.b64decode(value, validate=True)
        case "uuid":
            return UUID(value)
        case "json":
            return value
        case _ if type(value) in PLAIN[kind]:
            return value
        case _:
            raise TypeError(kind)
