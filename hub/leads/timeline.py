"""The timeline of a card: one entry for each subject, on one card, saying why it is there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.leads.models import ActivityRow
from hub.storage.database import upsert


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` and `subject` name what is entered: a call, form, mail, lead, task or note by its id."""

    kind: str
    subject: str
    at: datetime
    why: str = ""


def add(session: Session, contact_id: int, entry: Entry) -> None:
    """Enter something that is on no card yet."""
    values = {"kind": entry.kind, "subject": entry.subject, "at": entry.at, "why": entry.why}
    row = upsert(session, ActivityRow).values(contact_id=contact_id, **values)
    session.execute(row.on_conflict_do_nothing(index_elements=["contact_id", "kind", "subject"]))


def record(session: Session, contact_id: int, entry: Entry) -> None:
    """Have this entry on this card and no other; the same again changes nothing."""
    mine = (ActivityRow.kind == entry.kind, ActivityRow.subject == entry.subject)
    row = session.scalars(select(ActivityRow).where(*mine).limit(1)).one_or_none()
    if row is None:
        add(session, contact_id, entry)
    else:
        row.contact_id, row.at, row.why = contact_id, entry.at, entry.why


def remove(session: Session, kind: str, subject: str) -> None:
    session.execute(delete(ActivityRow).where(ActivityRow.kind == kind, ActivityRow.subject == subject))
