"""How things stand, for the frame around every page: cheap enough to ask with each of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.leads.models import TaskRow
from hub.reads import scope
from hub.storage.leases import LISTENING, LeaseRow

COUNTED = 1000
"""The count stops here: nobody's day holds more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """A connection in use. `state`: what its listener last said, ``new`` where it never had one; `held`: whether
    somebody holds the line to it now; `last_at`: when it last delivered anything."""

    name: str
    state: str
    state_at: datetime | None
    held: bool
    last_at: datetime | None


def phones(session: Session) -> list[Phones]:
    """Connections in use, oldest first."""
    # A maximum of its own for each connection is one step into the index; one grouped over all is a scan.
    mine = DeliveryRow.connection_id == ConnectionRow.id
    last = select(func.max(DeliveryRow.received_at)).where(mine).correlate(ConnectionRow).scalar_subquery()
    rows = session.execute(select(ConnectionRow, last).where(ConnectionRow.enabled).order_by(ConnectionRow.id))
    held = set(session.scalars(select(LeaseRow.name).where(LeaseRow.until > clock.now())))
    return [
        Phones(
            name=row.name,
            state=row.state,
            state_at=row.state_at,
            held=f"{LISTENING}{row.id}" in held,
            last_at=last_at,
        )
        for row, last_at in rows
    ]


def to_return(session: Session, viewer: Viewer) -> int:
    """How many missed calls wait to be returned, of those the viewer sees; counted up to `COUNTED`."""
    mine = scope.tasks(viewer.users_in_reach(Permission.TASKS_READ))
    some = select(TaskRow.id).where(TaskRow.state == "open", TaskRow.kind == "missed_call", mine).limit(COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0
