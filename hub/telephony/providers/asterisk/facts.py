"""Bytes of a delivery as facts: manager events line by line, or tables of CEL and CDR rows."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.telephony.providers.asterisk import ami

_UNDERSTOOD = ("banner", "sent", "response", "note", "disconnected")
"""Kinds of lines that say nothing of a call."""


def facts(delivery: Delivery) -> Iterator[Fact]:
    for number, line in enumerate(delivery.body.splitlines(), start=1):
        if line.strip():
            try:
                yield from _line_facts(json.loads(line), delivery)
            except (ValueError, RecursionError, Unrecognised) as error:
                raise Unrecognised(f"line {number}: {error}") from error


def _line_facts(line: Any, delivery: Delivery) -> Iterator[Fact]:
    match line:
        case {"event": {"Event": str()} as event}:
            if ami.keeps(event) and (nodes := ami.nodes(event)):
                yield Fact(nodes=nodes, at=_at(line, delivery), data=ami.trim(event))
        case {**fields} if any(kind in fields for kind in _UNDERSTOOD):
            return
        case _:
            raise Unrecognised("neither a manager event nor any other line of a capture")


def _at(line: Mapping[str, Any], delivery: Delivery) -> datetime:
    at = line.get("at")
    return parse_iso(at) if isinstance(at, str) else delivery.received_at
