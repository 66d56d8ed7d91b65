"""Twilio's words for how far one of its calls (a leg, to everybody else) is, and ours."""

from enum import StrEnum

from hub.domain.calls import LegOutcome


class Step(StrEnum):
    """What has happened to a leg."""

    TRIED = "tried"
    RANG = "rang"
    PICKED_UP = "picked_up"
    ENDED = "ended"


ANSWERED = frozenset({"completed", "answered"})
"""How a leg that was picked up ended, a dialled one too."""
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
STEPS = {
    "queued": Step.TRIED,
    "initiated": Step.TRIED,
    "ringing": Step.RANG,
    "in-progress": Step.PICKED_UP,
    "answered": Step.PICKED_UP,
} | dict.fromkeys(OVER, Step.ENDED)
OUTCOMES = {
    "completed": LegOutcome.ANSWERED,
    "answered": LegOutcome.ANSWERED,
    "busy": LegOutcome.BUSY,
    "canceled": LegOutcome.CANCELLED,
}
"""Of our phones; the rest (`no-answer`, `failed`) is no answer."""
