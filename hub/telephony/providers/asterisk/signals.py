"""What can happen to a channel, in one vocabulary for every source: AMI events, CEL rows and CDR rows.

Signals are tuples, so their plain order is the canonical one: by time, then by `Verb`, then by content.
"""

from datetime import datetime
from enum import IntEnum, auto
from typing import NamedTuple


class Verb(IntEnum):
    """Their order settles what came first at the same instant."""

    QUEUED = auto()  # value: queue
    BORN = auto()  # about: Birth
    MARKED = auto()  # the PBX itself says what kind of call this channel made; value: inbound, outbound
    CALLER_ID = auto()  # about: number, name, presentation
    VARIABLE = auto()  # other: variable, value: value
    REACHED = auto()  # value: a short number the dial plan arrived at, other: context
    RAN = auto()  # value: application, other: its data
    ORIGINATED = auto()  # other: number to call afterwards, value: Success, Failure; `name` may lack its unique end
    TRANSFERRED = auto()  # a blind transfer by this channel; value: extension
    DIALLED = auto()  # other: the channel that dials, value: dial string, about: number dialled, number shown
    LISTED = auto()  # it was still there when the PBX was asked
    RINGING = auto()
    PICKED_UP = auto()  # other: channel of the one who picked up, value: its name
    UP = auto()
    ENTERED = auto()  # other: bridge
    HELD = auto()  # this channel put the other on hold
    UNHELD = auto()
    MUSIC = auto()  # this channel hears music
    QUIET = auto()
    ABANDONED = auto()
    UNQUEUED = auto()
    ASKED_TO_END = auto()  # this side hung up; value: one of TONES when the system made it after playing that
    DIAL_ENDED = auto()  # value: dial status
    LEFT = auto()  # other: bridge
    ENDED = auto()  # value: hangup cause


BUSY_TONE = "busy tone"
CONGESTION_TONE = "congestion tone"
TONES = frozenset({BUSY_TONE, CONGESTION_TONE})


class Birth(NamedTuple):
    """How a channel looked when it came to be."""

    context: str = ""
    exten: str = ""
    number: str = ""
    caller: str = ""
    state: str = ""


class Signal(NamedTuple):
    at: datetime
    verb: Verb
    channel: str
    name: str = ""
    linkedid: str = ""
    other: str = ""
    value: str = ""
    about: tuple[str, ...] = ()
