"""Two cards that are one person become one, and can be parted again for thirty days.

Everything of the card that goes moves to the one that stays: numbers, addresses, choices, leads, tasks, notes and the
line of time. What Hub was told of its contacts is told of the other card from now on, so telling it again (a replay, a
relink) finds the number there and changes nothing. The card itself is kept whole in `merges.gone`.

Two current leads: the database allows one on a card. A lead nobody has worked on joins the other, for they are one
inquiry of one person, and merging is how a reception gets rid of the second; which card either stood on does not
matter. Where people have worked on both, neither is closed behind their backs: the one of the latest touch is current,
the other stays open beside it and gets no new touches.

Undoing moves back exactly what moved and is still there; what came later follows its number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Invalid, NotFound
from hub.leads import cards, checks, kept_rows, persons, relinks, timeline
from hub.leads.models import (
    ActivityRow,
    ChoiceRow,
    ContactedRow,
    ContactMailRow,
    ContactNumberRow,
    ContactRow,
    LeadRow,
    MergeRow,
    NoteRow,
    TaskRow,
    TouchRow,
)
from hub.leads.persons import telephone_key
from hub.leads.timeline import Entry

UNDO_FOR = timedelta(days=30)
MOVED: tuple[type[Any], ...] = (ContactNumberRow, ContactMailRow, LeadRow, TaskRow, ActivityRow, NoteRow)
"""What stands on a card by the card's id."""
QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`contact_id`: the card that stays or, undone, the one that is back. `leads`: the lead that stands for an absorbed
    one now: the one it joined or, undone, itself again. `changed`: subjects to tell of (``lead:5``)."""

    row: MergeRow
    contact_id: int
    leads: dict[int, int]
    changed: tuple[str, ...]


def merge(session: Session, kept_id: int, gone_id: int, by: int | None, now: datetime) -> Outcome:
    """Make one card of two; Invalid when they are one already, NotFound when one of them is none."""
    if kept_id == gone_id:
        raise Invalid("a card cannot be merged with itself", "contact_id")
    keys = _lock(session, kept_id, gone_id)
    first, second = (checks.held(session, ContactRow, each) for each in sorted((kept_id, gone_id)))
    kept, gone = (first, second) if first.id == kept_id else (second, first)
    row = MergeRow(kept_id=kept.id, gone=kept_rows.dump(gone), moved={}, user_id=by, at=now)
    moved: dict[str, Any] = {"keys": keys, "fields": _join_fields(kept, gone)}
    moved["absorbed"], moved["was_current"] = _one_current(session, kept.id, gone.id)
    moved["doubles"] = _drop_doubles(session, kept.id, gone.id)
    for table in MOVED:
        moved[table.__tablename__] = _move(session, table, gone.id, kept.id)
    moved["choices"] = _move_choices(session, gone.id, kept.id)
    moved["contacted"] = _move_contacted(session, gone.id, kept.id)
    moved["merges"] = _move_merges(session, gone.id, kept.id)
    row.moved = moved
    session.add(row)
    session.flush()
    session.execute(delete(ContactRow).where(ContactRow.id == gone.id).execution_options(**QUIET))
    session.expunge(gone)
    session.expire_all()
    relinks.ask(session, keys, now)  # their calls say which other cards they might have been
    return Outcome(row=row, contact_id=kept_id, leads=_instead(moved), changed=_subjects(moved, kept_id, gone_id))


def undo(session: Session, merge_id: int, now: datetime) -> Outcome:
    """Part them again; Conflict when that was done before or is too long ago."""
    row = require(session, merge_id)
    keys = [*row.moved["keys"], *_keys(session, [row.kept_id])]
    persons.lock(session, keys)
    kept = checks.held(session, ContactRow, row.kept_id)
    row = session.get_one(MergeRow, merge_id, populate_existing=True, with_for_update=True)
    if row.undone_at is not None:
        raise Conflict("this merge was undone already")
    if now - row.at > UNDO_FOR:
        raise Conflict(f"a merge can be undone for {UNDO_FOR.days} days")
    moved = row.moved
    back = kept_rows.restore(session, ContactRow, row.gone, origin=_free_origin(session, row.gone["origin"]))
    _part_fields(kept, moved["fields"])
    for table in MOVED:
        _give_back(session, table, moved[table.__tablename__], kept.id, back.id)
    for table, name in ((ContactNumberRow, "contact_numbers"), (ContactMailRow, "contact_mails")):
        for dumped in moved["doubles"][name]:
            kept_rows.restore(session, table, dumped, contact_id=back.id)
    _choices_back(session, moved["choices"], kept.id, back.id)
    _contacted_back(session, moved["contacted"], kept.id, back.id)
    leads = _leads_back(session, moved, kept.id, back.id)
    ids = moved["merges"]
    session.execute(update(MergeRow).where(MergeRow.id.in_(ids)).values(kept_id=back.id).execution_options(**QUIET))
    row.undone_at = now
    session.flush()
    session.expire_all()
    relinks.ask(session, keys, now)
    return Outcome(
        row=row, contact_id=back.id, leads=leads, changed=_subjects(moved, kept.id, back.id, more_leads=leads.values())
    )


def current_leads(session: Session, *contact_ids: int) -> list[int]:
    """The leads of which one may have to join another."""
    mine = (LeadRow.contact_id.in_(contact_ids), LeadRow.current)
    return list(session.scalars(select(LeadRow.id).where(*mine)))


def latest(session: Session, contact_id: int, now: datetime) -> list[MergeRow]:
    """What was merged into this card and can still be parted, newest first."""
    young = (MergeRow.kept_id == contact_id, MergeRow.undone_at.is_(None), MergeRow.at > now - UNDO_FOR)
    return list(session.scalars(select(MergeRow).where(*young).order_by(MergeRow.id.desc())))


def require(session: Session, merge_id: int) -> MergeRow:
    row = session.get(MergeRow, merge_id)
    if row is None:
        raise NotFound("no such merge")
    return row


def _lock(session: Session, *ids: int) -> list[str]:
    """Hold both persons before their cards; gives what they are known by, which may have changed meanwhile."""
    persons.lock(session, _keys(session, ids))
    return _keys(session, ids)


def _keys(session: Session, ids: Sequence[int]) -> list[str]:
    numbers = select(ContactNumberRow.e164).where(ContactNumberRow.contact_id.in_(ids))
    mails = select(ContactMailRow.address).where(ContactMailRow.contact_id.in_(ids))
    telephones = {telephone_key(e164) for e164 in session.scalars(numbers) if e164}
    return sorted(telephones | {f"mail:{address}" for address in session.scalars(mails)})


# ---- what stands on the card itself ----


def _join_fields(kept: ContactRow, gone: ContactRow) -> dict[str, Any]:
    """Fill what the card lacks; gives for each field what it was and what it is now."""
    note = "\n".join(filter(None, (kept.note, gone.note))) or None
    wanted = {
        "company": kept.company or gone.company,
        "owner_id": kept.owner_id if kept.owner_id is not None else gone.owner_id,
        "tags": list(dict.fromkeys([*kept.tags, *gone.tags]))[: cards.MAX_TAGS],
        "note": note[: cards.MAX_NOTE] if note else None,
        "do_not_call": kept.do_not_call or gone.do_not_call,
    }
    fields = {name: [getattr(kept, name), value] for name, value in wanted.items() if getattr(kept, name) != value}
    for name, value in wanted.items():
        setattr(kept, name, value)
    last = max((each for each in (kept.last_contact_at, gone.last_contact_at) if each), default=None)
    fields["last_contact_at"] = [_iso(kept.last_contact_at), _iso(last)]
    kept.last_contact_at = last
    kept.stand_in = False
    kept.version += 1
    return fields


def _part_fields(kept: ContactRow, fields: dict[str, Any]) -> None:
    """A field that is as merging left it is as before again; one a person has changed since stays theirs."""
    first, last = fields["last_contact_at"]
    if _iso(kept.last_contact_at) == last:
        kept.last_contact_at = datetime.fromisoformat(first) if first else None
    for name, (before, after) in fields.items():
        if name != "last_contact_at" and getattr(kept, name) == after:
            setattr(kept, name, before)
    kept.version += 1


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _free_origin(session: Session, origin: str | None) -> str | None:
    """What the card was made for, unless Hub has made another card for it since."""
    taken = origin is not None and session.scalar(select(ContactRow.id).where(ContactRow.origin == origin))
    return None if taken else origin


# ---- leads ----


def _one_current(session: Session, kept_id: int, gone_id: int) -> tuple[dict[str, Any] | None, list[int]]:
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


def _leads_back(session: Session, moved: dict[str, Any], kept_id: int, back_id: int) -> dict[int, int]:
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


def _instead(moved: dict[str, Any]) -> dict[int, int]:
    absorbed = moved["absorbed"]
    return {absorbed["lead"]["id"]: absorbed["into"]} if absorbed else {}


# ---- rows that name the card ----


def _drop_doubles(session: Session, kept_id: int, gone_id: int) -> dict[str, list[dict[str, Any]]]:
    """Take off the card that goes what the other has too; gives those rows."""
    ways: tuple[tuple[type[Any], Any], ...] = (
        (ContactNumberRow, ContactNumberRow.e164),
        (ContactMailRow, ContactMailRow.address),
    )
    doubles: dict[str, list[dict[str, Any]]] = {}
    for table, column in ways:
        there = select(column).where(table.contact_id == kept_id, column.is_not(None))
        rows = session.scalars(select(table).where(table.contact_id == gone_id, column.in_(there))).all()
        doubles[table.__tablename__] = [kept_rows.dump(row) for row in rows]
        for row in rows:
            session.delete(row)
    entries = ActivityRow.__table__.alias()
    same = select(entries.c.id).where(
        entries.c.contact_id == kept_id, entries.c.kind == ActivityRow.kind, entries.c.subject == ActivityRow.subject
    )
    session.flush()
    on_both = delete(ActivityRow).where(ActivityRow.contact_id == gone_id, same.exists())
    session.execute(on_both.execution_options(**QUIET))
    return doubles


def _move(session: Session, table: type[Any], gone_id: int, kept_id: int) -> list[int]:
    ids = list(session.scalars(select(table.id).where(table.contact_id == gone_id).order_by(table.id)))
    whole = update(table).where(table.contact_id == gone_id).values(contact_id=kept_id)
    session.execute(whole.execution_options(**QUIET))
    return ids


def _give_back(session: Session, table: type[Any], ids: Sequence[int], kept_id: int, back_id: int) -> None:
    for some in kept_rows.steps(ids):
        still = (table.id.in_(some), table.contact_id == kept_id)
        session.execute(update(table).where(*still).values(contact_id=back_id).execution_options(**QUIET))


def _move_choices(session: Session, gone_id: int, kept_id: int) -> list[list[str]]:
    """A person's word that a number is this card's is now a word about the other; with when it was said."""
    chosen = select(ChoiceRow.e164, ChoiceRow.chosen_at).where(ChoiceRow.contact_id == gone_id)
    said = [[e164, at.isoformat()] for e164, at in session.execute(chosen)]
    moving = update(ChoiceRow).where(ChoiceRow.contact_id == gone_id).values(contact_id=kept_id)
    session.execute(moving.execution_options(**QUIET))
    return said


def _choices_back(session: Session, said: Iterable[Sequence[str]], kept_id: int, back_id: int) -> None:
    for e164, at in said:
        same = (ChoiceRow.e164 == e164, ChoiceRow.contact_id == kept_id)
        still = (*same, ChoiceRow.chosen_at == datetime.fromisoformat(at))
        session.execute(update(ChoiceRow).where(*still).values(contact_id=back_id).execution_options(**QUIET))


def _move_contacted(session: Session, gone_id: int, kept_id: int) -> list[list[str]]:
    mine = ContactedRow.contact_id == gone_id
    told = [[channel, subject] for channel, subject in session.execute(_contacted().where(mine))]
    session.execute(update(ContactedRow).where(mine).values(contact_id=kept_id).execution_options(**QUIET))
    return told


def _contacted() -> Any:
    return select(ContactedRow.channel, ContactedRow.subject).order_by(ContactedRow.channel, ContactedRow.subject)


def _contacted_back(session: Session, told: Sequence[Sequence[str]], kept_id: int, back_id: int) -> None:
    for some in kept_rows.steps(told):
        these: ColumnElement[bool] = or_(
            *(
                and_(ContactedRow.channel == channel, ContactedRow.subject.in_(_subjects_of(some, channel)))
                for channel in {channel for channel, _ in some}
            )
        )
        back = update(ContactedRow).where(these, ContactedRow.contact_id == kept_id).values(contact_id=back_id)
        session.execute(back.execution_options(**QUIET))


def _subjects_of(told: Sequence[Sequence[str]], channel: str) -> list[str]:
    return [subject for name, subject in told if name == channel]


def _move_merges(session: Session, gone_id: int, kept_id: int) -> list[int]:
    """Cards that were merged into the one that goes can still be parted: from the card that stays."""
    ids = list(session.scalars(select(MergeRow.id).where(MergeRow.kept_id == gone_id)))
    moving = update(MergeRow).where(MergeRow.kept_id == gone_id).values(kept_id=kept_id)
    session.execute(moving.execution_options(**QUIET))
    return ids


def _subjects(moved: dict[str, Any], *cards: int, more_leads: Iterable[int] = ()) -> tuple[str, ...]:
    """What has to be told anew, what is gone too."""
    leads = {*moved["leads"], *moved["was_current"], *more_leads}
    if moved["absorbed"]:
        leads |= {moved["absorbed"]["into"], moved["absorbed"]["lead"]["id"]}
    named = {"contact": set(cards), "lead": leads, "task": set(moved["tasks"])}
    return tuple(f"{kind}:{each}" for kind, ids in named.items() for each in sorted(ids))
