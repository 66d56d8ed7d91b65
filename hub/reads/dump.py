"""Everything of a kind, oldest first, for the operator at the machine; memory stays flat however much there is."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.reads.call_query import CallFilter, asked
from hub.reads.paging import Place, later
from hub.reads.shapes import (
    CallShape,
    ContactShape,
    LeadShape,
    TaskShape,
    call_shapes,
    contact_shapes,
    lead_shapes,
    task_shapes,
)
from hub.telephony.models import CallRow

STEP = 500


def calls(session: Session, wanted: CallFilter) -> Iterator[CallShape]:
    chosen = asked(session, wanted).calls.order_by(CallRow.started_at, CallRow.id).limit(STEP)
    rows = session.scalars(chosen).all()
    while rows:
        yield from call_shapes(session, rows)
        last = Place(rows[-1].started_at, rows[-1].id)
        session.expunge_all()
        rows = session.scalars(chosen.where(later(CallRow.started_at, CallRow.id, last))).all()


def contacts(session: Session) -> Iterator[ContactShape]:
    for rows in _steps(session, ContactRow):
        yield from contact_shapes(session, rows)


def leads(session: Session) -> Iterator[LeadShape]:
    for rows in _steps(session, LeadRow):
        yield from lead_shapes(session, rows)


def tasks(session: Session) -> Iterator[TaskShape]:
    for rows in _steps(session, TaskRow):
        yield from task_shapes(session, rows)


def _steps(session: Session, table: Any) -> Iterator[list[Any]]:
    last = 0
    while rows := list(session.scalars(select(table).where(table.id > last).order_by(table.id).limit(STEP))):
        yield rows
        last = rows[-1].id
        session.expunge_all()
