"""The score card: questions with weights, and one grading of a recording by each reviewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Invalid
from hub.domain.identity import clean
from hub.recordings.listening.models import GradingRow, QuestionRow
from hub.storage.database import upsert

MAX_QUESTIONS, MAX_QUESTION, MAX_WEIGHT, MAX_NOTE = 30, 300, 10, 1000


class Answer(TypedDict):
    """One question as it was then, and its points (0 to 100); None: it does not apply."""

    question_id: int
    text: str
    weight: int
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the score card has it; `id` None: a new one."""

    id: int | None
    text: str
    weight: int


def questions(session: Session) -> Sequence[QuestionRow]:
    """The score card, in its order."""
    return session.scalars(
        select(QuestionRow).where(QuestionRow.active).order_by(QuestionRow.position, QuestionRow.id)
    ).all()


def keep(session: Session, asked: Sequence[Asked]) -> None:
    """This is the score card from now on; what is not on it any more is taken off. Gradings keep what they answered.

    A question whose words change is another one.
    """
    rows = {row.id: row for row in questions(session)}
    if len(asked) > MAX_QUESTIONS:
        raise Invalid(f"at most {MAX_QUESTIONS} questions", "text")
    for row in rows.values():
        row.active = False
    for position, one in enumerate(asked):
        _place(session, rows.get(one.id or 0), one, position)


def _place(session: Session, row: QuestionRow | None, one: Asked, position: int) -> None:
    text = clean(one.text, MAX_QUESTION + 1)
    if not 0 < len(text) <= MAX_QUESTION:
        raise Invalid(f"a question has 1 to {MAX_QUESTION} characters", "text")
    if not 1 <= one.weight <= MAX_WEIGHT:
        raise Invalid(f"a weight is 1 to {MAX_WEIGHT}", "weight")
    if row is None or row.text != text:
        session.add(QuestionRow(position=position, text=text, weight=one.weight, active=True))
    else:
        row.position, row.weight, row.active = position, one.weight, True


def answers(asked: Sequence[QuestionRow], points: Mapping[int, int | None]) -> list[Answer]:
    """The score card, answered. Invalid: not every question is, or with points there are none of."""
    found: list[Answer] = []
    for row in asked:
        given = points.get(row.id, -1)
        if given is not None and not 0 <= given <= 100:
            raise Invalid("each question takes 0 to 100 points", f"question-{row.id}")
        found.append({"question_id": row.id, "text": row.text, "weight": row.weight, "points": given})
    return found


def score(given: Sequence[Answer]) -> int:
    """0 to 100 by the weights; Invalid when no question applies."""
    counted = [(each["points"], each["weight"]) for each in given if each["points"] is not None]
    if not counted:
        raise Invalid("answer one question at least", "points")
    return round(sum(points * weight for points, weight in counted) / sum(weight for _, weight in counted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What a reviewer says of a talk; `graded_id`: whose talk it is."""

    recording_id: UUID
    reviewer_id: int
    graded_id: int | None
    answers: Sequence[Answer]
    note: str


def grade(session: Session, said: Grading, now: datetime) -> int:
    """Keep it; the same reviewer again changes it. The score. Conflict: nobody grades oneself."""
    if said.graded_id == said.reviewer_id:
        raise Conflict("nobody grades their own talk")
    note = clean(said.note, MAX_NOTE + 1)
    if len(note) > MAX_NOTE:
        raise Invalid(f"a note has at most {MAX_NOTE} characters", "note")
    points = score(said.answers)
    told: dict[str, Any] = {"graded_id": said.graded_id, "score": points, "answers": list(said.answers)}
    told |= {"note": note, "changed_at": now}
    row = upsert(session, GradingRow).values(
        recording_id=said.recording_id, reviewer_id=said.reviewer_id, created_at=now, **told
    )
    session.execute(row.on_conflict_do_update(index_elements=["recording_id", "reviewer_id"], set_=told))
    return points


def mean(session: Session, recording_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """The mean score of each recording that was graded."""
    rows = (
        select(GradingRow.recording_id, func.avg(GradingRow.score))
        .where(GradingRow.recording_id.in_(recording_ids))
        .group_by(GradingRow.recording_id)
    )
    return {recording_id: round(value) for recording_id, value in session.execute(rows)}
