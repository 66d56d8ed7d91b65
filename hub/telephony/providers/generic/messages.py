"""One push as a fact: the fields people's systems send, as a form, as JSON, or in the address itself."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.domain.identity import clean

EVENTS = ("newCall", "answer", "hangup")
DIRECTIONS = ("in", "out")
MAX_FIELDS = 200
MAX_PHONES = 50
MAX_TEXT = 200
MAX_LINK = 2000
"""Signed links are long, and worth nothing when cut."""
LINKS = ("recordingUrl", "recording", "link")
"""Where a recording can be fetched, as systems call it."""
Fields = Mapping[str, list[str]]


def fact(delivery: Delivery) -> Fact:
    """What one push says of one call; Unrecognised names what is missing or wrong."""
    said = fields(delivery)
    event, call = _one(said, "event"), _one(said, "callId")
    if event not in EVENTS:
        raise Unrecognised(f"event: got {event!r}: expected newCall, answer or hangup")
    if not call:
        raise Unrecognised("callId: is missing; every push names its call")
    direction = _one(said, "direction")
    if direction not in (DIRECTIONS if event == "newCall" else (*DIRECTIONS, "")):
        raise Unrecognised(f"direction: got {direction!r}: expected in or out")
    whole = _one(said, "origCallId") or call
    return Fact(nodes=frozenset({call, whole}), at=_at(said, delivery), data=_data(said, call, whole))


def _data(said: Fields, call: str, whole: str) -> dict[str, Any]:
    texts = ("event", "direction", "from", "to", "queue", "cause", "answeringNumber", "request")
    data: dict[str, Any] = {name: text for name in texts if (text := _one(said, name))}
    if link := next(filter(None, (_one(said, name) for name in LINKS)), None):
        data["recordingUrl"] = link
    data |= {"call": call, "whole": whole, "phones": _phones(said)}
    return data | ({"talked": talked} if (talked := _seconds(_one(said, "duration"))) is not None else {})


def fields(delivery: Delivery) -> Fields:
    """Every field with its values; a list's name may end in ``[]``."""
    pairs = _json_pairs(delivery) if _is_json(delivery) else _form_pairs(delivery)
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.removesuffix("[]"), []).append(clean(value, MAX_LINK if name in LINKS else MAX_TEXT))
        if len(found) > MAX_FIELDS or len(found[name.removesuffix("[]")]) > MAX_FIELDS:
            raise Unrecognised(f"more than {MAX_FIELDS} fields")
    return found


def _is_json(delivery: Delivery) -> bool:
    return delivery.content_type.endswith("json") or delivery.body.lstrip()[:1] == b"{"


def _form_pairs(delivery: Delivery) -> list[tuple[str, str]]:
    text = delivery.body.decode("utf-8", "replace") or delivery.query
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Unrecognised(f"no form: {error}") from error


def _json_pairs(delivery: Delivery) -> Iterable[tuple[str, str]]:
    try:
        said = json.loads(delivery.body)
    except (ValueError, RecursionError) as error:
        raise Unrecognised(f"not JSON: {error}") from error
    if not isinstance(said, dict):
        raise Unrecognised("expected a JSON object")
    for name, value in said.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                yield name, str(one)


def _one(said: Fields, name: str) -> str:
    return next(iter(said.get(name, ())), "")


def _phones(said: Fields) -> list[str]:
    """Whom the push names: several when a group rings."""
    return [phone for phone in dict.fromkeys(said.get("user", ())) if phone][:MAX_PHONES]


def _at(said: Fields, delivery: Delivery) -> datetime:
    """`timestamp` where the system says one (ISO 8601 with offset, or seconds since 1970), else the receipt."""
    text = _one(said, "timestamp")
    if not text:
        return delivery.received_at
    try:
        return datetime.fromtimestamp(float(text), UTC) if _is_number(text) else parse_iso(text)
    except (ValueError, OverflowError, OSError):
        raise Unrecognised(
            f"timestamp: got {text!r}: expected 2026-11-22T10:00:00+02:00 or seconds since 1970"
        ) from None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _seconds(text: str) -> float | None:
    """A length that can be one; what cannot is left out, as unknown fields are."""
    return float(text) if _is_number(text) and len(text) < 10 else None
