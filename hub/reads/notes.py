"""What is written on cards."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.leads.models import NoteRow
from hub.reads.shapes import Id


class NoteShape(TypedDict):
    text: str
    user_id: Id | None


def notes(session: Session, ids: Sequence[str]) -> Mapping[str, NoteShape]:
    """Notes by their id as the line of time says it; whoever sees the card sees what is written on it."""
    chosen = select(NoteRow).where(NoteRow.id.in_([int(each) for each in ids]))
    return {str(row.id): {"text": row.text, "user_id": row.user_id} for row in session.scalars(chosen)} if ids else {}
