"""The call as everybody outside sees it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.activity import Certainty
from hub.domain.calls import CallState, Direction, LegOutcome, Outcome, Party, Via
from hub.inbox.models import ConnectionRow
from hub.leads.models import ContactRow
from hub.reads.shapes.common import E164, Id, Moment, Named, Seconds, Uuid, named, names_of
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow


class Person(TypedDict):
    """One of ours, by phone; `user_id` null: nobody has this extension."""

    extension: str
    user_id: Id | None


class Leg(TypedDict):
    """One phone's part in a call."""

    extension: str
    user_id: Id | None
    rang_at: Moment | None
    answered_at: Moment | None
    left_at: Moment | None
    outcome: LegOutcome | None
    via: Via


class MatchShape(TypedDict):
    """How sure it is whose contact this was, in words, with every card it could be."""

    certainty: Certainty
    why: str
    candidates: list[Id]


class RecordingShape(TypedDict):
    """A recording of a call; `stored` when Hub holds its own copy."""

    id: Uuid
    state: Literal["pending", "stored", "failed", "expired", "erased"]
    seconds: float | None
    channels: int | None


class CallShape(TypedDict):
    """A call: one conversation with all its legs."""

    id: Uuid
    connection: str
    provider_call_id: str
    direction: Direction
    state: CallState
    outcome: Outcome | None
    reason: str | None
    external_number: E164 | None
    external_name: str | None
    typed_number: str | None
    line: E164 | None
    queue: str | None
    started_at: Moment
    answered_at: Moment | None
    ended_at: Moment | None
    ring_seconds: Seconds
    talk_seconds: Seconds
    hold_seconds: Seconds
    duration_seconds: Seconds
    hung_up_by: Party | None
    initiated_by: Person | None
    answered_by: Person | None
    legs: list[Leg]
    contact: Named | None
    match: MatchShape
    lead_id: Id | None
    recordings: list[RecordingShape]
    tags: list[str]
    note: str | None


def call_snapshot(session: Session, row: CallRow) -> CallShape:
    """One call, whole."""
    return call_shapes(session, [row])[0]


def call_shapes(session: Session, rows: Sequence[CallRow]) -> list[CallShape]:
    """Calls in the order given, with the names and recordings that stand elsewhere."""
    connections = names_of(session, ConnectionRow, (row.connection_id for row in rows))
    contacts = names_of(session, ContactRow, (row.contact_id for row in rows))
    kept = _recordings(session, [row.id for row in rows])
    return [call_shape(row, connections[row.connection_id], contacts, kept[row.id]) for row in rows]


def _recordings(session: Session, calls: Sequence[UUID]) -> Mapping[UUID, list[RecordingShape]]:
    kept: defaultdict[UUID, list[RecordingShape]] = defaultdict(list)
    if calls:
        mine = select(RecordingRow).where(RecordingRow.call_id.in_(calls)).order_by(RecordingRow.created_at)
        for row in session.scalars(mine):
            if row.call_id is not None:
                kept[row.call_id].append(_recording(row))
    return kept


def _recording(row: RecordingRow) -> RecordingShape:
    state: Any = row.state
    seconds = None if row.seconds is None else round(row.seconds, 1)
    return {"id": str(row.id), "state": state, "seconds": seconds, "channels": row.channels}


def call_shape(
    row: CallRow, connection: str, contacts: Mapping[int, str], recordings: list[RecordingShape]
) -> CallShape:
    """A call from its row; `contacts` are the names of cards by id."""
    return {
        "id": str(row.id),
        "connection": connection,
        "provider_call_id": row.provider_call_id,
        "direction": Direction(row.direction),
        "state": CallState(row.state),
        "outcome": Outcome(row.outcome) if row.outcome else None,
        "reason": row.reason,
        "external_number": row.external_number,
        "external_name": row.external_name,
        "typed_number": row.typed_number,
        "line": row.line,
        "queue": row.queue,
        "started_at": clock.iso(row.started_at),
        "answered_at": clock.iso(row.answered_at),
        "ended_at": clock.iso(row.ended_at),
        "ring_seconds": round(row.ring_seconds, 1),
        "talk_seconds": round(row.talk_seconds, 1),
        "hold_seconds": round(row.hold_seconds, 1),
        "duration_seconds": round(row.duration_seconds, 1),
        "hung_up_by": Party(row.hung_up_by) if row.hung_up_by else None,
        "initiated_by": _person(row.initiated_by),
        "answered_by": _person(row.answered_by),
        "legs": [_leg(leg) for leg in row.legs],
        "contact": named(row.contact_id, contacts),
        "match": {"certainty": Certainty(row.certainty), "why": row.why, "candidates": row.candidates},
        "lead_id": row.lead_id,
        "recordings": recordings,
        "tags": row.tags,
        "note": row.note,
    }


def _person(stored: Mapping[str, Any] | None) -> Person | None:
    # Rebuilt, for PostgreSQL keeps the keys of stored JSON in an order of its own.
    return None if stored is None else {"extension": stored["extension"], "user_id": stored["user_id"]}


def _leg(stored: Mapping[str, Any]) -> Leg:
    return {
        "extension": stored["extension"],
        "user_id": stored["user_id"],
        "rang_at": stored["rang_at"],
        "answered_at": stored["answered_at"],
        "left_at": stored["left_at"],
        "outcome": stored["outcome"],
        "via": stored["via"],
    }
