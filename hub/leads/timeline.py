"""The timeline of a card: one entry for each subject, on one card, saying why it is there."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.leads.models import ActivityRow
from hub.storage.database import upsert


def record(session: Session, contact_id: int, kind: str, subject: str, *, at: datetime, why: str = "") -> None:
    """Have this entry on this card and no other; the same again changes nothing."""
    values = {"contact_id": contact_id, "at": at, "why": why}
    entry = session.scalars(
        select(ActivityRow).where(ActivityRow.kind == kind, ActivityRow.subject == subject).limit(1)
    ).one_or_none()
    if entry is None:
        row = upsert(session, ActivityRow).values(kind=kind, subject=subject, **values)
        session.execute(row.on_conflict_do_nothing(index_elements=["contact_id", "kind", "subject"]))
        return
    entry.contact_id, entry.at, entry.why = contact_id, at, why


def remove(session: Session, kind: str, subject: str) -> None:
    session.execute(delete(ActivityRow).where(ActivityRow.kind == kind, ActivityRow.subject == subject))
