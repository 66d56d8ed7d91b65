"""The calls that ring or talk at one's own phones right now: what a person is told wherever they are in Hub."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState, Direction
from hub.reads import scope
from hub.reads.shapes import CallShape, call_shapes
from hub.telephony.belonging import TOOK_PART
from hub.telephony.models import CallRow, ParticipantRow

LONGEST = timedelta(hours=12)
"""A call that began earlier is none any more, whatever its end not being reported may look like."""
MOST = 10
Doing = Literal["rings", "talks"]


class MyCall(TypedDict):
    """A client's call at one's own phone."""

    call: CallShape
    doing: Doing


def my_calls(session: Session, viewer: Viewer, now: datetime) -> list[MyCall]:
    """Inbound calls that ring or talk at the viewer's phones, the oldest first."""
    if viewer.user_id is None or not viewer.can(Permission.CALLS_READ):
        return []
    mine = (
        ParticipantRow.user_id == viewer.user_id,
        ParticipantRow.because == TOOK_PART,
        ParticipantRow.started_at > now - LONGEST,
    )
    opened = (CallRow.state.in_((CallState.RINGING, CallState.TALKING)), CallRow.direction == Direction.INBOUND)
    chosen = select(CallRow).join(ParticipantRow, ParticipantRow.call_id == CallRow.id).where(*mine, *opened)
    seen = scope.calls(viewer.users_in_reach(Permission.CALLS_READ))
    rows = session.scalars(chosen.where(seen).order_by(CallRow.started_at).limit(MOST)).all()
    told = ((shape, does(shape, viewer.user_id)) for shape in call_shapes(session, rows))
    return [{"call": shape, "doing": doing} for shape, doing in told if doing]


def does(call: CallShape, user_id: int) -> Doing | None:
    """What the call does at this user's phones; None: it rings and talks elsewhere."""
    here = [leg for leg in call["legs"] if leg["user_id"] == user_id and leg["left_at"] is None]
    if any(leg["answered_at"] for leg in here):
        return "talks"
    return "rings" if here else None
