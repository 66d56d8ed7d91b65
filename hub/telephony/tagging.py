"""Words people put on calls."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.telephony.models import CallRow, TagRow


def tag(session: Session, row: CallRow, words: Sequence[str]) -> None:
    """The call has exactly these words, in this order."""
    row.tags = list(dict.fromkeys(words))
    place(session, row)


def place(session: Session, row: CallRow) -> None:
    """Make the call findable by its words, at the moment it began."""
    session.execute(delete(TagRow).where(TagRow.call_id == row.id))
    session.add_all(TagRow(call_id=row.id, tag=word, started_at=row.started_at) for word in row.tags)
