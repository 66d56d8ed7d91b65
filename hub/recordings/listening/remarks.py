"""What people say of a second of a recording: a comment, a tag, or both."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.domain.identity import clean
from hub.recordings.listening.models import RemarkRow

MAX_TEXT, MAX_TAG, MOST = 1000, 50, 200


def add(session: Session, row: RemarkRow, seconds: float | None) -> RemarkRow:
    """Keep a remark. Invalid: it says nothing, or of a second that is not there. Conflict: there are too many."""
    row.text = clean(row.text, MAX_TEXT + 1)
    row.tag = clean(row.tag, MAX_TAG + 1) or None
    if not row.text and row.tag is None:
        raise Invalid("write a comment or a tag", "text")
    if len(row.text) > MAX_TEXT:
        raise Invalid(f"a comment has at most {MAX_TEXT} characters", "text")
    if row.tag and len(row.tag) > MAX_TAG:
        raise Invalid(f"a tag has at most {MAX_TAG} characters", "tag")
    if not 0 <= row.second <= (seconds or 0) + 1:
        raise Invalid("this second is not in the recording", "second")
    there = select(func.count()).where(RemarkRow.recording_id == row.recording_id)
    if (session.scalar(there) or 0) >= MOST:
        raise Conflict(f"a recording has at most {MOST} comments")
    session.add(row)
    session.flush()
    return row


def drop(session: Session, recording_id: UUID, remark_id: int, user_id: int | None) -> RemarkRow:
    """Take one's own remark away. NotFound: there is none; Forbidden: it is somebody else's."""
    row = session.get(RemarkRow, remark_id)
    if row is None or row.recording_id != recording_id:
        raise NotFound("no such comment")
    if row.user_id != user_id:
        raise Forbidden("only whoever wrote a comment takes it away")
    session.delete(row)
    return row
