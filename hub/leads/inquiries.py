"""One open lead per person and window, over all channels, held by the database."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from hub.leads import timeline
from hub.leads.models import ContactedRow, ContactRow, LeadRow, TouchRow
from hub.leads.rules import Owner
from hub.leads.telling import Telling
from hub.leads.timeline import Entry
from hub.storage.database import upsert

OPEN = ("new", "in_work", "qualified")


def settle(telling: Telling, card: ContactRow, *, wanted: bool, owner: Owner) -> LeadRow | None:
    """The lead this contact belongs to on this card; `wanted`: its rule opens one where none is."""
    touch = _touch(telling)
    if touch and not wanted and _opened_in_vain(telling.session, touch):
        _release(telling, touch)
        touch = None
    lead, opened = _kept(telling, touch, card) or _covering(telling, card), False
    if lead is None and wanted:
        lead, opened = _open(telling, card, owner)
    if lead is None:
        _release(telling, touch)
        return None
    _join(telling, touch, lead, opened=opened)
    _name_owner(telling, lead, card, owner)
    return lead


def release(telling: Telling) -> None:
    """This contact belongs to no lead (any more)."""
    _release(telling, _touch(telling))


def _touch(telling: Telling) -> TouchRow | None:
    if telling.before is None or telling.before.lead_id is None:
        return None
    where = (TouchRow.channel == telling.channel, TouchRow.subject == telling.subject)
    return telling.session.scalars(select(TouchRow).where(*where)).one_or_none()


def _release(telling: Telling, touch: TouchRow | None) -> None:
    if touch is None:
        return
    lead = telling.session.get_one(LeadRow, touch.lead_id)
    telling.session.delete(touch)
    telling.session.flush()
    _refresh(telling, lead)


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
    current = lead.current and _current(telling, card) is None
    telling.changes.put(lead, contact_id=card.id, current=current)
    telling.session.flush()
    return lead


def _one_person(telling: Telling, lead: LeadRow) -> bool:
    """Whether every contact of the lead was with the person of this one."""
    told = and_(ContactedRow.channel == TouchRow.channel, ContactedRow.subject == TouchRow.subject)
    strangers = (
        select(TouchRow.id)
        .join(ContactedRow, told)
        .where(TouchRow.lead_id == lead.id, ContactedRow.key != telling.person.key)
    )
    return not telling.session.scalar(select(strangers.exists()))


def _covering(telling: Telling, card: ContactRow) -> LeadRow | None:
    return covering(telling.session, card.id, telling.contacted.at, telling.window_days)


def covering(session: Session, contact_id: int, at: datetime, window_days: int) -> LeadRow | None:
    """The card's lead whose time this contact falls into: the window around its touches, until it was closed."""
    window = timedelta(days=window_days)
    still = or_(
        and_(LeadRow.status.in_(OPEN), LeadRow.last_touch_at >= at - window),
        LeadRow.closed_at >= at,
    )
    return session.scalars(
        select(LeadRow)
        .where(LeadRow.contact_id == contact_id, LeadRow.created_at <= at + window, still)
        .order_by(LeadRow.current.desc(), LeadRow.last_touch_at.desc(), LeadRow.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _current(telling: Telling, card: ContactRow) -> LeadRow | None:
    mine = (LeadRow.contact_id == card.id, LeadRow.current)
    return telling.session.scalars(select(LeadRow).where(*mine)).one_or_none()


def _open(telling: Telling, card: ContactRow, owner: Owner) -> tuple[LeadRow, bool]:
    """A new lead, and whether this contact opened it.

    It is current unless the card has one of a later time; an earlier one stops being current.
    """
    session, at = telling.session, telling.contacted.at
    rival = _current(telling, card)
    if rival and rival.last_touch_at < at:
        telling.changes.put(rival, current=False)
        session.flush()
    row = upsert(session, LeadRow).values(
        contact_id=card.id,
        status="new",
        current=rival is None or not rival.current,
        source=telling.channel.value,
        line=telling.contacted.line.number,
        owner_id=owner.user_id,
        owner_why=owner.why,
        owner_subject=telling.subject if owner.user_id is not None else None,
        created_at=at,
        last_touch_at=at,
    )
    once = row.on_conflict_do_nothing(index_elements=["contact_id"], index_where=text("current"))
    lead = session.scalars(once.returning(LeadRow)).one_or_none()
    if lead is None:  # somebody who holds no lock of ours was quicker: theirs is the one
        return session.scalars(select(LeadRow).where(LeadRow.contact_id == card.id, LeadRow.current)).one(), False
    telling.changes.mark(lead)
    timeline.add(session, card.id, Entry("lead", str(lead.id), at))
    return lead, True


def _join(telling: Telling, touch: TouchRow | None, lead: LeadRow, *, opened: bool) -> None:
    """Make this contact a touch of the lead; a lead it leaves goes when it has nothing left."""
    session, at = telling.session, telling.contacted.at
    if touch is None:
        others = exists().where(TouchRow.lead_id == lead.id)
        values = {"lead_id": lead.id, "at": at, "opened": opened or not session.scalar(select(others))}
        row = upsert(session, TouchRow).values(channel=telling.channel, subject=telling.subject, **values)
        session.execute(row.on_conflict_do_update(index_elements=["channel", "subject"], set_=values))
        if not opened:
            _refresh(telling, lead)
    elif touch.lead_id != lead.id:
        left = session.get_one(LeadRow, touch.lead_id)
        touch.lead_id, touch.at, touch.opened = lead.id, at, False
        session.flush()
        _refresh(telling, lead)
        _refresh(telling, left)
    else:
        touch.at = at
        session.flush()
        _refresh(telling, lead)


def _refresh(telling: Telling, lead: LeadRow) -> None:
    """Bring the lead's times in line with its touches; without any, and without work in it, it never was."""
    session, subject = telling.session, str(lead.id)
    touches = select(func.count(), func.min(TouchRow.at), func.max(TouchRow.at)).where(TouchRow.lead_id == lead.id)
    count, first, last = session.execute(touches).one()
    if not count and lead.status == "new" and lead.source != "person":
        telling.changes.mark(lead)
        timeline.remove(session, "lead", subject)
        session.delete(lead)
        session.flush()
    elif count:
        began = first if lead.source != "person" else lead.created_at
        if telling.changes.put(lead, created_at=began, last_touch_at=last) or telling.moved:
            timeline.record(session, lead.contact_id, Entry("lead", subject, began))


def _name_owner(telling: Telling, lead: LeadRow, card: ContactRow, owner: Owner) -> None:
    """Whoever the rules name first, or who talked last, until a person says otherwise.

    A card Hub made belongs to the owner of its current lead.
    """
    mine = lead.owner_subject == telling.subject and owner.talked
    first = lead.owner_id is None and owner.user_id is not None
    if not lead.assigned and (mine or first):
        telling.changes.put(lead, owner_id=owner.user_id, owner_why=owner.why, owner_subject=telling.subject)
    if card.stand_in and (lead.current or card.owner_id is None):
        telling.changes.put(card, owner_id=lead.owner_id)
