"""What a disposition means while nobody talked."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.calls import Direction, LegOutcome, Outcome, Party

ANSWERED = "answered"
ONLY_A_MENU = "nobody picked up, only a menu"


@dataclass(frozen=True, slots=True)
class Cause:
    """Who ended it, the outcome where one of ours called, the reason either way, and how a phone that rang fared."""

    by: Party | None = None
    outbound: Outcome = Outcome.NO_ANSWER
    inbound_reason: str | None = None
    outbound_reason: str | None = None
    leg: LegOutcome = LegOutcome.NO_ANSWER


_LIMIT = Cause(Party.SYSTEM, Outcome.FAILED, "the account's money or limit is used up", "money or limit is used up")
_FAILED = Cause(Party.SYSTEM, Outcome.FAILED, "the call failed", "the call failed")
_CAUSES: Mapping[str, Cause] = {
    "busy": Cause(None, Outcome.BUSY, "phone busy", "busy", LegOutcome.BUSY),
    "no answer": Cause(Party.SYSTEM, Outcome.NO_ANSWER, "ring timeout", "no answer"),
    "failed": _FAILED,
    "call failed": _FAILED,
    "unallocated number": Cause(Party.SYSTEM, Outcome.FAILED, "no such number", "no such number"),
    "no money": _LIMIT,
    "no limit": _LIMIT,
    "no day limit": _LIMIT,
    "line limit": Cause(Party.SYSTEM, Outcome.FAILED, "all lines are taken", "all lines are taken"),
    "no money, no limit": _LIMIT,
}
_GAVE_UP = {
    Direction.INBOUND: Cause(Party.CLIENT, Outcome.CANCELLED, "caller gave up", None, LegOutcome.CANCELLED),
    Direction.OUTBOUND: Cause(Party.US, Outcome.CANCELLED, None, "we gave up"),
    Direction.INTERNAL: Cause(Party.US, Outcome.CANCELLED, None, "we gave up", LegOutcome.CANCELLED),
}
"""`cancel`: whoever called did not wait for an answer."""
_MENU = Cause(None, Outcome.NO_ANSWER, ONLY_A_MENU, None)


def is_answered(disposition: str) -> bool:
    return _plain(disposition) == ANSWERED


def cause(disposition: str, direction: Direction) -> Cause:
    """A word nobody knows says nothing but that it is over."""
    word = _plain(disposition)
    if word == "cancel":
        return _GAVE_UP[direction]
    return _MENU if word == ANSWERED else _CAUSES.get(word, Cause())


def _plain(disposition: str) -> str:
    return disposition.strip().lower().replace("_", " ")
