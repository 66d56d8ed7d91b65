"""What requests are made of: types with their bounds. The OpenAPI document says the same bounds."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from hub.domain import clock
from hub.domain.identity import MAX_TYPED, clean
from hub.leads import cards
from hub.reads.paging import CURSOR_PATTERN, MAX_LIMIT

BIGGEST_ID = 2**31 - 1
MAX_NOTE = 4000
SOMETHING = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff]"
"""At least one character that is seen; spelled out, for languages disagree about what a space is."""
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _line(text: str) -> str:
    return clean(text, len(text))


def _prose(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n")).strip()


def _moment(text: object) -> object:
    """RFC 3339, nothing looser; what falls out of the calendar by its offset is the calendar's edge."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("expected a time such as 2026-11-22T10:00:00Z")
    try:
        return clock.parse_iso(text.upper())
    except OverflowError:
        return EARLIEST if text.startswith("0001") else LATEST


def _whole(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError("expected a whole number")
    return text


def _decimal(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,32})?([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError("expected a number")
    return text


def integral(number: object) -> object:
    """In JSON 12.0 is the integer 12."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _yes_or_no(text: object) -> object:
    if text not in ("true", "false"):
        raise ValueError("expected true or false")
    return text == "true"


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=SOMETHING), AfterValidator(_line)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=SOMETHING), AfterValidator(_line)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_line)]
Prose = Annotated[str, StringConstraints(max_length=MAX_NOTE), AfterValidator(_prose)]
CardNote = Annotated[str, StringConstraints(max_length=cards.MAX_NOTE), AfterValidator(_prose)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=SOMETHING), AfterValidator(_line)]
Typed = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TYPED, pattern=SOMETHING),
    AfterValidator(_line),
    Field(examples=["+380 67 123 45 67"]),
]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=SOMETHING), AfterValidator(_line)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID), BeforeValidator(integral)]
When = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]

IdempotencyKey = Annotated[
    str, StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$"), Field(examples=["5f2b8c1e-click-1"])
]

QueryId = Annotated[int, Field(ge=1, le=BIGGEST_ID), BeforeValidator(_whole)]
QuerySeconds = Annotated[float, Field(ge=0, le=10_000_000), BeforeValidator(_decimal)]
QueryFlag = Annotated[bool, BeforeValidator(_yes_or_no)]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=SOMETHING), AfterValidator(_line)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_whole)]
Cursor = Annotated[str, StringConstraints(pattern=CURSOR_PATTERN)]


class Query(BaseModel):
    """The query string: every parameter is known, and stands once unless it is a list."""

    model_config = ConfigDict(extra="forbid")


class Listed(Query):
    """A page of a list."""

    limit: Limit = Field(50, description="How many items at most.")
    cursor: Cursor | None = Field(None, description="`next` of the page before; none: the first page.")


class Headers(BaseModel):
    """Headers an operation reads; each field has its header as alias."""


class Body(BaseModel):
    """A JSON body: every field is known and of its exact type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> Any:
        """The fields that were named, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Patch(Body):
    """A change: what is not named stays as it is."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)
