"""How far a click on a number is, in words: the state, the steps on the way, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from hub.domain import clock
from hub.web.pages import words

PATIENCE = timedelta(seconds=90)
"""Longer than a phone rings, so that a call that began is known by then."""
STEPS: Mapping[str, LazyString] = {
    "calling_you": lazy_gettext("Calling you"),
    "calling_client": lazy_gettext("Calling the client"),
    "talking": lazy_gettext("Talking"),
    "ended": lazy_gettext("Ended"),
}


@dataclass(frozen=True, slots=True)
class State:
    """How far a click is: the words, the step it stands on, whether it goes on from here, the tone of the words."""

    name: str
    words: LazyString
    step: int = 0
    over: bool = False
    tone: str = ""


_ALL = (
    State("asked", lazy_gettext("Asking the phone system…")),
    State("calling_you", lazy_gettext("Calling you: pick up your phone")),
    State("calling_client", lazy_gettext("Calling the client…"), 1),
    State("talking", lazy_gettext("Talking"), 2, tone="good"),
    State("ended", lazy_gettext("Ended"), 3, over=True),
    State("silent", lazy_gettext("The phone system has said nothing more of this call"), over=True, tone="bad"),
    State("cancelled", lazy_gettext("Taken back"), over=True),
    State("refused", lazy_gettext("Not called"), over=True, tone="bad"),
)
STATES: Mapping[str, State] = {state.name: state for state in _ALL}


def state_of(view: Mapping[str, Any]) -> State:
    return STATES["silent" if _forgotten(view) else view["state"]]


def _forgotten(view: Mapping[str, Any]) -> bool:
    """Asked for long ago, and no call has come of it: nobody waits any longer."""
    if view["state"] in ("refused", "cancelled") or view["call_id"]:
        return False
    return clock.now() - clock.parse_iso(view["created_at"]) > PATIENCE


def outcome(view: Mapping[str, Any]) -> str:
    """How a call that was asked for ended, ``Ended: talked 2:14``."""
    told = {
        "answered": gettext("Ended: talked %(time)s", time=words.duration(max(view["talk_seconds"], 1.0))),
        "voicemail": gettext("Ended: only a voicemail answered"),
        "no_answer": gettext("Ended: the client did not answer"),
        "busy": gettext("Ended: the client's line is busy"),
        "rejected": gettext("Ended: the client declined"),
        "failed": gettext("Ended: the call could not be put through"),
        "cancelled": gettext("Ended: hung up before anybody talked"),
    }
    return told.get(view["outcome"] or "", gettext("Ended"))
