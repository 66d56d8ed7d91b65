"""A simulated phone system's diary: what it meant to happen, call by call, and whether a log says the same."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.domain.clock import parse_iso

Call = Mapping[str, Any]
CLOSE = 1.05
"""Seconds: the notes beside the captures are true to a second, and lengths are rounded to a tenth."""


class Diary:
    """JSON lines in a file, one for each call that ended; used by any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()

    def write(self, connection: str, entry: Call) -> None:
        line = json.dumps({"connection": connection, **entry}, ensure_ascii=False)
        with self._writing, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Every entry, oldest first; none of a diary that was never begun."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def compared(entries: Iterable[Call], calls: Iterable[Call]) -> dict[str, list[str]]:
    """What is wrong in a log (the API's JSON), by call: fields that differ, calls that are missing, calls too many.

    A call of the log is too many when the diary knows nothing of it, so both must be of one stretch of time.
    """
    log = {_name(call): call for call in calls}
    told = {_name(entry): entry for entry in entries}
    wrong = {name: disagreements(entry, log[name]) for name, entry in told.items() if name in log}
    wrong |= {name: ["is not in the log"] for name in told.keys() - log.keys()}
    wrong |= {name: ["is not in the diary"] for name in log.keys() - told.keys()}
    return {name: problems for name, problems in wrong.items() if problems}


def _name(call: Call) -> str:
    return f"{call['connection']} {call['provider_call_id']}"


def disagreements(entry: Call, call: Call) -> list[str]:
    """Where a call of the log (the API's JSON) is not what the diary says, field by field."""
    return [
        f"{name}: the log says {_plain(call.get(name))!r}, the diary {told!r}"
        for name, told in entry.items()
        if not _same(told, _plain(call.get(name)))
    ]


def _plain(said: Any) -> Any:
    """A person of ours is told by the extension."""
    return said["extension"] if isinstance(said, dict) and "extension" in said and "user_id" in said else said


def _same(told: Any, said: Any) -> bool:
    if isinstance(told, list) and isinstance(said, list):
        return len(told) == len(said) and not list(_differing(told, said))
    if isinstance(told, float) and isinstance(said, int | float):
        return abs(told - said) <= CLOSE
    return bool(told == said) or _at_one_time(told, said)


def _differing(told: list[Call], said: list[Call]) -> Iterator[str]:
    """Legs in any order, those of one phone in the order given."""
    pairs = zip(sorted(told, key=_phone), sorted(said, key=_phone), strict=True)
    for ours, theirs in pairs:
        yield from (name for name, value in ours.items() if not _same(value, theirs.get(name)))


def _phone(leg: Call) -> str:
    return str(leg["extension"])


def _at_one_time(told: Any, said: Any) -> bool:
    ours, theirs = _moment(told), _moment(said)
    return ours is not None and theirs is not None and abs((ours - theirs).total_seconds()) <= CLOSE


def _moment(shown: Any) -> datetime | None:
    if isinstance(shown, datetime):
        return shown
    try:
        return parse_iso(shown) if isinstance(shown, str) else None
    except ValueError:
        return None
