"""The snapshot of anything that changed, by its subject (``lead:5``), for the outbox."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.reads.shapes import contact_shapes, lead_shapes, task_shapes

_SHAPES: Mapping[str, tuple[type[Any], Callable[[Session, Sequence[Any]], Sequence[Mapping[str, Any]]]]] = {
    "contact": (ContactRow, contact_shapes),
    "lead": (LeadRow, lead_shapes),
    "task": (TaskRow, task_shapes),
}


def snapshot(session: Session, subject: str) -> tuple[str, dict[str, Any]]:
    """What to call the news and its body: ``lead.changed`` and the lead, or ``lead.removed`` and its id."""
    kind, _, number = subject.partition(":")
    table, shapes = _SHAPES[kind]
    row = session.get(table, int(number))
    if row is None:
        return f"{kind}.removed", {"id": int(number)}
    return f"{kind}.changed", dict(shapes(session, [row])[0])
