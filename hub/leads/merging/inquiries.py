"""The leads of two cards: one current lead is left, and parting opens again what joining closed."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.leads import kept_rows, timeline
from hub.leads.models import LeadRow, TouchRow
from hub.leads.timeline import Entry

QUIET = {"synchronize_session": False}


def one_current(session: Session, kept_id: int, gone_id: int) -> tuple[dict[str, Any] | None, list[int]]:
    """Leave one current lead of both cards: what was absorbed, and the ids of leads that are current no more."""
    both = select(LeadRow).where(LeadRow.contact_id.in_((kept_id, gone_id)), LeadRow.current)
    held = both.order_by(LeadRow.id).with_for_update().execution_options(populate_existing=True)
    leads = sorted(session.scalars(held), key=lambda lead: (lead.contact_id != kept_id, lead.id))
    if len(leads) < 2:
        return None, []
    idle = next((lead for lead in reversed(leads) if _untouched(lead)), None)
    if idle is not None:
        return _absorb(session, idle, next(lead for lead in leads if lead is not idle)), []
    older = min(leads, key=lambda lead: lead.last_touch_at)
    older.current = False
    session.flush()
    return None, [older.id]


def _untouched(lead: LeadRow) -> bool:
    """The rules opened it, and nobody has worked on it or been given it."""
    return lead.status == "new" and lead.source != "person" and not lead.assigned


def _absorb(session: Session, lead: LeadRow, into: LeadRow) -> dict[str, Any]:
    """Make the touches of one lead the other's; the empty one goes."""
    touches = list(session.scalars(select(TouchRow.id).where(TouchRow.lead_id == lead.id)))
    record = {"lead": kept_rows.dump(lead), "touches": touches, "into": into.id}
    session.execute(update(TouchRow).where(TouchRow.lead_id == lead.id).values(lead_id=into.id))
    timeline.remove(session, "lead", str(lead.id))
    session.delete(lead)
    session.flush()
    _refresh(session, into)
    return record


def _refresh(session: Session, lead: LeadRow) -> None:
    """The lead's times are those of its touches (as hub.leads.inquiries has it)."""
    times = select(func.count(), func.min(TouchRow.at), func.max(TouchRow.at)).where(TouchRow.lead_id == lead.id)
    count, first, last = session.execute(times).one()
    if not count:
        return
    lead.last_touch_at = last
    if lead.source != "person":
        lead.created_at = first
        timeline.record(session, lead.contact_id, Entry("lead", str(lead.id), first))
    session.flush()


def back(session: Session, moved: dict[str, Any], kept_id: int, back_id: int) -> dict[int, int]:
    """Open and current as before; gives the id under which an absorbed lead is back."""
    absorbed = moved["absorbed"]
    instead = {}
    if absorbed and (into := session.get(LeadRow, absorbed["into"], populate_existing=True)) is not None:
        dumped = absorbed["lead"]
        home = kept_id if dumped["contact_id"] == kept_id else back_id
        lead = kept_rows.restore(session, LeadRow, dumped, contact_id=home, current=not _has_current(session, home))
        still = (TouchRow.id.in_(absorbed["touches"]), TouchRow.lead_id == into.id)
        session.execute(update(TouchRow).where(*still).values(lead_id=lead.id).execution_options(**QUIET))
        timeline.add(session, home, Entry("lead", str(lead.id), lead.created_at))
        _refresh(session, into)
        _refresh(session, lead)
        instead = {dumped["id"]: lead.id}
    for lead_id in moved["was_current"]:
        row = session.get(LeadRow, lead_id, populate_existing=True)
        if row and row.closed_at is None and not _has_current(session, row.contact_id):
            row.current = True
            session.flush()
    return instead


def _has_current(session: Session, contact_id: int) -> bool:
    mine = select(LeadRow.id).where(LeadRow.contact_id == contact_id, LeadRow.current)
    return session.scalar(mine) is not None


def instead(moved: dict[str, Any]) -> dict[int, int]:
    """The lead that stands for an absorbed one now."""
    absorbed = moved["absorbed"]
    return {absorbed["lead"]["id"]: absorbed["into"]} if absorbed else {}
