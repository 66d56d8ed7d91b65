"""What may stand in a field a person fills in; everything else is refused with the field's name."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.domain.errors import Invalid, NotFound
from hub.domain.identity import clean
from hub.leads.models import ContactRow, LeadRow, TaskRow

Row = TypeVar("Row", ContactRow, LeadRow, TaskRow)
WORDS = {ContactRow: "card", LeadRow: "lead", TaskRow: "task"}


def line_of_text(value: str | None, field: str, limit: int) -> str | None:
    """Cleaned text of at most `limit` characters; None when there is nothing in it."""
    text = clean(value, limit + 1)
    if len(text) > limit:
        raise Invalid(f"at most {limit} characters", field)
    return text or None


def paragraphs(value: str | None, field: str, limit: int) -> str | None:
    """Like `line_of_text`, but its lines stay lines."""
    lines = (clean(line, limit + 1) for line in (value or "").splitlines())
    text = "\n".join(lines).strip()
    if len(text) > limit:
        raise Invalid(f"at most {limit} characters", field)
    return text or None


def needed(value: str | None, field: str, limit: int) -> str:
    text = line_of_text(value, field, limit)
    if text is None:
        raise Invalid("may not be empty", field)
    return text


def aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise Invalid("a time needs its offset from UTC", field)
    return moment


def held(session: Session, table: type[Row], row_id: int) -> Row:
    """The row as it stands now, ours until the transaction ends; NotFound when there is none."""
    row = session.get(table, row_id, populate_existing=True, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"no such {WORDS[table]}")
    return row


def write(session: Session) -> None:
    """Send to the database what was set; it knows the users, and says when an owner is none."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid("no such user", "owner_id") from error
