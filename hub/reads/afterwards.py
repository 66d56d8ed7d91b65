"""What is left to do about a call of one's own: the note while it goes on, the result when it is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState
from hub.reads import calls, scope
from hub.reads.shapes import CallShape, call_snapshot
from hub.telephony import remarks
from hub.telephony.belonging import TOOK_PART
from hub.telephony.models import CallRow, ParticipantRow

LONGEST = timedelta(hours=6)
"""Nobody talks longer: calls that began before are over."""
WRAP_UP = timedelta(minutes=30)
"""After its end the result of a call is asked for this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """A call with what people say of it. `version` names the note as it stands."""

    call: CallShape
    result: str | None
    version: str


def of_call(session: Session, viewer: Viewer, call_id: UUID) -> Afterwards:
    """What people say of this call; NotFound and Forbidden as for whoever would write it."""
    return _told(session, calls.require(session, viewer, call_id, Permission.CALLS_WRITE))


def in_hand(session: Session, viewer: Viewer, contact_id: int, now: datetime) -> Afterwards | None:
    """The viewer's own call with this client: the one that goes on, else the last, while its result is asked for."""
    mine = select(CallRow).join(ParticipantRow, ParticipantRow.call_id == CallRow.id)
    mine = mine.where(ParticipantRow.user_id == viewer.user_id, ParticipantRow.because == TOOK_PART)
    lately = mine.where(CallRow.contact_id == contact_id, ParticipantRow.started_at > now - LONGEST)
    row = session.scalar(lately.order_by(ParticipantRow.started_at.desc()).limit(1))
    if row is None or not viewer.can(Permission.CALLS_WRITE):
        return None
    over = row.state == CallState.ENDED
    if over and (row.disposition or not row.ended_at or now - row.ended_at > WRAP_UP or not _spoke(row, viewer)):
        return None
    return _told(session, row)


def _spoke(row: CallRow, viewer: Viewer) -> bool:
    """Whether the viewer placed or answered the call; a phone that only rang has nothing to tell."""
    people = [row.initiated_by, *(leg for leg in row.legs if leg["answered_at"])]
    return any(person and person["user_id"] == viewer.user_id for person in people)


def _told(session: Session, row: CallRow) -> Afterwards:
    return Afterwards(call=call_snapshot(session, row), result=row.disposition, version=remarks.version(row.note))


def results(session: Session, viewer: Viewer, ids: Iterable[str]) -> Mapping[str, str]:
    """What came of these calls, of those the viewer sees and somebody said, by id."""
    wanted = [UUID(each) for each in ids]
    if not wanted or not calls.sees_content(viewer):
        return {}
    mine = scope.calls(viewer.users_in_reach(calls.READ))
    said = select(CallRow.id, CallRow.disposition).where(CallRow.id.in_(wanted), CallRow.disposition.is_not(None), mine)
    return {str(call): result for call, result in session.execute(said) if result}
