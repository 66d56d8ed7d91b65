"""What Twilio asks or tells, read: its fields, and what we had written into the address it came to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from hub.domain.delivery import Delivery
from hub.domain.errors import Unrecognised
from hub.domain.identity import clean

JSON = "application/json"
MAX_FIELDS = 200
MAX_VALUE = 1000
YEARS = range(2000, 2200)


class Fields(dict[str, list[str]]):
    """Fields by name; one that repeats has many values. `getlist` is how Twilio's validator asks."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


@dataclass(frozen=True, slots=True)
class Told:
    """`fields` are Twilio's (``CallSid``), `context` ours (``of``), from the signed address. `at`: when we had it."""

    door: str
    fields: Mapping[str, str]
    context: Mapping[str, str]
    at: datetime

    def get(self, name: str) -> str | None:
        """A field that says something."""
        return self.fields.get(name) or None

    def moment(self, name: str) -> datetime | None:
        """A field that is a time (RFC 2822), None when it is none."""
        return moment(self.fields.get(name))


def read(delivery: Delivery) -> Told:
    """Unrecognised when these are no fields at all."""
    try:
        query = {name: values[0] for name, values in parsed(delivery.query).items()}
    except ValueError as error:
        raise Unrecognised(f"no query: {error}") from error
    return Told(
        door=delivery.path.strip("/"),
        fields=_fields(delivery, query),
        context={name: value for name, value in query.items() if name.islower()},
        at=delivery.received_at,
    )


def parsed(text: str) -> Fields:
    """Fields of a form or a query; ValueError when there are more than anybody sends."""
    fields = Fields()
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS):
        fields.setdefault(name, []).append(value)
    return fields


def form(body: bytes) -> Fields:
    return parsed(body.decode("utf-8", "replace"))


def moment(text: str | None) -> datetime | None:
    """An RFC 2822 time, None when it is none, or no year of ours."""
    try:
        found = parsedate_to_datetime(text or "")
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.year in YEARS else None


def _fields(delivery: Delivery, query: Mapping[str, str]) -> dict[str, str]:
    """From the body; a GET has none, there they stand in the query."""
    if delivery.content_type == JSON:
        said: Iterator[tuple[str, Any]] = _object(delivery)
    elif delivery.body:
        said = ((name, values[0]) for name, values in _form(delivery).items())
    else:
        said = iter(query.items())
    return {name: clean(str(value), MAX_VALUE) for name, value in said if isinstance(value, str | int | float)}


def _object(delivery: Delivery) -> Iterator[tuple[str, Any]]:
    said = delivery.json()
    if not isinstance(said, dict):
        raise Unrecognised("twilio says an object or a form, not this")
    yield from said.items()


def _form(delivery: Delivery) -> Fields:
    try:
        return form(delivery.body)
    except ValueError as error:
        raise Unrecognised(f"no form: {error}") from error
