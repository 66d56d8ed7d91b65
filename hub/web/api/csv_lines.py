"""Calls as lines of CSV, safe to open in a spreadsheet, however many there are."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy.orm import Session

from hub.domain.access import Permission
from hub.reads import afterwards
from hub.reads import calls as call_log
from hub.reads.call_query import CallFilter
from hub.reads.names import names
from hub.reads.paging import MAX_LIMIT
from hub.reads.shapes import CallShape
from hub.web.acts import Desk

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|-?[0-9]+(\.[0-9]+)?", re.ASCII)
COLUMNS = (
    "started_at", "direction", "outcome", "number", "name", "client", "line", "queue", "person", "extension",
    "ring_seconds", "talk_seconds", "duration_seconds", "reason", "result", "tags", "note", "id",
)  # fmt: skip


def call_lines(desk: Desk, wanted: Callable[[Session, str], CallFilter]) -> Iterator[str]:
    """Every call the viewer may export, newest first, a chunk for each call; the first line names the columns."""
    with desk.hub.reading() as session:
        chosen = wanted(session, desk.hub.rules.region)
        users = names(session).users
        yield line(COLUMNS)
        calls = call_log.stream(session, desk.viewer, chosen, Permission.EXPORT)
        while some := list(islice(calls, MAX_LIMIT)):
            came_of = afterwards.results(session, desk.viewer, [call["id"] for call in some])
            session.rollback()  # a slow reader holds no connection meanwhile
            yield from (line(_cells(call, users.get, came_of.get(call["id"]))) for call in some)


def line(cells: Iterable[object]) -> str:
    """One line, as RFC 4180 writes it."""
    out = io.StringIO()
    csv.writer(out).writerow(safe(cell) for cell in cells)
    return out.getvalue()


def safe(cell: object) -> str:
    """A cell's text; what a spreadsheet would run as a formula begins with an apostrophe, numbers stay as they are."""
    text = "" if cell is None else str(cell)
    start = unicodedata.normalize("NFKC", text).strip()[:1]
    return f"'{text}" if start and start in "=+-@%|" and not _NUMBER.fullmatch(text) else text


def _cells(call: CallShape, user: Callable[[int], str | None], result: str | None) -> Iterator[object]:
    ours = call["answered_by"] or call["initiated_by"]
    yield from (call["started_at"], call["direction"], call["outcome"])
    yield call["external_number"] or call["typed_number"]
    yield call["external_name"]
    yield call["contact"]["name"] if call["contact"] else None
    yield from (call["line"], call["queue"])
    yield user(ours["user_id"]) if ours and ours["user_id"] else None
    yield ours["extension"] if ours else None
    yield from (call["ring_seconds"], call["talk_seconds"], call["duration_seconds"], call["reason"])
    yield from (result, ", ".join(call["tags"]), call["note"], call["id"])
