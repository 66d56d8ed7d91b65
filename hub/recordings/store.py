"""Recordings as rows: announced by the phone system, once for each call and reference."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.recordings.models import RecordingRow
from hub.storage.database import upsert


def announced(session: Session, call_id: UUID, references: Iterable[str], now: datetime, *, new: bool = False) -> None:
    """The recordings this call is said to have; one we do not hold yet and nobody announces any more goes.

    `new`: the call was made just now, so there are none yet.
    """
    wanted = {reference[:500] for reference in references}
    pending = (RecordingRow.call_id == call_id) & (RecordingRow.state == "pending")
    if not new:
        session.execute(delete(RecordingRow).where(pending, RecordingRow.reference.not_in(wanted)))
    for reference in sorted(wanted):
        row = {"id": uuid4(), "call_id": call_id, "reference": reference, "state": "pending", "created_at": now}
        once = upsert(session, RecordingRow).values(**row)
        session.execute(once.on_conflict_do_nothing(index_elements=["call_id", "reference"]))


def of_calls(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[RecordingRow]]:
    """The recordings of each call, oldest first."""
    found: dict[UUID, list[RecordingRow]] = {}
    rows = select(RecordingRow).where(RecordingRow.call_id.in_(ids)).order_by(RecordingRow.created_at, RecordingRow.id)
    for row in session.scalars(rows):
        found.setdefault(row.call_id, []).append(row)
    return found
