"""Request bodies, read strictly: what is ambiguous, oversized or not quite JSON is refused, never guessed at."""

import json
from typing import Any, NoReturn

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_FIELDS = 200
LARGEST = 2**63 - 1


def json_bytes() -> bytes:
    """The body, proven to be JSON that everybody reads alike; 400, 413 or 415 otherwise."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send application/json")
    raw = _bounded()
    _check(raw)
    return raw


def _bounded() -> bytes:
    raw = request.stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES or (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge(f"at most {MAX_BYTES} bytes")
    return raw


def _check(raw: bytes) -> None:
    try:
        text = raw.decode("utf-8")
        if _depth(text) > MAX_DEPTH:
            raise BadRequest(f"nested deeper than {MAX_DEPTH}")
        parsed = json.loads(
            text, parse_constant=_constant, parse_int=_integer, parse_float=_number, object_pairs_hook=_once
        )
    except UnicodeDecodeError as error:
        raise BadRequest("the body is not UTF-8") from error
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if _fields(parsed) > MAX_FIELDS:
        raise BadRequest(f"more than {MAX_FIELDS} fields")


def _depth(text: str) -> int:
    """How deep brackets nest outside strings, told without recursion."""
    deepest = depth = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted, escaped = escaped or character != '"', not escaped and character == "\\"
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _constant(word: str) -> NoReturn:
    raise BadRequest(f"{word} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) > LARGEST:
        raise BadRequest("an integer beyond 64 bits")
    return number


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise BadRequest("a number beyond double precision")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise BadRequest("a field stands twice in one object")
    return dict(pairs)


def _fields(value: Any) -> int:
    """How many members all objects inside have."""
    if isinstance(value, dict):
        return len(value) + sum(map(_fields, value.values()))
    return sum(map(_fields, value)) if isinstance(value, list) else 0
