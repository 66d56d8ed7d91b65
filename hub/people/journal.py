"""Who changed what; append only."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.domain.access import Viewer
from hub.people.models import JournalRow


def append(session: Session, by: Viewer, action: str, subject: str, now: datetime, **detail: object) -> None:
    """`by` did `action` (``user.changed``) to `subject` (``user:7``). No secrets and no bodies in `detail`."""
    session.add(JournalRow(at=now, user_id=by.user_id, action=action, subject=subject, detail=detail))
