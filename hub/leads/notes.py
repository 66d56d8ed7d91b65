"""Notes on a card: what people write down themselves."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.domain.errors import Invalid
from hub.leads import checks, timeline
from hub.leads.models import ContactRow, NoteRow
from hub.leads.timeline import Entry
from hub.storage.database import upsert

MAX_TEXT = 4000
KEY = re.compile(r"[\x21-\x7e]{1,100}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """`key`: the same key again is the same note."""

    contact_id: int
    user_id: int | None
    text: str
    key: str


def add(session: Session, note: NewNote, now: datetime) -> None:
    """Write a note on its card and its line of time; Invalid when there is nothing to write."""
    if not KEY.fullmatch(note.key):
        raise Invalid("expected 1 to 100 printable characters without spaces", "key")
    text = _CONTROL.sub("\ufffd", note.text.replace("\r\n", "\n")).strip()
    if not 0 < len(text) <= MAX_TEXT:
        raise Invalid(f"a note has 1 to {MAX_TEXT} characters", "text")
    row = upsert(session, NoteRow).values(
        key=note.key, contact_id=note.contact_id, user_id=note.user_id, text=text, at=now
    )
    once = row.on_conflict_do_nothing(index_elements=["key"])
    if (written := session.scalar(once.returning(NoteRow.id))) is not None:
        checks.held(session, ContactRow, note.contact_id).stand_in = False
        timeline.add(session, note.contact_id, Entry("note", str(written), now))
