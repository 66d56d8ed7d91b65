"""Bytes of a delivery as facts: manager events line by line, or tables of CEL and CDR rows."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.telephony.providers.asterisk import ami, cdr, cel, tables
from hub.telephony.providers.asterisk.settings import AsteriskSettings

Line = Mapping[str, Any]
_UNDERSTOOD = ("banner", "sent", "response", "note", "disconnected")
"""Kinds of lines that say nothing of a call."""


def facts(delivery: Delivery) -> list[Fact]:
    """Everything the delivery says; Unrecognised names the first line nobody understands."""
    settings = delivery.settings if isinstance(delivery.settings, AsteriskSettings) else AsteriskSettings()
    told = _of_table if delivery.content_type.startswith("text/csv") else _of_lines
    return list(told(delivery, settings))


def _of_table(delivery: Delivery, settings: AsteriskSettings) -> Iterator[Fact]:
    for number, row in tables.rows(delivery.body):
        yield from _checked(number, row, settings)


def _of_lines(delivery: Delivery, settings: AsteriskSettings) -> Iterator[Fact]:
    echoes: list[Fact] = []
    native = False
    for number, line in _parsed(delivery):
        match line:
            case {"event": {"Event": "CEL"} as event}:
                echoes += _echo(event, _at(number, line, delivery), settings)
            case {"event": {"Event": str()} as event}:
                for fact in _of_event(number, event, _at(number, line, delivery), settings):
                    native = native or "Channel" in fact.data
                    yield fact
            case {"eventtype": _} | {"disposition": _}:
                yield from _checked(number, {name: str(value) for name, value in line.items()}, settings)
            case dict() if any(kind in line for kind in _UNDERSTOOD):
                continue
            case _:
                raise Unrecognised(f"line {number}: neither a manager event nor any other line of a capture")
    # Where the manager user hears channel events, its CEL events only say the same again.
    if not native:
        yield from echoes


def _parsed(delivery: Delivery) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(delivery.body.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Unrecognised(f"line {number} is not JSON: {error}") from error


def _at(number: int, line: Line, delivery: Delivery) -> datetime:
    """The moment of receipt in the line; of one that carries none, the delivery's."""
    shown = line.get("at")
    if shown is None:
        return delivery.received_at
    try:
        return parse_iso(str(shown))
    except (ValueError, OverflowError) as error:
        raise Unrecognised(f"line {number}: {shown!r} is no time") from error


def _of_event(number: int, event: Line, at: datetime, settings: AsteriskSettings) -> Iterator[Fact]:
    if event["Event"] == "Cdr":
        yield from _checked(number, cdr.of_manager_event(event), settings)
    elif event["Event"] == "HubGap" and not _is_gap(event):
        raise Unrecognised(f"line {number}: a gap without its two moments")
    elif ami.keeps(event) and (nodes := ami.nodes(event)):
        yield Fact(nodes=nodes, at=at, data=ami.trim(event))


def _echo(event: Line, at: datetime, settings: AsteriskSettings) -> Iterator[Fact]:
    row = cel.of_manager_event(event) | {"eventtime": at.isoformat()}
    if fact := cel.fact(row, settings):
        yield fact


def _checked(number: int, row: Mapping[str, str], settings: AsteriskSettings) -> Iterator[Fact]:
    row = tables.renamed(row)
    reader = cel.fact if tables.is_cel(row) else cdr.fact if tables.is_cdr(row) else None
    if reader is None:
        raise Unrecognised(f"line {number}: a row without the columns of a CEL or CDR table")
    try:
        fact = reader(row, settings)
    except ValueError as error:
        raise Unrecognised(f"line {number}: {error}") from error
    if fact is not None:
        yield fact


def _is_gap(event: Line) -> bool:
    try:
        return parse_iso(event["From"]) <= parse_iso(event["To"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
