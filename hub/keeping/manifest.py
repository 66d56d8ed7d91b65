"""What a backup says of itself: a ZIP file with one member of JSON lines for each table, and this, the last member.

Recordings lie under ``blobs/`` as they do in the store.

A line is a list of values in the order of the part's columns. The file's own sums guard against accidents on
the way; what it says is trusted no more than that: see hub.keeping.restore.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.domain.errors import Invalid

MEMBER = "manifest.json"
MAX_BYTES = 1 << 20


class Part(BaseModel):
    """One table. `columns`: each with its kind (hub.keeping.values); `sha256`: of the member's bytes, unpacked."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(pattern="^[a-z][a-z_]{0,62}$")
    columns: list[tuple[str, str]]
    rows: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @property
    def member(self) -> str:
        return member_of(self.table)


class Manifest(BaseModel):
    """`schema_revision`: which the tables had; `sealed`: a word only the right HUB_SECRET_KEY opens."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["hub-backup"] = "hub-backup"
    version: Literal[1] = 1
    hub: str
    schema_revision: str
    made_at: datetime
    sealed: str
    parts: list[Part]
    blobs: int = Field(0, ge=0)
    """Recordings and what was made of them, each a member of its own under `blobs/`."""

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def member_of(table: str) -> str:
    return f"tables/{table}.jsonl"


def read(text: bytes) -> Manifest:
    """Invalid says what is wrong with it."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or MEMBER
        raise Invalid(f"the backup's {MEMBER} is not one this Hub can read: {where}: {first['msg']}") from error
