"""Queued in the same transaction as the fact; whoever tells the outside reads from here."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.crm.models import OutboxRow

NEWS = "outbox has news"


def enqueue(session: Session, *, type: str, subject: str, body: dict[str, Any], now: datetime) -> None:  # noqa: A002 - the word of the webhook standard
    """One message about `subject` (``call:0198…``): `type` (``call.ended``) and the full snapshot."""
    session.add(OutboxRow(type=type, subject=subject, body=body, created_at=now))
    session.info[NEWS] = True


def has_news(session: Session) -> bool:
    """Whether anything was queued in this session: only then is there anybody to wake."""
    return NEWS in session.info
