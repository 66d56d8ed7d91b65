"""Snapshots of what changed, by subject (``lead:5``), for the outbox."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.reads.shapes import contact_shapes, lead_shapes, task_shapes
from hub.storage.database import loaded_row

_SHAPES: Mapping[str, tuple[type[Any], Callable[[Session, Sequence[Any]], Sequence[Mapping[str, Any]]]]] = {
    "contact": (ContactRow, contact_shapes),
    "lead": (LeadRow, lead_shapes),
    "task": (TaskRow, task_shapes),
}


@dataclass(frozen=True, slots=True)
class News:
    """What to call the news of a subject (``lead.changed``, ``lead.removed``), and its body: all of it, or its id."""

    subject: str
    type: str
    body: dict[str, Any]


def snapshots(session: Session, subjects: Iterable[str]) -> Iterator[News]:
    """Each subject as it stands now, once; kind by kind."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for kind, _, number in (subject.partition(":") for subject in subjects):
        ids[kind].add(int(number))
    for kind in sorted(ids):
        table, shapes = _SHAPES[kind]
        there = {shape["id"]: dict(shape) for shape in shapes(session, _rows(session, table, ids[kind]))}
        for row_id in sorted(ids[kind]):
            subject, body = f"{kind}:{row_id}", there.get(row_id)
            yield News(subject, f"{kind}.changed", body) if body else News(subject, f"{kind}.removed", {"id": row_id})


def _rows(session: Session, table: type[Any], ids: Iterable[int]) -> Sequence[Any]:
    loaded = {row_id: row for row_id in ids if (row := loaded_row(session, table, row_id)) is not None}
    asked = set(ids) - loaded.keys()
    return [*loaded.values(), *(session.scalars(select(table).where(table.id.in_(asked))) if asked else ())]
