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

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Invalid, NotFound
from hub.leads import checks, kept_rows, persons, relinks
from hub.leads.merging import fields, inquiries, rows
from hub.leads.models import (
    ActivityRow,
    ContactMailRow,
    ContactNumberRow,
    ContactRow,
    LeadRow,
    MergeRow,
    NoteRow,
    TaskRow,
)
from hub.leads.persons import telephone_key

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
    moved: dict[str, Any] = {"keys": keys, "fields": fields.join(kept, gone)}
    moved["absorbed"], moved["was_current"] = inquiries.one_current(session, kept.id, gone.id)
    moved["doubles"] = rows.drop_doubles(session, kept.id, gone.id)
    for table in MOVED:
        moved[table.__tablename__] = rows.move(session, table, gone.id, kept.id)
    moved["choices"] = rows.move_choices(session, gone.id, kept.id)
    moved["contacted"] = rows.move_contacted(session, gone.id, kept.id)
    moved["merges"] = rows.move_merges(session, gone.id, kept.id)
    row.moved = moved
    session.add(row)
    session.flush()
    session.execute(delete(ContactRow).where(ContactRow.id == gone.id).execution_options(**QUIET))
    session.expunge(gone)
    session.expire_all()
    relinks.ask(session, keys, now)  # their calls say which other cards they might have been
    return Outcome(
        row=row, contact_id=kept_id, leads=inquiries.instead(moved), changed=_subjects(moved, kept_id, gone_id)
    )


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
    back = kept_rows.restore(session, ContactRow, row.gone, origin=fields.free_origin(session, row.gone["origin"]))
    fields.part(kept, moved["fields"])
    for table in MOVED:
        rows.give_back(session, table, moved[table.__tablename__], kept.id, back.id)
    for table, name in ((ContactNumberRow, "contact_numbers"), (ContactMailRow, "contact_mails")):
        for dumped in moved["doubles"][name]:
            kept_rows.restore(session, table, dumped, contact_id=back.id)
    rows.choices_back(session, moved["choices"], kept.id, back.id)
    rows.contacted_back(session, moved["contacted"], kept.id, back.id)
    leads = inquiries.back(session, moved, kept.id, back.id)
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


def _subjects(moved: dict[str, Any], *cards: int, more_leads: Iterable[int] = ()) -> tuple[str, ...]:
    """What has to be told anew, what is gone too."""
    leads = {*moved["leads"], *moved["was_current"], *more_leads}
    if moved["absorbed"]:
        leads |= {moved["absorbed"]["into"], moved["absorbed"]["lead"]["id"]}
    named = {"contact": set(cards), "lead": leads, "task": set(moved["tasks"])}
    return tuple(f"{kind}:{each}" for kind, ids in named.items() for each in sorted(ids))
