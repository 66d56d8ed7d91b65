"""The board's cards, drawn: which column, which place in it, how urgent, and when one leaves by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.reads import previews
from hub.reads.live import FRESH, Board, ChangeShape
from hub.reads.names import names
from hub.reads.previews import FreshLead, Preview
from hub.reads.shapes import CallShape
from hub.web.pages import preview_words, words
from hub.web.pages.people_in_calls import Speaker

LEAVES_AFTER = 20
"""Seconds an ended call or a closed task stays, with what came of it."""
NEWS_FOR = timedelta(minutes=1)
"""What was over longer ago is history and never was on this board."""
SOON = timedelta(minutes=5)
TALKING, OVER = 10**14, 2 * 10**14
"""Added to the milliseconds of a card's moment: ringing comes first, then talking, then what is over."""
Shapes = Iterable[Mapping[str, Any]]


def call_order(call: Mapping[str, Any]) -> int:
    """Ringing first, and of these the longest first."""
    if call["state"] == "ringing":
        return _milliseconds(call["started_at"])
    if call["state"] == "talking":
        return TALKING + _milliseconds(call["answered_at"] or call["started_at"])
    return OVER + _milliseconds(call["ended_at"] or call["started_at"])


def _milliseconds(moment: str) -> int:
    return int(clock.parse_iso(moment).timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Draws cards for one viewer; knows what stands on them beside the shapes themselves, and what time it is.

    `bare`: for a board on the wall, which nobody can press anything on.
    """

    viewer: Viewer
    speaker: Speaker
    now: datetime
    previews: Mapping[str, Preview]
    proofs: Mapping[str, CallShape]
    fresh: Mapping[int, FreshLead]
    bare: bool = False

    @classmethod
    def of(
        cls,
        session: Session,
        viewer: Viewer,
        calls: Shapes = (),
        tasks: Shapes = (),
        leads: Shapes = (),
        *,
        bare: bool = False,
    ) -> "Drawing":
        """Everything that will be drawn is asked about together."""
        return cls(
            viewer=viewer,
            speaker=Speaker(names(session)),
            now=clock.now(),
            previews=previews.previews(session, viewer, [call for call in calls if call["state"] != "ended"]),
            proofs=previews.proofs(session, viewer, tasks),
            fresh=previews.fresh(session, list(leads)),
            bare=bare,
        )

    @classmethod
    def of_board(cls, session: Session, viewer: Viewer, board: Board, *, bare: bool = False) -> "Drawing":
        return cls.of(session, viewer, board.calls, board.tasks, board.leads, bare=bare)

    @classmethod
    def of_changes(
        cls, session: Session, viewer: Viewer, changes: Iterable[ChangeShape], *, bare: bool = False
    ) -> "Drawing":
        told = [change for change in changes if not _is_gone(change)]
        bodies = {kind: [each["body"] for each in told if _kind(each) == kind] for kind in ("call", "task", "lead")}
        return cls.of(session, viewer, bodies["call"], bodies["task"], bodies["lead"], bare=bare)

    def change(self, change: ChangeShape) -> tuple[str, str]:
        """The event a change is: ``card`` with the card as it is now, or ``gone`` with the id of what must go."""
        kind, _, name = change["subject"].partition(":")
        draw = {"call": self._call_now, "task": self._task_now, "lead": self._lead_now}.get(kind)
        card = draw(change["body"]) if draw and not _is_gone(change) else None
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
        return self._card("live/call.html", call=call, order=call_order(call), **self.known(call))

    def known(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Who calls, as far as it is known: what a card of the board and a notice of one's own call both tell."""
        known = self.previews.get(call["id"], previews.NOTHING)
        chosen = call["contact"]["id"] if call["contact"] else None
        several = len(known.cards) > 1 or (chosen is None and bool(known.cards))
        return {
            "card": next((card for card in known.cards if card.id == chosen), None),
            "choices": known.cards if several and not known.settled else (),
            "last_contact": preview_words.last_contact(known.earlier, self.speaker),
            "country": preview_words.country(call["external_number"]),
            "whom": self.speaker.whom_now(call),
            "reasons": lambda card: preview_words.reasons(card, self.speaker),
            "may_choose": self.viewer.can(Permission.CALLS_LINK) and not self.bare,
        }

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
            proof=self._proof(task) if over else "",
            mine=task["owner_id"] == self.viewer.user_id,
            may_work=self.viewer.can(Permission.TASKS_WRITE) and not self.bare,
        )

    def _proof(self, task: Mapping[str, Any]) -> str:
        """What closed it: ``talked 2:14 with Anna, 10:42``, or the reason somebody stated."""
        if not task["proof"]:
            who = self.speaker.user_name(task["closed_by"])
            return f"{task['close_reason']} · {who}" if who else str(task["close_reason"])
        talk = self.proofs.get(task["proof"])
        if talk is None:
            return gettext("Done: they have talked")
        return preview_words.proof(talk, self.speaker)

    def lead(self, lead: Mapping[str, Any]) -> Markup:
        """The newest stands first."""
        told = self.fresh.get(lead["id"], FreshLead())
        return self._card(
            "live/lead.html",
            lead=lead,
            order=-_milliseconds(lead["created_at"]),
            lead_source=self.speaker.lead_source,
            company=told.company,
            answered_after=self._answered_after(lead, told),
            may_edit=self.viewer.can(Permission.LEADS_WRITE) and not self.bare,
        )

    def _answered_after(self, lead: Mapping[str, Any], told: FreshLead) -> str | None:
        """How soon somebody talked with them; None while nobody has."""
        if told.answered_at is None:
            return None
        took = (told.answered_at - clock.parse_iso(lead["created_at"])).total_seconds()
        return words.duration(took).replace("–", "0:00")

    def _card(self, template: str, **known: Any) -> Markup:
        speaker = self.speaker
        html = render_template(
            template,
            leaves=LEAVES_AFTER,
            bare=self.bare,
            line_name=speaker.line_name,
            user_name=speaker.user_name,
            **known,
        )
        return Markup(html)  # noqa: S704 - drawn by our own template, which escapes


def _kind(change: ChangeShape) -> str:
    return change["subject"].partition(":")[0]


def _is_gone(change: ChangeShape) -> bool:
    return change["type"].endswith((".withdrawn", ".removed"))
