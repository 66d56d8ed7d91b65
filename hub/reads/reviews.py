"""What is said of recordings: remarks at their seconds, and gradings for those who may read them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.people.models import UserRow
from hub.reads.shapes.common import Id, Moment, Seconds
from hub.recordings.listening.models import GradingRow, RemarkRow


class RemarkShape(TypedDict):
    """What somebody says of a second of a recording."""

    id: Id
    second: Seconds
    text: str
    tag: str | None
    user_id: Id | None
    who: str | None
    created_at: Moment


class AnswerShape(TypedDict):
    """A question of the score card as it was then; `points` null: it did not apply."""

    question_id: Id
    text: str
    weight: int
    points: int | None


class GradingShape(TypedDict):
    """How a reviewer graded a talk."""

    id: Id
    reviewer_id: Id
    reviewer: str | None
    graded_id: Id | None
    score: int
    answers: list[AnswerShape]
    note: str
    changed_at: Moment


def remarks(session: Session, recording_id: UUID) -> list[RemarkShape]:
    """What is said of its seconds, in their order; the recording is in sight already."""
    mine = select(RemarkRow, UserRow.name).outerjoin(UserRow, UserRow.id == RemarkRow.user_id)
    rows = session.execute(
        mine.where(RemarkRow.recording_id == recording_id).order_by(RemarkRow.second, RemarkRow.id)
    ).all()
    return [_remark(row, who) for row, who in rows]


def _remark(row: RemarkRow, who: str | None) -> RemarkShape:
    return {
        "id": row.id,
        "second": round(row.second, 1),
        "text": row.text,
        "tag": row.tag,
        "user_id": row.user_id,
        "who": who,
        "created_at": clock.iso(row.created_at),
    }


def gradings(session: Session, viewer: Viewer, recording_id: UUID) -> list[GradingShape]:
    """How a recording was graded: all of it for those who grade, for others what is said of their own talk."""
    mine = select(GradingRow, UserRow.name).outerjoin(UserRow, UserRow.id == GradingRow.reviewer_id)
    mine = mine.where(GradingRow.recording_id == recording_id)
    if not viewer.can(Permission.RECORDINGS_GRADE) and not viewer.client:
        mine = mine.where(GradingRow.graded_id == viewer.user_id)
    return [_grading(row, who) for row, who in session.execute(mine.order_by(GradingRow.id))]


def _grading(row: GradingRow, who: str | None) -> GradingShape:
    answers: list[AnswerShape] = [
        {"question_id": each["question_id"], "text": each["text"], "weight": each["weight"], "points": each["points"]}
        for each in row.answers
    ]
    return {
        "id": row.id,
        "reviewer_id": row.reviewer_id,
        "reviewer": who,
        "graded_id": row.graded_id,
        "score": row.score,
        "answers": answers,
        "note": row.note,
        "changed_at": clock.iso(row.changed_at),
    }
