"""Who did what to something of late, as the journal has it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.people.models import JournalRow

LATELY = 2000
"""Entries looked back at: the journal has no other way in than its end."""


@dataclass(frozen=True, slots=True)
class Deed:
    user_id: int | None
    at: datetime


def last(session: Session, action: str, subject: str) -> Deed | None:
    """Who did this last, when it was not long ago."""
    newest = session.scalar(select(func.max(JournalRow.id))) or 0
    mine = select(JournalRow.user_id, JournalRow.at).where(
        JournalRow.id > newest - LATELY, JournalRow.action == action, JournalRow.subject == subject
    )
    row = session.execute(mine.order_by(JournalRow.id.desc()).limit(1)).one_or_none()
    return None if row is None else Deed(row.user_id, row.at)
