"""Rows that name a card: moved to the other one, and given back as far as they are still there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from hub.leads import kept_rows
from hub.leads.models import ActivityRow, ChoiceRow, ContactedRow, ContactMailRow, ContactNumberRow, MergeRow

QUIET = {"synchronize_session": False}


def drop_doubles(session: Session, kept_id: int, gone_id: int) -> dict[str, list[dict[str, Any]]]:
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


def move(session: Session, table: type[Any], gone_id: int, kept_id: int) -> list[int]:
    """All rows of this table that stand on the card that goes; their ids."""
    ids = list(session.scalars(select(table.id).where(table.contact_id == gone_id).order_by(table.id)))
    whole = update(table).where(table.contact_id == gone_id).values(contact_id=kept_id)
    session.execute(whole.execution_options(**QUIET))
    return ids


def give_back(session: Session, table: type[Any], ids: Sequence[int], kept_id: int, back_id: int) -> None:
    """Those of them that are still where they were moved to."""
    for some in kept_rows.steps(ids):
        still = (table.id.in_(some), table.contact_id == kept_id)
        session.execute(update(table).where(*still).values(contact_id=back_id).execution_options(**QUIET))


def move_choices(session: Session, gone_id: int, kept_id: int) -> list[list[str]]:
    """A person's word that a number is this card's is now a word about the other; with when it was said."""
    chosen = select(ChoiceRow.e164, ChoiceRow.chosen_at).where(ChoiceRow.contact_id == gone_id)
    said = [[e164, at.isoformat()] for e164, at in session.execute(chosen)]
    moving = update(ChoiceRow).where(ChoiceRow.contact_id == gone_id).values(contact_id=kept_id)
    session.execute(moving.execution_options(**QUIET))
    return said


def choices_back(session: Session, said: Iterable[Sequence[str]], kept_id: int, back_id: int) -> None:
    """Unless somebody has said it anew since."""
    for e164, at in said:
        same = (ChoiceRow.e164 == e164, ChoiceRow.contact_id == kept_id)
        still = (*same, ChoiceRow.chosen_at == datetime.fromisoformat(at))
        session.execute(update(ChoiceRow).where(*still).values(contact_id=back_id).execution_options(**QUIET))


def move_contacted(session: Session, gone_id: int, kept_id: int) -> list[list[str]]:
    """What Hub was told of the card's contacts is told of the other from now on; channel and subject of each."""
    mine = ContactedRow.contact_id == gone_id
    told = [[channel, subject] for channel, subject in session.execute(_contacted().where(mine))]
    session.execute(update(ContactedRow).where(mine).values(contact_id=kept_id).execution_options(**QUIET))
    return told


def _contacted() -> Any:
    return select(ContactedRow.channel, ContactedRow.subject).order_by(ContactedRow.channel, ContactedRow.subject)


def contacted_back(session: Session, told: Sequence[Sequence[str]], kept_id: int, back_id: int) -> None:
    """The same, the other way."""
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


def move_merges(session: Session, gone_id: int, kept_id: int) -> list[int]:
    """Cards that were merged into the one that goes can still be parted: from the card that stays."""
    ids = list(session.scalars(select(MergeRow.id).where(MergeRow.kept_id == gone_id)))
    moving = update(MergeRow).where(MergeRow.kept_id == gone_id).values(kept_id=kept_id)
    session.execute(moving.execution_options(**QUIET))
    return ids
