"""The board's cards: which column, which place in it, how urgent, and when one leaves by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.reads.live import FRESH, Board, ChangeShape
from hub.reads.names import names
from hub.web.pages.people_in_calls import Speaker

LEAVES_AFTER = 20
"""Seconds an ended call or a closed task stays, with what came of it."""
NEWS_FOR = timedelta(minutes=1)
"""What was over longer ago is history and never was on this board."""
SOON = timedelta(minutes=5)
TALKING, OVER = 10**14, 2 * 10**14
"""Added to the milliseconds of a card's moment: ringing comes first, then talking, then what is over."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    word: str
    cards: list[Markup]
    icon: str
    empty: str
    empty_because: str


def columns(board: Board, drawing: "Drawing") -> list[Column]:
    calls = sorted(board.calls, key=call_order)
    return [
        Column(
            "now",
            gettext("Now"),
            [drawing.call(call) for call in calls],
            "phone",
            gettext("Nobody is calling"),
            gettext("A call appears here as soon as it rings."),
        ),
        Column(
            "return",
            gettext("To return"),
            [drawing.task(task) for task in board.tasks],
            "circle-check",
            gettext("Nothing to return"),
            gettext("A missed call stands here until somebody has talked with that number."),
        ),
        Column(
            "new",
            gettext("New today"),
            [drawing.lead(lead) for lead in board.leads],
            "star",
            gettext("No new leads today"),
            gettext("Whoever calls for the first time becomes a lead by himself and stands here."),
        ),
    ]


def call_order(call: Mapping[str, Any]) -> int:
    """Ringing first, and of these the longest first."""
    if call["state"] == "ringing":
        return _milliseconds(call["started_at"])
    if call["state"] == "talking":
        return TALKING + _milliseconds(call["answered_at"] or call["started_at"])
    return OVER + _milliseconds(call["ended_at"] or call["started_at"])


def _milliseconds(moment: str) -> int:
    return int(clock.parse_iso(moment).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws cards; knows the names of people and lines, and what time it is."""

    speaker: Speaker
    now: datetime

    @classmethod
    def of(cls, session: Session) -> "Drawing":
        return cls(Speaker(names(session)), clock.now())

    def change(self, change: ChangeShape) -> tuple[str, str]:
        """The event a change is: ``card`` with the card as it is now, or ``gone`` with the id of what must go."""
        kind, _, name = change["subject"].partition(":")
        draw = {"call": self._call_now, "task": self._task_now, "lead": self._lead_now}.get(kind)
        body = change["body"]
        card = draw(body) if draw and not change["type"].endswith((".withdrawn", ".removed")) else None
        return ("card", str(card)) if card else ("gone", f"{kind}-{name}")

    def _call_now(self, call: Mapping[str, Any]) -> Markup | None:
        return self.call(call) if self._is_news(call["ended_at"]) else None

    def _task_now(self, task: Mapping[str, Any]) -> Markup | None:
        missed = task["kind"] == "missed_call"
        return self.task(task) if missed and self._is_news(task["closed_at"]) else None

    def _lead_now(self, lead: Mapping[str, Any]) -> Markup | None:
        young = self.now - clock.parse_iso(lead["created_at"]) < FRESH
        return self.lead(lead) if lead["status"] == "new" and young else None

    def _is_news(self, ended_at: str | None) -> bool:
        return ended_at is None or self.now - clock.parse_iso(ended_at) < NEWS_FOR

    def call(self, call: Mapping[str, Any]) -> Markup:
        return self._card("live/call.html", call=call, order=call_order(call), whom=self.speaker.whom)

    def task(self, task: Mapping[str, Any]) -> Markup:
        """Due first stands first; what was closed stays at the end for a moment, with its proof."""
        due, first = clock.parse_iso(task["due_at"]), clock.parse_iso(task["first_at"])
        over = task["state"] == "closed"
        left = (due - self.now).total_seconds()
        return self._card(
            "live/task.html",
            task=task,
            order=_milliseconds(task["due_at"]) + (OVER if over else 0),
            urgency="over" if over else "late" if left <= 0 else "soon" if left < SOON.total_seconds() else "",
            span=max(1, int((due - first).total_seconds())),
            left=max(0, int(left)),
        )

    def lead(self, lead: Mapping[str, Any]) -> Markup:
        """The newest stands first."""
        order = -_milliseconds(lead["created_at"])
        return self._card("live/lead.html", lead=lead, order=order, lead_source=self.speaker.lead_source)

    def _card(self, template: str, **known: Any) -> Markup:
        speaker = self.speaker
        html = render_template(
            template, leaves=LEAVES_AFTER, line_name=speaker.line_name, user_name=speaker.user_name, **known
        )
        return Markup(html)  # noqa: S704 - drawn by our own template, which escapes
