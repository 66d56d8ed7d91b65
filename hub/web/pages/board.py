"""The board's columns: what stands in them, and what they say when nothing does."""

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from hub.reads.live import Board
from hub.web.pages.drawing import Drawing, call_order


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    word: str
    cards: list[Markup]
    icon: str
    empty: str
    empty_because: str


def columns(board: Board, drawing: Drawing) -> list[Column]:
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
