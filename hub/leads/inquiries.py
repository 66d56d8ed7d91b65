"""One open lead per person and window, over all channels, held by the database."""

from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from hub.leads import timeline
from hub.leads.changes import Changes
from hub.leads.models import ContactedRow, ContactRow, LeadRow, TouchRow
from hub.leads.rules import Owner
from hub.leads.telling import Telling
from hub.storage.database import upsert

OPEN = ("new", "in_work", "qualified")


def settle(telling: Telling, card: ContactRow, *, wanted: bool, owner: Owner) -> LeadRow | None:
    """The lead this contact belongs to on this card; `wanted`: its rule opens one where none is."""
    touch = _touch(telling)
    if touch and not wanted and _opened_in_vain(telling.session, touch):
        release(telling)
        touch = None
    lead = _kept(telling, touch, card) or _covering(telling, card) or (_open(telling, card) if wanted else None)
    if lead is None:
        release(telling)
        return None
    _join(telling, lead)
    _name_owner(telling, lead, card, owner)
    return lead


def release(telling: Telling) -> None:
    """This contact belongs to no lead (any more)."""
    touch = _touch(telling)
    if touch is None:
        return
    lead = telling.session.get_one(LeadRow, touch.lead_id)
    telling.session.delete(touch)
    telling.session.flush()
    _refresh(telling.session, lead, telling.changes)


def _touch(telling: Telling) -> TouchRow | None:
    where = (TouchRow.channel == telling.channel, TouchRow.subject == telling.subject)
    return telling.session.scalars(select(TouchRow).where(*where)).one_or_none()


def _opened_in_vain(session: Session, touch: TouchRow) -> bool:
    """The lead is there for this contact alone, and nobody has worked on it."""
    if not touch.opened:
        return False
    lead = session.get_one(LeadRow, touch.lead_id)
    others = exists().where(TouchRow.lead_id == lead.id, TouchRow.id != touch.id)
    return lead.status == "new" and not session.scalar(select(others))


def _kept(telling: Telling, touch: TouchRow | None, card: ContactRow) -> LeadRow | None:
    """The lead it belongs to already, which follows the person when all of them moves to another card."""
    if touch is None:
        return None
    lead = telling.session.get_one(LeadRow, touch.lead_id, populate_existing=True)
    if lead.contact_id == card.id:
        return lead
    if _covering(telling, card) or not _one_person(telling, lead):
        return None
    rival = exists().where(LeadRow.contact_id == card.id, LeadRow.current)
    current = lead.current and not telling.session.scalar(select(rival))
    telling.changes.put(lead, contact_id=card.id, current=current)
    telling.session.flush()
    return lead


def _one_person(telling: Telling, lead: LeadRow) -> bool:
    """Whether every contact of the lead was with the person of this one."""
    stranger = (
        select(TouchRow.id)
        .join(
            ContactedRow,
            and_(ContactedRow.channel == TouchRow.channel, ContactedRow.subject == TouchRow.subject),
        )
        .where(TouchRow.lead_id == lead.id, ContactedRow.key != telling.person.key)
    )
    return not telling.session.scalar(select(stranger.exists()))


def _covering(telling: Telling, card: ContactRow) -> LeadRow | None:
    """The card's lead whose time this contact falls into: the window around its touches, until it was closed."""
    at, window = telling.contacted.at, timedelta(days=telling.window_days)
    still = or_(
        and_(LeadRow.status.in_(OPEN), LeadRow.last_touch_at >= at - window),
        LeadRow.closed_at >= at,
    )
    return telling.session.scalars(
        select(LeadRow)
        .where(LeadRow.contact_id == card.id, LeadRow.created_at <= at + window, still)
        .order_by(LeadRow.current.desc(), LeadRow.last_touch_at.desc(), LeadRow.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _open(telling: Telling, card: ContactRow) -> LeadRow:
    """A new lead. It is current unless the card has one of a later time; an earlier one stops being current."""
    session, at = telling.session, telling.contacted.at
    _end_earlier(telling, card)
    later = exists().where(LeadRow.contact_id == card.id, LeadRow.current)
    values = {
        "contact_id": card.id,
        "status": "new",
        "current": not session.scalar(select(later)),
        "source": telling.channel.value,
        "line": telling.contacted.line.number,
        "owner_why": "",
        "created_at": at,
        "last_touch_at": at,
    }
    row = upsert(session, LeadRow).values(**values)
    once = row.on_conflict_do_nothing(index_elements=["contact_id"], index_where=text("current"))
    created = session.scalar(once.returning(LeadRow.id))
    if created is None:  # somebody who holds no lock of ours was quicker: theirs is the one
        return session.scalars(select(LeadRow).where(LeadRow.contact_id == card.id, LeadRow.current)).one()
    return session.get_one(LeadRow, created)


def _end_earlier(telling: Telling, card: ContactRow) -> None:
    earlier = (LeadRow.contact_id == card.id, LeadRow.current, LeadRow.last_touch_at < telling.contacted.at)
    for lead in telling.session.scalars(select(LeadRow).where(*earlier)):
        telling.changes.put(lead, current=False)
    telling.session.flush()


def _join(telling: Telling, lead: LeadRow) -> None:
    """Make this contact a touch of the lead; a lead it leaves goes when it has nothing left."""
    session, at = telling.session, telling.contacted.at
    touch = _touch(telling)
    left = session.get_one(LeadRow, touch.lead_id) if touch and touch.lead_id != lead.id else None
    if touch:
        touch.at = at
        if left:
            touch.lead_id, touch.opened = lead.id, False
    else:
        opened = not session.scalar(select(exists().where(TouchRow.lead_id == lead.id)))
        values = {"lead_id": lead.id, "at": at, "opened": opened}
        row = upsert(session, TouchRow).values(channel=telling.channel, subject=telling.subject, **values)
        session.execute(row.on_conflict_do_update(index_elements=["channel", "subject"], set_=values))
    session.flush()
    for changed in filter(None, (lead, left)):
        _refresh(session, changed, telling.changes)


def _refresh(session: Session, lead: LeadRow, changes: Changes) -> None:
    """Bring the lead's times in line with its touches; without any, and without work in it, it never was."""
    touches = select(func.count(), func.min(TouchRow.at), func.max(TouchRow.at)).where(TouchRow.lead_id == lead.id)
    count, first, last = session.execute(touches).one()
    if count:
        created_at = first if lead.source != "person" else lead.created_at
        changes.put(lead, created_at=created_at, last_touch_at=last)
        timeline.record(session, lead.contact_id, "lead", str(lead.id), at=created_at)
    elif lead.status == "new" and lead.source != "person":
        changes.mark(lead)
        timeline.remove(session, "lead", str(lead.id))
        session.delete(lead)
        session.flush()


def _name_owner(telling: Telling, lead: LeadRow, card: ContactRow, owner: Owner) -> None:
    """Whoever the rules name first, or who talked last, until a person says otherwise.

    A card Hub made belongs to the owner of its current lead.
    """
    mine = lead.owner_subject == telling.subject and owner.talked
    first = lead.owner_id is None and owner.user_id is not None
    if not lead.assigned and (mine or first):
        named = {"owner_id": owner.user_id, "owner_why": owner.why, "owner_subject": telling.subject}
        telling.changes.put(lead, **named)
    elif not lead.owner_why:
        telling.changes.put(lead, owner_why=owner.why)
    if card.stand_in and (lead.current or card.owner_id is None):
        telling.changes.put(card, owner_id=lead.owner_id)
