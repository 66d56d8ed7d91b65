"""The score card beside a recording, and the questions administrators put on it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict, Invalid
from hub.reads import reviews
from hub.reads.reviews import GradingShape
from hub.recordings.listening import grading
from hub.recordings.listening.grading import MAX_QUESTION, MAX_QUESTIONS, Asked
from hub.recordings.listening.models import QuestionRow
from hub.web import acts_listening
from hub.web.auth import needs, viewer
from hub.web.pages.clients import back
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings.sections import page
from hub.web.pages.told import tell

GRADE = Permission.RECORDINGS_GRADE
STEPS = (0, 25, 50, 75, 100)
BLANKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The score card of one recording: the questions, what I answered, what everybody said that I may read."""

    questions: Sequence[QuestionRow]
    mine: GradingShape | None
    all: Sequence[GradingShape]
    people: Sequence[tuple[int, str]]
    may_grade: bool

    @property
    def points(self) -> Mapping[int, int | None]:
        return {each["question_id"]: each["points"] for each in self.mine["answers"]} if self.mine else {}


def card(session: Session, recording_id: str, people: Sequence[tuple[int, str]]) -> Card:
    """`people`: who of ours talked, by id and name; the first of them is graded unless another is chosen."""
    found = reviews.gradings(session, viewer(), UUID(recording_id))
    asks = viewer()
    return Card(
        questions=grading.questions(session),
        mine=next((each for each in found if each["reviewer_id"] == asks.user_id), None),
        all=found,
        people=[(user, name) for user, name in people if user != asks.user_id],
        may_grade=asks.can(GRADE) and asks.user_id is not None,
    )


@pages.post("/recordings/<uuid:recording_id>/grading", endpoint="recording_grade")
@needs(GRADE)
def grade(recording_id: UUID) -> Response:
    """The whole card; again, it is changed."""
    form = request.form
    graded = form.get("graded", "")
    try:
        score = acts_listening.grade(
            desk(),
            recording_id,
            int(graded) if re.fullmatch("[0-9]{1,9}", graded) else None,
            _points(),
            form.get("note", ""),
        )
        flash(gettext("Graded: %(score)s of 100.", score=score))
    except (Invalid, Conflict) as error:
        flash(tell(str(error)))
    return back(None)


def _points() -> Mapping[int, int | None]:
    """By question: its points, None where it does not apply; what is no answer is none."""
    found: dict[int, int | None] = {}
    for name, text in request.form.items():
        if re.fullmatch("question-[0-9]{1,9}", name) and re.fullmatch("[0-9]{1,3}|none", text):
            found[int(name.removeprefix("question-"))] = None if text == "none" else int(text)
    return found


@pages.get("/settings/score-card", endpoint="settings_score_card")
@needs(Permission.RULES_WRITE)
def questions() -> str:
    with hub().reading() as session:
        asked = [Asked(id=row.id, text=row.text, weight=row.weight) for row in grading.questions(session)]
    return _sheet(asked)


@pages.post("/settings/score-card", endpoint="settings_keep_score_card")
@needs(Permission.RULES_WRITE)
def keep() -> Response | tuple[str, int]:
    asked = _asked()
    try:
        acts_listening.keep_score_card(desk(), asked)
    except Invalid as error:
        return _sheet(asked, tell(str(error))), 422
    flash(gettext("The score card is saved"))
    return redirect(url_for("pages.settings_score_card"), 303)


def _asked() -> list[Asked]:
    """The rows of the form; one without words is taken off."""
    form = request.form
    rows = zip(form.getlist("id"), form.getlist("text"), form.getlist("weight"), strict=False)
    return [
        Asked(
            id=int(known) if re.fullmatch("[0-9]{1,9}", known) else None,
            text=text[: MAX_QUESTION + 1],
            weight=int(weight) if re.fullmatch("[0-9]{1,3}", weight) else 0,
        )
        for known, text, weight in rows
        if text.strip()
    ]


def _sheet(asked: Sequence[Asked], problem: str = "") -> str:
    blanks = min(BLANKS, MAX_QUESTIONS - len(asked))
    rows = [*asked, *(Asked(id=None, text="", weight=1) for _ in range(blanks))]
    return page("score_card", rows=rows, problem=problem, longest=MAX_QUESTION)
