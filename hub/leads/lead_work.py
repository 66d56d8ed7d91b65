"""Leads as people work on them: opened by hand, moved along, given an owner, closed with a reason."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Invalid, Stale
from hub.leads import checks, timeline
from hub.leads.models import ContactRow, LeadRow
from hub.leads.timeline import Entry
from hub.storage.database import upsert

MAX_REASON = 200
CLOSED = ("converted", "rejected")
MOVES: Mapping[str, tuple[str, ...]] = {
    "new": ("in_work", "qualified", "converted", "rejected"),
    "in_work": ("qualified", "converted", "rejected"),
    "qualified": ("in_work", "converted", "rejected"),
    # Closed by mistake: work goes on.
    "converted": ("in_work",),
    "rejected": ("in_work",),
}


def open_by_hand(session: Session, contact_id: int, owner_id: int | None, now: datetime) -> LeadRow:
    """A lead a person opens for a card; Conflict when it has one already."""
    card = checks.held(session, ContactRow, contact_id)
    card.stand_in = False
    checks.write(session)
    row = upsert(session, LeadRow).values(
        contact_id=contact_id,
        status="new",
        current=True,
        source="person",
        assigned=owner_id is not None,
        owner_why="opened by a person",
        created_at=now,
        last_touch_at=now,
    )
    once = row.on_conflict_do_nothing(index_elements=["contact_id"], index_where=text("current"))
    created = session.scalar(once.returning(LeadRow.id))
    if created is None:
        raise Conflict("this client has an open lead already")
    lead = session.get_one(LeadRow, created)
    lead.owner_id = owner_id
    checks.write(session)
    timeline.add(session, contact_id, Entry("lead", str(lead.id), now))
    return lead


def move(
    session: Session, lead_id: int, status: str, reason: str | None, now: datetime, was: str | None = None
) -> LeadRow:
    """Take the lead a step on; converted and rejected close it, a rejection says why. The same status again is fine.

    Stale when it is not what it `was` any more; None: whatever it is.
    """
    lead = _held(session, lead_id)
    if was not in (None, lead.status):
        raise Stale("somebody moved this lead meanwhile")
    if status not in MOVES:
        raise Invalid(f"expected one of {', '.join(MOVES)}", "status")
    if status == lead.status:
        return lead
    if status not in MOVES[lead.status]:
        raise Conflict(f"a lead that is {lead.status} cannot become {status}")
    lead.reject_reason = checks.needed(reason, "reason", MAX_REASON) if status == "rejected" else None
    if status in CLOSED:
        lead.current, lead.closed_at = False, now
    elif lead.status in CLOSED:
        _reopen(session, lead)
    lead.status = status
    session.flush()
    return lead


def assign(session: Session, lead_id: int, owner_id: int | None) -> LeadRow:
    """Give the lead to somebody, or to nobody; the rules name no owner any more."""
    lead = checks.held(session, LeadRow, lead_id)
    lead.owner_id, lead.owner_subject, lead.assigned = owner_id, None, True
    lead.owner_why = "given by a person" if owner_id is not None else "taken from its owner by a person"
    checks.write(session)
    return lead


def _held(session: Session, lead_id: int) -> LeadRow:
    """The lead, held behind its card: whoever settles a contact takes them in the same order."""
    if contact_id := session.scalar(select(LeadRow.contact_id).where(LeadRow.id == lead_id)):
        checks.held(session, ContactRow, contact_id)
    return checks.held(session, LeadRow, lead_id)


def _reopen(session: Session, lead: LeadRow) -> None:
    """Open again, and current where the card has no other."""
    rival = exists().where(LeadRow.contact_id == lead.contact_id, LeadRow.current)
    lead.closed_at = None
    lead.current = not session.scalar(select(rival))
