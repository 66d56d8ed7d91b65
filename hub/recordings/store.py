"""Recordings as rows: announced by the phone system, once for each call and reference."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.recordings.models import RecordingRow
from hub.storage.database import upsert

PENDING = "pending"
MAX_REFERENCE = 500
"""Characters."""


def announced(session: Session, call_id: UUID, references: Iterable[str], now: datetime, *, new: bool = False) -> None:
    """The recordings this call is said to have; one we do not hold yet and nobody announces any more goes.

    `new`: the call was made just now, so there are none yet.
    """
    wanted = _wanted(references)
    pending = (RecordingRow.call_id == call_id) & (RecordingRow.state == PENDING)
    if not new:
        session.execute(delete(RecordingRow).where(pending, RecordingRow.reference.not_in(wanted)))
    for reference in sorted(wanted):
        row = {"id": uuid4(), "call_id": call_id, "reference": reference, "state": PENDING, "created_at": now}
        once = upsert(session, RecordingRow).values(**row)
        session.execute(once.on_conflict_do_nothing(index_elements=["call_id", "reference"]))


def news(session: Session, announced: Mapping[UUID, Iterable[str]]) -> set[UUID]:
    """Those of these calls whose recordings, as announced, are not the ones we know of."""
    known: dict[UUID, dict[str, str]] = {call_id: {} for call_id in announced}
    columns = (RecordingRow.call_id, RecordingRow.reference, RecordingRow.state)
    for call_id, reference, state in session.execute(select(*columns).where(RecordingRow.call_id.in_(known))):
        known[call_id][reference] = state
    return {call_id for call_id, references in announced.items() if _differ(_wanted(references), known[call_id])}


def _differ(wanted: set[str], known: Mapping[str, str]) -> bool:
    unwanted = (state for reference, state in known.items() if reference not in wanted)
    return not wanted <= known.keys() or PENDING in unwanted


def _wanted(references: Iterable[str]) -> set[str]:
    return {reference[:MAX_REFERENCE] for reference in references}


def of_calls(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[RecordingRow]]:
    """The recordings of each call, oldest first."""
    found: dict[UUID, list[RecordingRow]] = {}
    rows = select(RecordingRow).where(RecordingRow.call_id.in_(ids)).order_by(RecordingRow.created_at, RecordingRow.id)
    for row in session.scalars(rows):
        found.setdefault(row.call_id, []).append(row)
    return found
