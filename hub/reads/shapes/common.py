"""Types and look-ups every shape uses.

Moments are ISO 8601 in UTC with milliseconds, lengths are seconds rounded to 0.1.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, WithJsonSchema
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.inbox.models import ConnectionRow
from hub.leads.models import ContactRow
from hub.storage.database import loaded_row

Moment = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T10:00:00.120Z"]})
]
Seconds = Annotated[float, Field(ge=0, examples=[61.0])]
Id = Annotated[int, Field(ge=1, examples=[12])]
Uuid = Annotated[
    str, WithJsonSchema({"type": "string", "format": "uuid", "examples": ["0198c7a4-5f00-7c31-9d5e-2f6b1c9f4a10"]})
]
E164 = Annotated[str, Field(examples=["+380671234567"])]


class Named(TypedDict):
    """Something with an id and a name."""

    id: Id
    name: str


def names_of(
    session: Session, table: type[ConnectionRow] | type[ContactRow], ids: Iterable[int | None]
) -> Mapping[int, str]:
    """The names of these rows, by id."""
    wanted = {found for found in ids if found is not None}
    loaded = {each: row.name for each in wanted if (row := loaded_row(session, table, each)) is not None}
    asked = wanted - loaded.keys()
    if not asked:
        return loaded
    return loaded | dict(session.execute(select(table.id, table.name).where(table.id.in_(asked))).all())


def named(row_id: int | None, names: Mapping[int, str]) -> Named | None:
    return None if row_id is None or row_id not in names else {"id": row_id, "name": names[row_id]}
